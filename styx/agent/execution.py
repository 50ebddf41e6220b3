"""Running one attempt of a task: in a session of its own that ends with the agent, for a limited time."""

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Literal

from styx.agent.command import Prepared
from styx.agent.output import Output

GRACE_S = 10.0
"""How long a task that was interrupted may take to end before it is killed with all that it started."""
CANNOT_START = 127
"""A shell's exit code for a command that is not there."""
TIMED_OUT = 124
"""The exit code of timeout(1)."""
_STEP_S = 0.1
_SHORT_S = 0.005

Ending = Literal["", "timeout", "cancelled", "lost", "given back"]


class Execution:
    """One attempt under way; other threads may ask it to end."""

    def __init__(self, prepared: Prepared, folder: Path, timeout_s: float) -> None:
        self._prepared, self._folder, self._timeout_s = prepared, folder, timeout_s
        self._asked = threading.Event()
        self.ending: Ending = ""
        """Why it was ended, when it did not end by itself."""

    def end(self, why: Ending) -> None:
        """Ask it to end; the first reason counts, but a lost task stays lost."""
        if not self.ending or why == "lost":
            self.ending = why
        self._asked.set()

    def run(self, output: Output) -> int:
        """Run to the end and return the exit code, a shell's for a signal."""
        try:
            process = self._start()
        except OSError as error:
            output.write(f"styx: cannot start {self._prepared.argv[0]}: {error.strerror}\n".encode())
            return CANNOT_START
        assert process.stdout is not None  # noqa: S101 - it is a pipe, as _start says
        with process.stdout as pipe:
            os.set_blocking(pipe.fileno(), False)
            self._attend(process, pipe.fileno(), output)
            _signal_group(process.pid, signal.SIGKILL)  # what it left behind; its number is still taken
            process.wait()
            while _copy(pipe.fileno(), output):
                pass
        return TIMED_OUT if self.ending == "timeout" else process.returncode

    def _attend(self, process: "subprocess.Popen[bytes]", pipe: int, output: Output) -> None:
        """Copy its output and keep its time until it has ended; it is not reaped."""
        deadline, kill_at, is_open = time.monotonic() + self._timeout_s, None, True
        while not _has_ended(process.pid):
            if is_open and select.select([pipe], [], [], _STEP_S)[0]:
                is_open = _copy(pipe, output)
            elif not is_open:
                time.sleep(_SHORT_S)
            if time.monotonic() > deadline and not self._asked.is_set():
                self.end("timeout")
            if self._asked.is_set():
                kill_at = self._push(process, kill_at)

    def _push(self, process: "subprocess.Popen[bytes]", kill_at: float | None) -> float:
        """Interrupt it once, as Ctrl-C would; when the grace is over, have all of it killed."""
        if kill_at is None:
            _signal_group(process.pid, signal.SIGINT)
            return time.monotonic() + GRACE_S
        if time.monotonic() > kill_at:
            process.terminate()  # styx.run.tied kills the whole tree then
            return time.monotonic() + GRACE_S
        return kill_at

    def _start(self) -> "subprocess.Popen[bytes]":
        """Start it below a process that ends all of it when this thread ends, even by SIGKILL."""
        tied = (sys.executable, "-I", "-m", "styx.run.tied", str(os.getpid()))
        program = self._prepared.argv[0]
        if (
            shutil.which(self._folder / program if "/" in program else program, path=self._prepared.env.get("PATH"))
            is None
        ):
            raise FileNotFoundError(2, "no such command")
        return subprocess.Popen(
            (*tied, *self._prepared.argv),
            cwd=self._folder,
            env=self._prepared.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )


def _has_ended(pid: int) -> bool:
    """Look without reaping: until then nobody else can get its number."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _copy(pipe: int, output: Output) -> bool:
    """Copy what the pipe has now; say whether there was anything."""
    try:
        data = os.read(pipe, 1 << 16)
    except BlockingIOError:
        return False
    if data:
        output.write(data)
    return bool(data)


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return
