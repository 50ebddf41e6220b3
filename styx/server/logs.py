"""The logs of tasks: pieces that agents append, each at its position, and readers follow."""

from dataclasses import dataclass

from styx.api import limits
from styx.api.messages import LogReply
from styx.api.refusal import RefusedError
from styx.api.states import FINAL
from styx.server.session import Session


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the log of one attempt."""

    task: str
    agent: str
    lease: str
    attempt: int
    position: int
    """How many bytes came before."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """What a reader gets next."""

    data: bytes
    attempt: int
    ended: bool
    """True when nothing follows in this attempt."""
    final: bool
    """True when no attempt follows."""


def append(session: Session, piece: Piece) -> LogReply:
    """Append `piece`; what is there already is not written twice, and a gap is refused."""
    rows = session.rows("log_owner", id=piece.task, agent=piece.agent, lease=piece.lease, attempt=piece.attempt)
    if not rows:
        raise RefusedError(409, f"task {piece.task} is not this agent's", "end it and drop its output")
    size = int(rows[0]["log_bytes"])
    if piece.position > size:
        facts = {"id": piece.task, "size": size}
        raise RefusedError(409, f"the log has {size} bytes: a piece at {piece.position} leaves a gap", facts=facts)
    fresh = piece.data[size - piece.position :][: limits.LOG_BYTES - size]
    if fresh:
        session.rows("add_log", task=piece.task, attempt=piece.attempt, position=size, data=fresh)
        session.rows("set_log_bytes", id=piece.task, log_bytes=size + len(fresh))
    return LogReply(size=size + len(fresh), full=size + len(fresh) >= limits.LOG_BYTES)


def part(session: Session, task: str, attempt: int | None, position: int) -> Part:
    """Return the log of an attempt (the last one) from `position` on, up to one piece."""
    rows = session.rows("task", id=task)
    if not rows:
        raise RefusedError(404, f"there is no task {task}", "`styx tasks list` shows those there are")
    row = rows[0]
    wanted = attempt or row["attempt"]
    final = row["state"] in FINAL and wanted >= row["attempt"]
    over = final or wanted < row["attempt"] or (row["state"] == "queued" and wanted == row["attempt"] > 0)
    for query in ("log_before", "log"):  # the piece that holds the position, else the next one
        for found in session.rows(query, task=task, attempt=wanted, position=position + (query == "log_before")):
            data = bytes(found["data"])[max(0, position - found["position"]) :]
            if data:
                return Part(data, wanted, ended=False, final=final)
    if over and not row["log_bytes"] and wanted == row["attempt"]:  # its agent sent none, only a result
        return Part(row["output"].encode()[position:], wanted, ended=True, final=final)
    return Part(b"", wanted, ended=over, final=final)
