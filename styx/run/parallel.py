"""One command on many hosts at once: their lines as they come, a limit for each, and how each ended."""

import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from styx.errors import ToolMissingError

UNREACHABLE = 255
"""OpenSSH's own exit code when it cannot connect; a command can give it, too."""

TIMED_OUT = 124
"""As timeout(1) says it."""

OnLine = Callable[[str, str], None]
"""(host, line without its end)."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is run here for one host."""

    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    """The whole environment; None for this process's own."""
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How a command on a host ended."""

    host: str
    code: int
    stdout: bytes
    stderr: str
    """The last lines, when they were told as they came."""

    @property
    def is_unreachable(self) -> bool:
        """Whether SSH itself failed: the command was never started, or its end is unknown."""
        return self.code == UNREACHABLE


def everywhere(words: Mapping[str, Words], on_line: OnLine, *, timeout_s: float | None = None) -> dict[str, Done]:
    """Run all at once, their lines told as they come; return how each ended, by host and in order.

    One that takes longer than `timeout_s` ends with TIMED_OUT.
    """
    done: dict[str, Done] = {}
    lock = threading.Lock()

    def told(host: str, line: str) -> None:
        with lock:
            on_line(host, line)

    def one(host: str) -> None:
        done[host] = _told(host, words[host], told, timeout_s)

    threads = [threading.Thread(target=one, args=(host,), daemon=True) for host in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {host: done[host] for host in words}


def start(words: Words) -> "subprocess.Popen[bytes]":
    """Start a program with pipes for what it says; raise ToolMissingError when there is none of that name."""
    try:
        return subprocess.Popen(
            words.argv, env=words.env, cwd=words.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise ToolMissingError(f"{words.argv[0]} is not installed", "install it, or check its name") from error


def _told(host: str, words: Words, on_line: OnLine, timeout_s: float | None) -> Done:
    try:
        running = start(words)
    except ToolMissingError as error:
        return Done(host, 127, b"", error.message)  # as a shell says it
    late = threading.Event()

    def end() -> None:
        late.set()
        running.kill()

    timer = threading.Timer(timeout_s, end) if timeout_s else None
    said: list[str] = []

    def complain(line: str) -> None:
        said.append(line)
        on_line(host, line)

    with running:
        if timer:
            timer.start()
        reader = threading.Thread(target=_read, args=(running.stderr, complain), daemon=True)
        reader.start()
        _read(running.stdout, lambda line: on_line(host, line))
        reader.join()
        code = running.wait()
    if timer:
        timer.cancel()
    return Done(host, TIMED_OUT if late.is_set() else code, b"", "\n".join(said[-3:]))


def _read(stream: Iterable[bytes] | None, on_line: Callable[[str], None]) -> None:
    for line in stream or ():
        on_line(line.decode(errors="replace").rstrip("\r\n"))
