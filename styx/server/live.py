"""What the page shows, read once for all who look at it, and what of it is new to each."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from styx.api.live import AgentLine, Change, Cluster, Minute, TaskLine
from styx.api.messages import Role
from styx.api.states import STATES, State
from styx.server import reading
from styx.server.session import Database, Row, Session

PAUSE_S = 1.0
"""How soon a change is seen."""
SHARE = 20
"""Reading takes at most one part in so many of the time, however large the database is."""
QUIET_S = 15.0
"""How often something is sent even when nothing changed: proxies cut what is silent."""
LINES = 100
"""How many tasks are shown of those that are new, of those that ended last, and twice that of those that run."""
_WHAT = 120


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows at one moment."""

    now: datetime
    tasks: dict[str, TaskLine]
    counts: dict[State, int]
    agents: list[AgentLine]
    minutes: list[Minute]


@dataclass(slots=True)
class Live:
    """The newest view, shared by those who look."""

    database: Database
    ending: bool = False
    """Set when the server is told to end: nobody is kept waiting for those who look."""
    _view: View | None = None
    _next: float = 0.0
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def view(self) -> View:
        """Return what there is now, as old as PAUSE_S says."""
        async with self._reading:
            if self._view is None or time.monotonic() >= self._next:
                begin = time.monotonic()
                self._view = await self.database.read(view)
                end = time.monotonic()
                self._next = end + max(PAUSE_S, SHARE * (end - begin))
            return self._view

    async def events(self, role: Role, *, follow: bool) -> AsyncIterator[bytes]:
        """Yield what is new as server-sent events: all that there is at first."""
        seen, said = None, 0.0
        while True:
            current = await self.view()
            change = difference(seen, current, role)
            seen = current
            if change:
                yield f"event: change\ndata: {change.model_dump_json()}\n\n".encode()
                said = time.monotonic()
            elif time.monotonic() - said > QUIET_S:
                yield b": nothing new\n\n"
                said = time.monotonic()
            if not follow or self.ending:
                return
            await asyncio.sleep(PAUSE_S)


def difference(seen: View | None, current: View, role: Role) -> Change | None:
    """Return what is in `current` and was not in `seen`; None when that is nothing."""
    old = seen.tasks if seen else {}
    change = Change(
        now=current.now,
        role=role,
        tasks=[line for key, line in current.tasks.items() if old.get(key) != line],
        gone=[key for key in old if key not in current.tasks],
        counts=None if seen and seen.counts == current.counts else current.counts,
        agents=None if seen and seen.agents == current.agents else current.agents,
        minutes=None if seen and seen.minutes == current.minutes else current.minutes,
    )
    same = seen is not None and not (change.tasks or change.gone)
    return None if same and (change.counts, change.agents, change.minutes) == (None, None, None) else change


def view(session: Session) -> View:
    """Read all that the page shows."""
    held = session.rows("tasks_held", limit=2 * LINES)
    newest = session.rows("tasks", cursor=2**62, limit=LINES)
    lines = {row["id"]: _line(row) for row in (*held, *newest, *session.rows("last_ended", limit=LINES))}
    counts = {row["state"]: row["tasks"] for row in session.rows("counts")}
    return View(
        now=datetime.fromtimestamp(session.rows("clock")[0]["now"], UTC),
        tasks=lines,
        counts={state: counts.get(state, 0) for state in STATES},
        agents=[_agent(row) for row in session.rows("agents")],
        minutes=_minutes(session.rows("ended_by_minute")),
    )


def _minutes(rows: list[Row]) -> list[Minute]:
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(int(row["minute"]), [0, 0])[row["state"] != "succeeded"] += row["tasks"]
    return [Minute(minute=minute, succeeded=good, other=other) for minute, (good, other) in sorted(found.items())]


def _agent(row: Row) -> AgentLine:
    """Return an agent; that it was here again a moment later is nothing new."""
    plain = reading.agent(row)
    clusters = [Cluster.model_validate(one) for one in json.loads(row["clusters"])]
    return AgentLine(**{**plain.model_dump(), "seen_at": plain.seen_at.replace(second=0, microsecond=0)},
                     clusters=clusters)  # fmt: skip


def _line(row: Row) -> TaskLine:
    moments = {name: reading.moment(row[name]) for name in ("created_at", "claimed_at", "finished_at")}
    taken = ("id", "state", "attempt", "agent", "exit_code", "schedule", "reason")
    return TaskLine(
        **{name: row[name] for name in taken}, **moments, what=row["name"] or what(json.loads(row["work"])),
        cancelling=bool(row["cancelling"]), labels=json.loads(row["labels"]),
    )  # fmt: skip


def what(work: dict[str, object]) -> str:
    """Return the beginning of what a task executes, as a person would write it."""
    argv, command = work.get("argv"), work.get("command")
    words = " ".join(argv) if isinstance(argv, list) else str(command or f"styx {work.get('verb')}")
    return words[:_WHAT]
