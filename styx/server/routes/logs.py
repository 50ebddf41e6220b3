"""The log of a task: agents append to it, readers follow it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from starlette.responses import StreamingResponse

from styx.api import limits
from styx.api.messages import LogReply
from styx.api.refusal import RefusedError
from styx.server import logs
from styx.server.guard import refuse_for_other
from styx.server.hub import Hub
from styx.server.logs import Part, Piece
from styx.server.problem import documented
from styx.server.routes.parts import Agent, Reader, TaskId, TheHub

router = APIRouter(prefix="/api/v1/tasks", tags=["logs"], responses=documented(401, 403, 404, 422, 503))
POLL_S = 0.3
"""How soon a follower sees what was appended."""

_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The log."}
}
Attempt = Annotated[int | None, Query(ge=1, le=1_000_000, description="Which attempt's (the last).")]
Position = Annotated[int, Query(ge=0, le=2**40)]


@router.post("/{id}/log", responses=documented(400, 409, 413))
async def append_log(  # noqa: PLR0913 - one parameter a part of the query
    id: TaskId,  # noqa: A002 - the name in the path
    agent: Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$")],
    lease: Annotated[str, Query(pattern=r"^[A-Za-z0-9-]{8,64}$")],
    attempt: Annotated[int, Query(ge=1, le=1_000_000)],
    position: Position,
    data: Annotated[bytes, Body(media_type="application/octet-stream")],
    hub: TheHub,
    caller: Agent,
) -> LogReply:
    """Append bytes that start at `position`; the same piece again changes nothing."""
    refuse_for_other(caller, agent)
    if len(data) > limits.CHUNK_BYTES:
        raise RefusedError(413, f"a piece has at most {limits.CHUNK_BYTES} bytes", "send it in several")
    piece = Piece(id, agent, lease, attempt, position, data)
    return await hub.database.write(lambda session: logs.append(session, piece))


@router.get("/{id}/log", response_class=StreamingResponse, responses=_TEXT)
async def read_log(
    id: TaskId,  # noqa: A002 - as above
    hub: TheHub,
    _: Reader,
    attempt: Attempt = None,
    position: Position = 0,
    follow: bool = False,
) -> StreamingResponse:
    """Send the log from `position` on; with `follow`, go on until the task has ended, through all its attempts."""
    first = await _part(hub, id, attempt, position)
    pieces = _pieces(hub, id, (attempt, position, first), follow=follow)
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8")


async def _part(hub: Hub, task: str, attempt: int | None, position: int) -> Part:
    return await hub.database.read(lambda session: logs.part(session, task, attempt, position))


async def _pieces(hub: Hub, task: str, start: tuple[int | None, int, Part], *, follow: bool) -> AsyncIterator[bytes]:
    """Yield a log piece by piece, holding one at a time."""
    wanted, position, part = start
    current = part.attempt
    while True:
        if part.data:
            yield part.data
            position += len(part.data)
        elif not part.ended:
            if not follow:
                return
            await asyncio.sleep(POLL_S)
        if part.ended and (wanted or part.final or not follow):
            return
        if part.ended or not current:  # a further attempt, or the first one
            current, position = current + 1, 0 if current else position
        part = await _part(hub, task, wanted or current, position)
