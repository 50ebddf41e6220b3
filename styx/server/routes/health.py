"""What monitoring asks."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

import styx
from styx.api.messages import Health
from styx.api.states import STATES
from styx.server.problem import documented
from styx.server.routes.parts import Reader, TheHub

router = APIRouter(tags=["monitoring"])
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus's text format."}
}


@router.get("/healthz", responses=documented(503))
async def healthz(hub: TheHub) -> Health:
    """Say that the server can write and read its database; it needs no token."""
    await hub.prove_health()
    return Health(status="ok", version=styx.__version__)


@router.get("/metrics", response_class=PlainTextResponse, responses={**_TEXT, **documented(401, 403, 503)})
async def metrics(hub: TheHub, _: Reader) -> PlainTextResponse:
    """Tell how many tasks are in which state, how many agents live, and what this server has done."""
    counts = {row["state"]: row["tasks"] for row in await hub.database.read(lambda s: s.rows("counts"))}
    agents = await hub.database.read(lambda session: session.rows("agents"))
    lines = ["# TYPE styx_tasks gauge"]
    lines += [f'styx_tasks{{state="{state}"}} {counts.get(state, 0)}' for state in STATES]
    alive = sum(row["silent_s"] < hub.lease_s for row in agents)
    lines += ["# TYPE styx_agents_alive gauge", f"styx_agents_alive {alive}"]
    name = ""
    for (metric, label), count in sorted(hub.counted.items()):
        if metric != name:
            name = metric
            lines.append(f"# TYPE {metric} counter")
        lines.append(f"{metric}{{{label}}} {count}" if label else f"{metric} {count}")
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")
