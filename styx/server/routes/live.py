"""What happens, as it happens: for the page, and what agents tell for it alone."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from styx.api.live import AgentClusters
from styx.server.guard import refuse_for_other
from styx.server.problem import documented
from styx.server.routes.parts import Agent, Reader, TheHub

router = APIRouter(prefix="/api/v1", tags=["live"], responses=documented(401, 403, 422, 503))

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {}}},
        "description": "Events `change`; each says what is new since the one before.",
    }
}


@router.get("/live", response_class=StreamingResponse, responses=_EVENTS)
async def live(hub: TheHub, caller: Reader, follow: bool = True) -> StreamingResponse:
    """Send tasks, agents and counts as server-sent events: all that the page shows, then each change of it."""
    await hub.live.view()  # what is wrong is said before the stream begins
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = hub.live.events(caller.role, follow=follow)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.post("/agents/clusters", responses=documented(400, 413))
async def tell_clusters(body: AgentClusters, hub: TheHub, caller: Agent) -> AgentClusters:
    """Say which clusters an agent has; those that it told before and does not now are gone."""
    refuse_for_other(caller, body.agent)
    clusters = json.dumps([one.model_dump(mode="json") for one in body.clusters])
    await hub.database.write(lambda session: session.rows("set_clusters", name=body.agent, clusters=clusters))
    return body
