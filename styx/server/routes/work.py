"""What agents ask: for tasks, that they keep them, and that their results be kept."""

from fastapi import APIRouter

from styx.api.messages import (
    Agents,
    Claim,
    ClaimedTasks,
    Heartbeat,
    HeartbeatReply,
    Release,
    Result,
    StateReply,
)
from styx.server import ending, leasing, reading
from styx.server.guard import refuse_for_other
from styx.server.problem import documented
from styx.server.routes.parts import Agent, Reader, TaskId, TheHub
from styx.server.session import Session

router = APIRouter(prefix="/api/v1", tags=["agents"], responses=documented(401, 403, 422, 503))


@router.post("/tasks/claim", responses=documented(400, 413))
async def claim(body: Claim, hub: TheHub, caller: Agent) -> ClaimedTasks:
    """Give tasks to an agent: each to one only. An empty list when none fits."""
    refuse_for_other(caller, body.agent)
    note = hub.must_note(body)

    def operation(session: Session) -> ClaimedTasks:
        if note:
            leasing.see(session, body)
        return leasing.claim(session, body, hub.lease_s)

    return await hub.database.write(operation)


@router.post("/tasks/{id}/result", responses=documented(400, 404, 409, 413))
async def report(id: TaskId, body: Result, hub: TheHub, caller: Agent) -> StateReply:  # noqa: A002 - in the path
    """Record how a task ended. 409 when the lease is not the task's current one; the same report again is answered
    as the first time.
    """
    refuse_for_other(caller, body.agent)
    return await hub.database.write(lambda session: ending.report(session, id, body))


@router.post("/tasks/{id}/release", responses=documented(400, 404, 409, 413))
async def release(id: TaskId, body: Release, hub: TheHub, caller: Agent) -> StateReply:  # noqa: A002 - as above
    """Give a task back that this agent will not finish; another may have it at once."""
    refuse_for_other(caller, body.agent)
    return await hub.database.write(lambda session: ending.release(session, id, body))


@router.post("/agents/heartbeat", responses=documented(400, 413))
async def heartbeat(body: Heartbeat, hub: TheHub, caller: Agent) -> HeartbeatReply:
    """Keep the tasks that are named; the first heartbeat of a task says that it runs."""
    refuse_for_other(caller, body.agent)
    return await hub.database.write(lambda session: leasing.heartbeat(session, body, hub.lease_s))


@router.get("/agents")
async def agents(hub: TheHub, _: Reader) -> Agents:
    """List the agents that were seen in the last week."""
    return await hub.database.read(reading.agents)
