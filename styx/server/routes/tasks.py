"""Submitting tasks, looking at them, cancelling them and trying them again."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from styx.api.messages import StateReply, Submit, Submitted, Task, TaskPage
from styx.api.refusal import RefusedError
from styx.api.states import State
from styx.server import ending, reading, submitting
from styx.server.problem import documented
from styx.server.routes.parts import Cursor, Limit, Reader, Submitter, TaskId, TheHub

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], responses=documented(401, 403, 422, 503))
NameFilter = Annotated[str | None, Query(max_length=100, pattern=r"^[A-Za-z0-9._:@-]*$")]


@router.post("", status_code=201, responses={200: {"model": Submitted}, **documented(400, 413, 429)})
async def submit(body: Submit, hub: TheHub, _: Submitter, response: Response) -> Submitted:
    """Queue a task; it is on disk when the reply comes. With an idempotency key that is known: 200 and that task."""
    if hub.full:
        raise RefusedError(429, "too many tasks wait", "submit again when agents have done some")
    task = submitting.new_task(body)
    submitted, new = await hub.database.write(lambda session: submitting.submit(session, task))
    response.status_code = 201 if new else 200
    return submitted


@router.get("")
async def list_tasks(
    hub: TheHub,
    _: Reader,
    state: State | None = None,
    name: NameFilter = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> TaskPage:
    """List tasks, the newest first; with `state`, or else with `name`, those alone."""
    return await hub.database.read(lambda session: reading.newest(session, (state, name), cursor, limit))


@router.get("/pending")
async def pending(hub: TheHub, _: Reader, cursor: Cursor = None, limit: Limit = 100) -> TaskPage:
    """List what waits, the oldest first. Listing claims nothing."""
    return await hub.database.read(lambda session: reading.pending(session, cursor, limit))


@router.get("/{id}", responses=documented(404))
async def show(id: TaskId, hub: TheHub, _: Reader) -> Task:  # noqa: A002 - the name in the path
    """Show one task."""
    return await hub.database.read(lambda session: reading.task(session, id))


@router.post("/{id}/cancel", responses=documented(404, 409))
async def cancel(id: TaskId, hub: TheHub, _: Submitter) -> StateReply:  # noqa: A002 - as above
    """Cancel a task; one that an agent has is `cancelling` until the agent has ended it."""
    return await hub.database.write(lambda session: ending.cancel(session, id))


@router.post("/{id}/retry", responses=documented(404, 409))
async def retry(id: TaskId, hub: TheHub, _: Submitter) -> StateReply:  # noqa: A002 - as above
    """Queue a task again that failed, was cancelled or is dead."""
    return await hub.database.write(lambda session: ending.retry(session, id))
