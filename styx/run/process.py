"""Running one command in a session of its own: its lines as they come, a time limit, and an end in three steps.

An interrupt goes to the command alone, so that it can save what it knows; only the last step kills all it started.
"""

import contextlib
import fcntl
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from styx.errors import ToolMissingError

Stream = Literal["stdout", "stderr"]
OnLine = Callable[[Stream, str], None]
Ending = Literal["", "asked", "timeout"]

UMASK = 0o077
"""Terraform writes its state and plans 0644, secrets inside, unless the umask forbids it."""

_POLL_S = 0.1
_EXIT_POLL_S = 0.005
_PIPE_BYTES = 1 << 20
"""As much as Linux allows everybody: thousands of Terraform's lines."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, and for how long."""

    argv: tuple[str, ...]
    folder: Path
    """The working folder."""
    env: Mapping[str, str] = field(repr=False)
    """The whole environment; it may hold secrets, so it is not shown."""
    timeout_s: float | None = None
    """After this long the command is asked to stop."""
    grace_s: float = 30
    """How long each step of stopping waits before the next one."""
    outlives_us: bool = False
    """Whether it ends what it has begun when this process is killed; its pipes then stay whole, though nobody reads."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    """The exit code; minus the signal's number when a signal ended it."""
    stopped: Ending
    """Why it was told to stop, when it was."""
    killed: bool
    """True when it did not stop by itself and was killed with all it had started."""
    forced: bool = False
    """True when it was told to stop more than once: it may then not have ended in order."""


class Stop:
    """A request to end what runs, safe to make from a signal handler or another thread."""

    def __init__(self) -> None:
        self.asked = 0
        """How often; every request after the first goes on to the next, harder step at once."""

    def ask(self) -> None:
        """Ask the running command to end."""
        self.asked += 1


@contextlib.contextmanager
def interrupts_ask(stop: Stop) -> Iterator[None]:
    """Turn Ctrl-C into `stop.ask()` for as long as the block runs, unless somebody else handles it already.

    An exception raised at any instruction would leave the command half read; a request is seen between two reads.
    """
    own_thread = threading.current_thread() is threading.main_thread()
    if not own_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    previous = signal.signal(signal.SIGINT, lambda *_: stop.ask())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def run(command: Command, on_line: OnLine, stop: Stop | None = None) -> Outcome:
    """Run `command` to its end, giving `on_line` each line without its line break; raise ToolMissingError.

    Whatever `on_line` raises stops the command gracefully before it goes on to the caller.
    """
    stop = stop or Stop()
    with interrupts_ask(stop), contextlib.closing(_Running(command, stop)) as running:
        try:
            while not running.step(on_line):
                pass
        except BaseException:
            stop.ask()
            _let_it_end(running, stop)
            raise
        return running.outcome()


def _let_it_end(running: "_Running", stop: Stop) -> None:
    """Wait for the command to end, dropping its lines; a further interrupt makes it end sooner."""
    ended = False
    while not ended:
        try:
            ended = running.step(lambda *_: None)
        except KeyboardInterrupt:
            stop.ask()
    running.outcome()


class _Running:
    """A started command and how far it has come on its way to the end."""

    def __init__(self, command: Command, stop: Stop) -> None:
        self._command = command
        self._stop = stop
        self._seen = stop.asked
        self._process = _start(command)
        started = time.monotonic()
        self._next_at = started + command.timeout_s if command.timeout_s else None
        self._steps = 0
        self._ending: Ending = ""
        self._partial: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}
        self._pipes = selectors.DefaultSelector()
        self._watch("stdout", self._process.stdout)
        self._watch("stderr", self._process.stderr)

    def _watch(self, name: Stream, pipe: IO[bytes] | None) -> None:
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._pipes.register(pipe, selectors.EVENT_READ, name)

    def step(self, on_line: OnLine) -> bool:
        """Read what there is, send the signal that is due, and say whether the command has ended."""
        ended = self._has_ended()
        for key, _ in self._pipes.select(0 if ended else self._patience_s()):
            while self._read(key, on_line):
                pass
        self._signal_if_due()
        if ended:
            self._flush(on_line)
        return ended

    def _patience_s(self) -> float:
        return _POLL_S if self._pipes.get_map() else _EXIT_POLL_S

    def _has_ended(self) -> bool:
        """Look without reaping: while the command is a zombie, its group's number cannot be given to anyone else."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _read(self, key: selectors.SelectorKey, on_line: OnLine) -> bool:
        """Read once from a pipe; say whether there may be more."""
        try:
            chunk = os.read(key.fd, 1 << 16)
        except BlockingIOError:
            return False
        if not chunk:
            self._pipes.unregister(key.fileobj)
            return False
        name: Stream = key.data
        *lines, self._partial[name] = (self._partial[name] + chunk).split(b"\n")
        for line in lines:
            on_line(name, line.decode(errors="replace"))
        return True

    def _flush(self, on_line: OnLine) -> None:
        names: tuple[Stream, ...] = ("stdout", "stderr")
        for name in names:
            rest, self._partial[name] = self._partial[name], b""
            if rest:
                on_line(name, rest.decode(errors="replace"))

    def _signal_if_due(self) -> None:
        asked = self._stop.asked > self._seen
        if not asked and (self._next_at is None or time.monotonic() < self._next_at):
            return
        self._seen += asked
        self._ending = self._ending or ("asked" if asked else "timeout")
        self._steps += 1
        self._next_at = time.monotonic() + self._command.grace_s
        if self._steps <= 2:
            self._process.send_signal(signal.SIGINT)
        else:
            self._kill_group()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def outcome(self) -> Outcome:
        """Reap the ended command; one that was stopped takes what it left behind with it."""
        if self._ending:
            self._kill_group()
        return Outcome(self._process.wait(), self._ending, killed=self._steps > 2, forced=self._steps > 1)

    def close(self) -> None:
        """Close the pipes, which a child that lives on may still hold."""
        self._pipes.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _start(command: Command) -> "subprocess.Popen[bytes]":
    try:
        return _outliving(command) if command.outlives_us else _popen(command, subprocess.PIPE, subprocess.PIPE)
    except (FileNotFoundError, PermissionError) as error:
        if not command.folder.is_dir():
            raise
        raise ToolMissingError(f"{command.argv[0]} cannot be run: {error.strerror}") from error


def _outliving(command: Command) -> "subprocess.Popen[bytes]":
    """Start a command that holds the reading ends of its own pipes, too: no write of its can break one.

    With more to say than a pipe holds, it waits for whoever reads it: for ever, when nobody does.
    """
    readers, writers = zip(os.pipe(), os.pipe(), strict=True)
    try:
        for writer in writers:
            with contextlib.suppress(OSError):  # the system allows less
                fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        process = _popen(command, *writers, pass_fds=readers)
    except BaseException:
        for reader in readers:
            os.close(reader)
        raise
    finally:
        for writer in writers:
            os.close(writer)
    process.stdout, process.stderr = (os.fdopen(reader, "rb", buffering=0) for reader in readers)
    return process


def _popen(command: Command, stdout: int, stderr: int, pass_fds: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command.argv,
        cwd=command.folder,
        env=command.env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        umask=UMASK,
        pass_fds=pass_fds,
    )
