"""Handing tasks to agents, and taking them back from those that are lost."""

import json
from dataclasses import dataclass

from styx.api import limits
from styx.api.messages import Claim, Claimed, ClaimedTasks, Heartbeat, HeartbeatReply
from styx.server import ids
from styx.server.ending import end_those_after, lost_reason
from styx.server.session import Row, Session
from styx.server.submitting import submit_next


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of the tasks of lost agents."""

    again: int = 0
    dead: int = 0
    cancelled: int = 0


def claim(session: Session, asked: Claim, lease_s: float) -> ClaimedTasks:
    """Give an agent up to `max` tasks that fit its labels: each to one agent only, the most urgent first."""
    lease = asked.request or ids.nonce()
    rows = session.rows("claimed_before", agent=asked.agent, lease=lease) if asked.request else []
    if not rows and asked.max:
        labels = json.dumps(sorted(set(asked.labels)))
        rows = session.rows("claim", agent=asked.agent, lease=lease, lease_s=lease_s, labels=labels, max=asked.max)
    ending = [row["id"] for row in session.rows("to_be_cancelled", agent=asked.agent)]
    rows = sorted(rows, key=lambda row: (-row["priority"], row["seq"]))
    return ClaimedTasks(tasks=[_claimed(row) for row in rows], cancel=ending, lease_s=lease_s)


def _claimed(row: Row) -> Claimed:
    """Return the message of a claimed row; its work was checked when it came in."""
    work = json.loads(row["work"])
    return Claimed.model_construct(id=row["id"], name=row["name"], lease=row["lease"], attempt=row["attempt"], **work)


def see(session: Session, asked: Claim) -> None:
    """Note that an agent was here, and what it can do."""
    labels = json.dumps(sorted(set(asked.labels)))
    session.rows("see_agent", name=asked.agent, labels=labels, capacity=asked.capacity or asked.max)


def heartbeat(session: Session, beat: Heartbeat, lease_s: float) -> HeartbeatReply:
    """Lengthen the leases that are still the agent's, and tell it of the others."""
    lost, cancel = [], []
    for one in sorted(beat.tasks, key=lambda task: task.id):
        rows = session.rows("heartbeat", id=one.id, agent=beat.agent, lease=one.lease, lease_s=lease_s)
        if not rows:
            lost.append(one.id)
        elif rows[0]["cancelling"]:
            cancel.append(one.id)
    return HeartbeatReply(lost=lost, cancel=cancel)


def take_back(session: Session) -> Lost:
    """Queue the tasks again whose agents let the lease run out; one that was lost too often is dead."""
    again = dead = cancelled = 0
    for row in session.rows("overdue"):
        task, reason = {"id": row["id"], "lease": row["lease"]}, lost_reason(row["agent"])
        if row["cancelling"]:
            cancelled += _ended(session, row, session.rows("stop_lost", **task, reason=f"cancelled; {reason}"))
        elif row["losses"] + 1 >= limits.DELIVERIES:
            why = f"{reason}, the last of {limits.DELIVERIES}"
            dead += _ended(session, row, session.rows("bury", **task, reason=why))
        else:
            again += len(session.rows("lose", **task, reason=reason))
    return Lost(again, dead, cancelled)


def _ended(session: Session, row: Row, changed: list[Row]) -> int:
    """Do what the end of a task asks for, when it was this call that ended it."""
    if changed:
        end_those_after(session, row["id"])
        if row["schedule"] and not row["cancelling"]:
            submit_next(session, row["id"])
    return len(changed)


def forgive(session: Session, lease_s: float) -> None:
    """Count the time without a server against no agent: every lease starts anew."""
    session.rows("extend_leases", lease_s=lease_s)
