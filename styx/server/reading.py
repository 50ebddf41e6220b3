"""What readers see of tasks and agents."""

import json
from datetime import UTC, datetime

from styx.api import limits
from styx.api.messages import Agent, Agents, Task, TaskPage
from styx.api.refusal import RefusedError
from styx.api.states import State
from styx.server.session import Row, Session

_FIRST = 2**62
"""A cursor above all rows."""
_LAST = datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp()


def task(session: Session, task_id: str) -> Task:
    """Return one task."""
    rows = session.rows("task", id=task_id)
    if not rows:
        raise RefusedError(404, f"there is no task {task_id}", "`styx tasks list` shows those there are")
    return _pages(session, rows, limit=1, oldest_first=False).tasks[0]


def newest(session: Session, wanted: tuple[State | None, str | None], cursor: int | None, limit: int) -> TaskPage:
    """Return a page of tasks, the newest first; `wanted` is a state or a name that they have."""
    state, name = wanted
    place = {"cursor": _FIRST if cursor is None else cursor, "limit": limit}
    if state is not None:
        rows = session.rows("tasks_in_state", state=state, **place)
    elif name is not None:
        rows = session.rows("tasks_named", name=name, **place)
    else:
        rows = session.rows("tasks", **place)
    return _pages(session, rows, limit=limit, oldest_first=False)


def pending(session: Session, cursor: int | None, limit: int) -> TaskPage:
    """Return a page of what waits, the oldest first; nothing is claimed."""
    rows = session.rows("pending", cursor=cursor or 0, limit=limit)
    return _pages(session, rows, limit=limit, oldest_first=True)


def _pages(session: Session, rows: list[Row], *, limit: int, oldest_first: bool) -> TaskPage:
    """Return `rows` as one page; there is another only when this one is full."""
    if not rows:
        return TaskPage(tasks=[], next=None)
    seqs = [row["seq"] for row in rows]
    needs: dict[str, list[str]] = {}
    for row in session.rows("all_needs", low=min(seqs), high=max(seqs)):
        needs.setdefault(row["task"], []).append(row["needed"])
    last = max(seqs) if oldest_first else min(seqs)
    tasks = [_task(row, needs.get(row["id"], [])) for row in rows]
    return TaskPage(tasks=tasks, next=last if len(rows) == limit else None)


def _task(row: Row, after: list[str]) -> Task:
    work = json.loads(row["work"])
    taken = ("id", "name", "state", "priority", "retries", "schedule", "series", "attempt", "agent", "exit_code")
    moments = ("created_at", "not_before", "claimed_at", "started_at", "finished_at")
    return Task(
        **{name: row[name] for name in (*taken, "output", "reason", "log_bytes")},
        **{name: moment(row[name]) for name in moments},
        **{name: work.get(name) for name in ("command", "argv", "spec", "verb", "timeout_s", "secrets")},
        env=sorted(work["env"]),
        labels=json.loads(row["labels"]),
        cancelling=bool(row["cancelling"]),
        after=after,
    )


def agents(session: Session) -> Agents:
    """Return the agents that were seen in the last week."""
    return Agents(agents=[agent(row) for row in session.rows("agents")])


def agent(row: Row) -> Agent:
    """Return the message of one row."""
    return Agent(
        name=row["name"], labels=json.loads(row["labels"]), capacity=row["capacity"], held=row["held"],
        seen_at=datetime.fromtimestamp(row["seen_at"], UTC), alive=row["silent_s"] < limits.LEASE_S,
    )  # fmt: skip


def moment(seconds: float | None) -> datetime | None:
    """Return UNIX seconds as a moment in UTC, the last one there is for what comes later."""
    return None if seconds is None else datetime.fromtimestamp(min(seconds, _LAST), UTC)
