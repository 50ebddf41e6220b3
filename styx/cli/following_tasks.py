"""Printing the log of a task on a server as it grows."""

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from styx.agent.client import Client, ServerError
from styx.errors import InterruptedRunError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE_S = 1.0
_NOT_SUCCEEDED = {"cancelled": 130, "dead": 1}


def copy(client: Client, task: str, *, attempt: int | None = None, follow: bool = False) -> None:
    """Write the log of `task` to stdout; a follower goes on after a server that was gone for a while."""
    for piece in _pieces(client, task, attempt, follow=follow):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def whole(client: Client, task: str, *, attempt: int | None = None, follow: bool = False) -> str:
    """Return the log of `task`; with `follow`, when it has ended."""
    return b"".join(_pieces(client, task, attempt, follow=follow)).decode(errors="replace")


def _pieces(client: Client, task: str, attempt: int | None, *, follow: bool) -> "Iterator[bytes]":
    position, tries = 0, 0
    while True:
        try:
            for piece in client.stream(
                f"/api/v1/tasks/{task}/log", attempt=attempt, position=position, follow=str(follow).lower()
            ):
                position, tries = position + len(piece), 0
                yield piece
        except ServerError:
            tries += 1
            if not follow or tries > 30:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def follow(client: Client, task: str) -> int:
    """Write the log of `task` until it ends, and return its exit code; Ctrl-C leaves the task alone."""
    with contextlib.suppress(InterruptedRunError):
        copy(client, task, follow=True)
    told = client.get(f"/api/v1/tasks/{task}")
    if told["state"] == "succeeded":
        return 0
    print(f"task {task} {told['state']}: {told['reason']}", file=sys.stderr)
    return int(told["exit_code"] or 0) or _NOT_SUCCEEDED.get(told["state"], 1)
