"""Printing the log of a task on a server as it grows."""

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from styx.agent.client import Client, passes
from styx.api.states import FINAL
from styx.errors import InterruptedRunError, StyxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PAUSE_S = 1.0
_TRIES = 30
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
    if not follow:
        yield from client.stream(_path(task), attempt=attempt)
    elif attempt is not None:
        yield from _followed(client, task, attempt)
    else:
        yield from _all_followed(client, task)


def _all_followed(client: Client, task: str) -> "Iterator[bytes]":
    """Yield the log of the last attempt that there is, and of all that come after it."""
    attempt = max(1, int(_told(client, task)["attempt"]))
    while True:
        yield from _followed(client, task, attempt)
        told = _told(client, task)
        if told["state"] in FINAL and told["attempt"] <= attempt:
            return
        attempt += 1


def _followed(client: Client, task: str, attempt: int) -> "Iterator[bytes]":
    """Yield the log of one attempt until that ends; where the connection broke, go on from there."""
    position, tries = 0, 0
    while True:
        try:
            for piece in client.stream(_path(task), attempt=attempt, position=position, follow="true"):
                position, tries = position + len(piece), 0
                yield piece
        except StyxError as error:
            tries = _waited(error, tries)
        else:
            return


def _told(client: Client, task: str) -> "Any":  # noqa: ANN401 - JSON
    tries = 0
    while True:
        try:
            return client.get(f"/api/v1/tasks/{task}")
        except StyxError as error:
            tries = _waited(error, tries)


def _waited(error: StyxError, tries: int) -> int:
    """Wait for a server that may come back, and count that; raise what will not pass."""
    if not passes(error) or tries >= _TRIES:
        raise error
    time.sleep(_PAUSE_S)
    return tries + 1


def _path(task: str) -> str:
    return f"/api/v1/tasks/{task}/log"


def follow(client: Client, task: str) -> int:
    """Write the log of `task` until it ends, and return its exit code; Ctrl-C leaves the task alone."""
    with contextlib.suppress(InterruptedRunError):
        copy(client, task, follow=True)
    told = _told(client, task)
    if told["state"] == "succeeded":
        return 0
    print(f"task {task} {told['state']}: {told['reason']}", file=sys.stderr)
    return int(told["exit_code"] or 0) or _NOT_SUCCEEDED.get(told["state"], 1)
