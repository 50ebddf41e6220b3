"""A lease on a cluster's head: while one machine configures its hosts, no other one does.

The lock is the kernel's of the head, on a folder that is there anyway, held by a process that a connection keeps alive.
When we die, or the connection does, it is free: there is nothing to break, and no trace is left.
"""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from styx.errors import LockedError

_SCRIPT = """\
exec 9</var/lib || exit 1
if flock --timeout "$2" 9; then echo held; cat; exit; fi
ps -ww -eo args= | grep -o '[s]tyx-lease-of .*' | grep -v -F -e "$1" | tail -n 1
echo refused"""

_GRACE_S = 10.0

_HELD, _REFUSED = "held\n", "refused\n"


@contextmanager
def leased(
    words: Callable[[Sequence[str]], Sequence[str]], cluster: str, who: str, *, timeout_s: float = 0
) -> Iterator[bool]:
    """Hold the head for the block; yields False where it cannot be asked: whoever works on it then says more.

    `words` are those that run a program on the head, `who` tells others whose lease it is. Raises LockedError when
    somebody else has it for longer than `timeout_s`.
    """
    command = words((shlex.join(("sh", "-c", _SCRIPT, "styx-lease-of", who, f"{timeout_s:g}")),))
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as holder:
        try:
            said = _answer(holder)
            if said and said[-1] == _REFUSED:
                raise _refusal(cluster, said[:-1])
            yield bool(said) and said[-1] == _HELD
        finally:
            _end(holder)


def _end(holder: "subprocess.Popen[str]") -> None:
    """Let the holder end by the end of its input; a connection that hangs is cut."""
    if holder.stdin:
        holder.stdin.close()
    try:
        holder.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        holder.kill()


def _answer(holder: "subprocess.Popen[str]") -> list[str]:
    """Return its lines up to the one that says how it went; without that one when there was no connection."""
    said: list[str] = []
    while not (said and said[-1] in (_HELD, _REFUSED)):
        line = holder.stdout.readline() if holder.stdout else ""
        if not line:
            return []
        said.append(line)
    return said


def _refusal(cluster: str, said: Sequence[str]) -> LockedError:
    found = said[0].removeprefix("styx-lease-of ").rsplit(" ", 1)[0] if said else ""
    who = found or "another run that has just begun or ended"
    hint = "wait until it ends and run the command again, or let it wait: --lock-timeout SECONDS; it ends with that run"
    return LockedError(f"the hosts of {cluster!r} are being configured by {who}", hint)
