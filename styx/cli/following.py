"""Following a job: its log as it comes, and what Ctrl-C means (the job lives on)."""

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from styx.errors import InterruptedRunError

if TYPE_CHECKING:
    from styx.lifecycle.jobs import Started

_lock = threading.Lock()


def follow(
    started: "Started", *, prefix: str = "", stopped: Callable[[], bool] | None = None, errors: bool = False
) -> None:
    """Copy a job's log to stdout (or to stderr), byte for byte, until it ends; raise JobError when it failed.

    With `prefix` whole lines are copied, each behind it, so that several jobs can be followed at once; `stopped`
    then tells that nobody watches any more.
    """
    name, job_id = started.head.record.name, started.job_id
    stream = sys.stderr.buffer if errors else sys.stdout.buffer
    with _lock:
        print(f"job {job_id} on {name}", file=sys.stderr, flush=True)
    try:
        rest = b""
        for chunk in started.head.follow(job_id):
            if stopped and stopped():
                return
            rest = _write(rest + chunk, prefix.encode(), stream) if prefix else _write_raw(chunk, stream)
        if rest:
            _write(rest + b"\n", prefix.encode(), stream)
    except KeyboardInterrupt as interrupt:
        raise InterruptedRunError(f"job {job_id} lives on, you only stopped watching it", again(started)) from interrupt
    started.head.result(job_id)


def again(started: "Started") -> str:
    """Return the commands that follow a job, or end it."""
    name, job_id = started.head.record.name, started.job_id
    return f"follow it: styx logs {name} {job_id} -f · end it: styx cancel {name} {job_id}"


def _write_raw(chunk: bytes, stream: BinaryIO) -> bytes:
    if chunk:
        stream.write(chunk)
        stream.flush()
    return b""


def _write(text: bytes, prefix: bytes, stream: BinaryIO) -> bytes:
    """Write the whole lines of `text` behind `prefix`; return what comes after the last."""
    *lines, rest = text.split(b"\n")
    if lines:
        with _lock:
            stream.write(b"".join(prefix + line + b"\n" for line in lines))
            stream.flush()
    return rest
