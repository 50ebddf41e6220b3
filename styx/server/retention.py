"""How long what has ended is kept: tasks and their logs, removed a few at a time."""

from dataclasses import dataclass

from styx.server.session import Row, Session

BATCH = 200
"""How many tasks go in one transaction: others wait for it no longer than for one of theirs."""
LOGS_S = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of tasks that have ended."""

    days: float = 90.0
    """How long a task is kept after its end."""
    tasks: int = 1_000_000
    """How many are kept, the last ones that ended."""


def forget_logs(session: Session, retention: Retention) -> None:
    """Remove the logs of tasks that ended long ago; the end of each output stays with its task."""
    session.rows("prune_logs", age_s=min(LOGS_S, retention.days * 86400))


def ended_until(session: Session, retention: Retention) -> float:
    """Return the moment (UNIX seconds) that tasks which are not kept ended at or before."""
    oldest = float(session.rows("clock")[0]["now"]) - retention.days * 86400
    beyond: list[Row] = session.rows("ended_beyond", kept=retention.tasks)
    return max([oldest, *(float(row["finished_at"]) for row in beyond)])


def forget_some(session: Session, until: float) -> bool:
    """Remove the first tasks that ended until a moment; say whether there may be more.

    A task stays for as long as one that was to come after it does: its end says why that one waits or was cancelled.
    """
    gone = session.rows("prune_tasks", until=until, batch=BATCH)
    for row in gone:
        session.rows("forget_log", task=row["id"])
        session.rows("forget_needs", task=row["id"])
    return bool(gone)
