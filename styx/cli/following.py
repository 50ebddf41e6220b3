"""Following a job: its log as it comes, and what Ctrl-C means (the job lives on)."""

import sys
import threading
from typing import TYPE_CHECKING

from styx.errors import InterruptedRunError

if TYPE_CHECKING:
    from styx.lifecycle.jobs import Started

_lock = threading.Lock()


def follow(started: "Started", *, prefix: str = "") -> None:
    """Copy a job's log to stdout, byte for byte, until it ends; raise JobError when it failed.

    With `prefix` whole lines are copied, each behind it, so that several jobs can be followed at once.
    """
    name, job_id = started.head.record.name, started.job_id
    with _lock:
        print(f"job {job_id} on {name}", file=sys.stderr, flush=True)
    try:
        rest = b""
        for chunk in started.head.follow(job_id):
            rest = _write(rest + chunk, prefix.encode()) if prefix else _write_raw(chunk)
        if rest:
            _write(rest + b"\n", prefix.encode())
    except KeyboardInterrupt as interrupt:
        again = f"follow it: styx logs {name} {job_id} -f · end it: styx cancel {name} {job_id}"
        raise InterruptedRunError(f"job {job_id} lives on, you only stopped watching it", again) from interrupt
    started.head.result(job_id)


def _write_raw(chunk: bytes) -> bytes:
    if chunk:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return b""


def _write(text: bytes, prefix: bytes) -> bytes:
    """Write the whole lines of `text` behind `prefix`; return what comes after the last."""
    *lines, rest = text.split(b"\n")
    if lines:
        with _lock:
            sys.stdout.buffer.write(b"".join(prefix + line + b"\n" for line in lines))
            sys.stdout.buffer.flush()
    return rest
