"""How tasks end: what agents report, what people cancel, and what that means for the tasks after them."""

from styx.api import limits
from styx.api.messages import Release, Result, StateReply
from styx.api.refusal import RefusedError
from styx.api.states import HELD
from styx.server.session import Row, Session
from styx.server.submitting import submit_next

_LONGEST_DELAY_S = 300.0


def lost_reason(agent: str | None) -> str:
    """Say that a task lost its agent."""
    return f"agent {agent} was lost"


def report(session: Session, task: str, result: Result) -> StateReply:
    """Record how a task ended; the same report again gets the same answer, any other one a refusal."""
    held = session.rows("held", id=task, lease=result.lease, attempt=result.attempt)
    if not held or held[0]["agent"] != result.agent:
        return _reported_before(session, task, result)
    values = {
        "id": task, "lease": result.lease, "exit_code": result.exit_code,
        "output": result.output[-limits.OUTPUT_CHARACTERS :],
    }  # fmt: skip
    ended = _end(session, held[0], values)
    if not ended:  # the same report came to another server, which was quicker
        return _reported_before(session, task, result)
    row = ended[0]
    if row["state"] == "succeeded":
        for dependent in session.rows("waiting_for", needed=task):
            session.rows("need_met", id=dependent["task"])
    elif row["state"] != "queued":
        end_those_after(session, task)
    if row["schedule"] and row["state"] in {"succeeded", "failed"} and not held[0]["cancelling"]:
        submit_next(session, task)
    return StateReply(id=task, state=row["state"])


def _end(session: Session, held: Row, values: dict[str, object]) -> list[Row]:
    """Choose the event that a result is, and let it happen."""
    code = values["exit_code"]
    if code == 0:
        return session.rows("succeed", **values)
    if held["cancelling"]:
        return session.rows("stop", **values)
    if held["failures"] < held["retries"]:
        delay = min(2.0 ** held["failures"], _LONGEST_DELAY_S)
        return session.rows("again", **values, delay_s=delay, reason=f"exit code {code}; tried again")
    return session.rows("fail", **values, reason=f"exit code {code}")


def _reported_before(session: Session, task: str, result: Result) -> StateReply:
    """Answer a report for a task that its sender does not hold: it may be a repetition of the one that ended it."""
    row = _state(session, task)
    if (row["lease"], row["attempt"], row["agent"]) == (result.lease, result.attempt, result.agent):
        return StateReply(id=task, state=row["state"])
    if row["attempt"] == 0:
        why, hint = "it was never claimed", "claim it first: POST /api/v1/tasks/claim"
    else:
        why, hint = "this lease is not its current one", "drop the result: the task was given to another, or ended"
    raise RefusedError(409, f"task {task} is {row['state']}: {why}", hint, facts={"id": task, "state": row["state"]})


def release(session: Session, task: str, given: Release) -> StateReply:
    """Queue a task again that its agent gives back; that counts as no failure."""
    row = _state(session, task)
    if row["state"] not in HELD or (row["lease"], row["agent"]) != (given.lease, given.agent):
        facts = {"id": task, "state": row["state"]}
        raise RefusedError(409, f"task {task} is not this agent's: it is {row['state']}", facts=facts)
    session.rows("release", id=task, lease=given.lease)
    return StateReply(id=task, state="queued")


def cancel(session: Session, task: str) -> StateReply:
    """End a task that waits; ask the agent of one that runs to end it."""
    if session.rows("cancel", id=task):
        end_those_after(session, task)
        return StateReply(id=task, state="cancelled")
    for row in session.rows("ask_to_cancel", id=task):
        return StateReply(id=task, state=row["state"], cancelling=True)
    row = _state(session, task)
    if row["state"] in ("queued", *HELD):  # it changed hands between the statements
        return cancel(session, task)
    if row["state"] == "cancelled":
        return StateReply(id=task, state="cancelled")
    facts = {"id": task, "state": row["state"]}
    raise RefusedError(409, f"task {task} is {row['state']}: it has ended", "there is nothing to cancel", facts=facts)


def retry(session: Session, task: str) -> StateReply:
    """Queue a task again that failed, was cancelled or is dead."""
    if session.rows("retry", id=task):
        needed = [row["needed"] for row in session.rows("needs", task=task)]
        states = [row["state"] for one in needed for row in session.rows("lock_state", id=one)]  # one may be forgotten
        session.rows("set_waits_for", id=task, waits_for=sum(state != "succeeded" for state in states))
        return StateReply(id=task, state="queued")
    state = _state(session, task)["state"]
    raise RefusedError(
        409, f"task {task} is {state}", "only a failed, cancelled or dead task can be tried again",
        facts={"id": task, "state": state},
    )  # fmt: skip


def end_those_after(session: Session, task: str) -> None:
    """Cancel all that waits for `task`, which will not succeed, and what waits for that."""
    ended = [task]
    while ended:
        needed = ended.pop()
        for dependent in session.rows("waiting_for", needed=needed):
            reason = f"task {needed} did not succeed"
            ended += [row["id"] for row in session.rows("need_failed", id=dependent["task"], reason=reason)]


def _state(session: Session, task: str) -> Row:
    rows = session.rows("state", id=task)
    if not rows:
        raise RefusedError(404, f"there is no task {task}", "`styx tasks list` shows those there are")
    return rows[0]
