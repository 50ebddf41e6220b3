"""Putting tasks into the queue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from styx.api import limits
from styx.api.messages import Submit, Submitted, Work
from styx.api.refusal import RefusedError
from styx.api.schedule import next_time
from styx.server import ids
from styx.server.session import Row, Session

_WORK = frozenset(Work.model_fields)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task that is ready to be queued."""

    id: str
    work: str
    values: Mapping[str, object]
    """The rest of its columns."""
    after: tuple[str, ...]
    schedule: str | None


def new_task(submit: Submit) -> NewTask:
    """Make the task that `submit` asks for."""
    columns = {
        "name": submit.name,
        "priority": submit.priority,
        "labels": json.dumps(sorted(set(submit.labels))),
        "retries": submit.retries,
        "idempotency_key": submit.idempotency_key,
    }
    work = submit.model_dump_json(include=set(_WORK), exclude_none=True)
    return NewTask(ids.task_id(), work, columns, tuple(sorted(set(submit.after))), submit.schedule)


def submit(session: Session, task: NewTask) -> tuple[Submitted, bool]:
    """Queue `task`; return it, and whether it is new: one with its idempotency key may be there."""
    if key := task.values["idempotency_key"]:
        for row in session.rows("by_idempotency_key", idempotency_key=key):
            return Submitted(id=row["id"], state=row["state"]), False
    unmet = [needed for needed in task.after if _is_unmet(session, needed)]
    now = float(session.rows("clock")[0]["now"])
    series = task.id if task.schedule else None
    due = next_time(task.schedule, now) if task.schedule else now
    added = session.rows(
        "submit", id=task.id, work=task.work, waits_for=len(unmet), schedule=task.schedule, series=series,
        not_before=due, **task.values,
    )  # fmt: skip
    if not added:  # another server was quicker
        return submit(session, task)
    for needed in task.after:
        session.rows("add_need", task=task.id, needed=needed)
    return Submitted(id=task.id, state="queued"), True


def _is_unmet(session: Session, needed: str) -> bool:
    """Say whether the task `needed` has yet to succeed; refuse one that never will."""
    rows = session.rows("lock_state", id=needed)
    if not rows:
        raise RefusedError(422, f"after: there is no task {needed}", "name tasks that were submitted before")
    state = rows[0]["state"]
    if state in {"failed", "cancelled", "dead"}:
        raise RefusedError(
            422, f"after: task {needed} is {state}", "retry that one first", facts={"id": needed, "state": state}
        )
    return bool(state != "succeeded")


def is_full(session: Session) -> bool:
    """Say whether as many tasks wait as may."""
    return bool(session.rows("waiting_count", enough=limits.QUEUED)[0]["waiting"] >= limits.QUEUED)


def submit_next(session: Session, task: str) -> None:
    """Queue the next occurrence of a recurring task that has ended."""
    row: Row = session.rows("template", id=task)[0]
    now = float(session.rows("clock")[0]["now"])
    copied = {name: row[name] for name in ("name", "work", "priority", "labels", "retries", "schedule", "series")}
    session.rows(
        "submit", id=ids.task_id(), waits_for=0, idempotency_key=None, not_before=next_time(row["schedule"], now),
        **copied,
    )  # fmt: skip
