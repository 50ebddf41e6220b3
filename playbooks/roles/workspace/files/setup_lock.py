"""Who runs a task's setup on this machine: whoever holds setup.lock. As a program, it ends that setup.

Standard library only.
"""

import contextlib
import fcntl
import os
import signal
import struct
import time


def holder_of(lock):
    """Return the process that has the lock of an open file; 0 for none."""
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(lock, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else pid


def end(pid):
    """End the setup that a process runs: its guard sees the end of that process, and ends the whole tree."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def main():
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "setup.lock")
    with contextlib.suppress(FileNotFoundError), open(path, "r+b") as lock:
        while holder := holder_of(lock):
            end(holder)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
