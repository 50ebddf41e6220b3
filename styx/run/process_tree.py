"""Ending everything that a process has started and that still runs, read from /proc (Linux)."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_QUIET = 3
"""Looks in a row that must find nobody new: during one, a process can start another behind it and end."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One process, as /proc/PID/stat tells it."""

    pid: int
    state: str
    parent: int
    session: int


def children_marked(mark: str) -> list[int]:
    """Return the children of this process with `mark` in their environment."""
    own = [entry.pid for entry in _entries() if entry.parent == os.getpid() and entry.state != "Z"]
    return [pid for pid in own if mark.encode() in _environment(pid)]


def end(root: int) -> None:
    """Kill `root`, all below it, and what shares a session with any of them but has lost its parent.

    Each is frozen first, until no new one is found: a process that is killed before its children are known leaves
    them behind. What has a session of its own and no parent in the tree (a daemon that an earlier step started)
    lives on.
    """
    frozen: set[int] = set()
    quiet = 0
    while quiet < _QUIET:
        fresh = _family(root) - frozen
        for pid in fresh:
            _send(pid, signal.SIGSTOP)
        frozen |= fresh
        quiet = 0 if fresh else quiet + 1
    for pid in frozen:
        _send(pid, signal.SIGKILL)


def _family(root: int) -> set[int]:
    """Return `root`, its descendants, and the members of the sessions that these lead or belong to."""
    entries = [entry for entry in _entries() if entry.state not in "ZX"]
    own = os.getsid(0)
    found = {entry.pid for entry in entries if entry.pid == root}
    size = -1
    while len(found) != size:
        size = len(found)
        sessions = {entry.session for entry in entries if entry.pid in found} - {own, 0}
        found |= {entry.pid for entry in entries if entry.parent in found or entry.session in sessions}
    return found - {os.getpid()}


def _entries() -> list[_Entry]:
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                # The name, in parentheses, may hold spaces and parentheses: what follows the last one is plain.
                state, parent, _, session, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
                found.append(_Entry(int(folder.name), state, int(parent), int(session)))
    return found


def _environment(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
