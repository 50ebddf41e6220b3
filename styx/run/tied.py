"""A command that ends with the process that started it, even by SIGKILL: `python -I -m styx.run.tied PARENT COMMAND…`.

ansible-runner gives Ansible a session of its own, and Ansible's workers leave that one too: no signal to a group
reaches them. So this process waits beside Ansible, is told by Linux of the parent's end, and ends the whole tree.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from types import FrameType

from styx.run import process_tree

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h; the signal comes when the thread that started us ends."""

_ENDS = (signal.SIGTERM, signal.SIGHUP)
"""The parent's end closes the terminal that it gave us as well, which hangs up."""


def main(parent: int, command: list[str]) -> int:
    """Run `command` and return its exit code, a shell's for a signal; end it when `parent` has ended."""
    for number in _ENDS:
        signal.signal(number, _end)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 128 + signal.SIGTERM
    running = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the command has got it too, and decides
            code = running.wait()
            return code if code >= 0 else 128 - code


def _end(number: int, _: FrameType | None) -> None:
    process_tree.end(os.getpid())  # all but this process itself
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
