"""What the routes are made of."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from styx.api import limits
from styx.server.guard import hub_of, needs
from styx.server.hub import Hub
from styx.server.tokens import Caller


async def _hub(request: Request) -> Hub:
    """Return what the server shares; a function that is not async would be given to a thread."""
    return hub_of(request)


TheHub = Annotated[Hub, Depends(_hub)]
Reader = Annotated[Caller, Depends(needs("read"))]
Submitter = Annotated[Caller, Depends(needs("submit"))]
Agent = Annotated[Caller, Depends(needs("agent"))]

TaskId = Annotated[str, Path(pattern=r"^[0-9a-z]{8,40}$", description="A task's id.")]
Cursor = Annotated[int | None, Query(ge=0, le=2**62, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=limits.PAGE, description="How many at most.")]
