"""Commands on hosts over SSH, one or many at once, and ports of theirs brought here."""

import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from styx.errors import HostError, ToolMissingError
from styx.run import parallel
from styx.run.parallel import Done, OnLine, Words

_RETRY_S = 1.0


class Ssh:
    """The hosts of one configuration file, by name."""

    def __init__(self, config: Path) -> None:
        self.config = config

    def words(self, host: str, command: Sequence[str] = (), *, tty: bool = False) -> list[str]:
        """Return the program that runs `command` on `host`: one word is a shell's text, several are a program."""
        remote = [command[0]] if len(command) == 1 else [shlex.join(command)] if command else []
        # The command stands behind `--`, where none of it is an option of ssh.
        return ["ssh", "-F", str(self.config), *(["-t"] if tty else ["-o", "BatchMode=yes"]), "--", host, *remote]

    def run(self, host: str, command: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> Done:
        """Run `command` on `host`; raise HostError when it takes longer than `timeout_s`."""
        try:
            done = subprocess.run(
                self.words(host, command), input=stdin, capture_output=True, check=False, timeout=timeout_s
            )
        except FileNotFoundError as error:
            raise _no_ssh() from error
        except subprocess.TimeoutExpired as error:
            raise HostError(f"{host}: no answer within {timeout_s:g} s", f"look at it: ssh {host}") from error
        return Done(host, done.returncode, done.stdout, done.stderr.decode(errors="replace").strip())

    def output(self, host: str, command: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60) -> bytes:
        """Return what `command` prints; raise HostError when it fails or `host` cannot be reached."""
        done = self.run(host, command, stdin=stdin, timeout_s=timeout_s)
        if done.code:
            what = "cannot be reached" if done.is_unreachable else f"{command[0]} failed with exit code {done.code}"
            raise HostError(f"{host}: {what}: {done.stderr or 'it said nothing'}")
        return done.stdout

    @contextmanager
    def streaming(self, host: str, command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
        """Run `command` on `host` and give its output as it comes; it is ended with the block."""
        running = parallel.start(Words(tuple(self.words(host, command))))
        with running:
            try:
                yield running
            finally:
                running.terminate()

    def everywhere(
        self, hosts: Sequence[str], command: Sequence[str], on_line: OnLine, *, timeout_s: float | None = None
    ) -> Mapping[str, Done]:
        """Run `command` on all `hosts` at once, their lines told as they come; return how each ended, in order.

        A host that takes longer than `timeout_s` ends with code 124, as timeout(1) says it.
        """
        words = {host: Words(tuple(self.words(host, command))) for host in hosts}
        return parallel.everywhere(words, on_line, timeout_s=timeout_s)

    def wait(self, hosts: Sequence[str], *, timeout_s: float, told: Callable[[str], None]) -> Mapping[str, str]:
        """Wait until all hosts let us in; return those that do not within `timeout_s`, with what SSH says."""
        end, left, why = time.monotonic() + timeout_s, list(hosts), dict[str, str]()
        while left:
            done = self.everywhere(left, ["true"], lambda _host, _line: None, timeout_s=30)
            why = {host: (one.stderr.splitlines() or ["no answer"])[-1] for host, one in done.items() if one.code}
            left = list(why)
            if not left or time.monotonic() > end:
                break
            told(f"waiting for {', '.join(left)}")
            time.sleep(_RETRY_S)
        return why

    @contextmanager
    def forward(self, host: str, port: int, address: str = "127.0.0.1", here: int = 0) -> Iterator[int]:
        """Bring `address`:`port`, as `host` sees it, to a port of this machine's loopback, and give its number.

        `here` is the port to use, any free one for 0; raise HostError when it cannot be had.
        """
        local = here or _free_port()
        words = ["ssh", "-F", str(self.config), "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"]
        words += ["-o", "ControlMaster=no", "-o", "ControlPath=none", "-N"]
        words += ["-L", f"127.0.0.1:{local}:{address}:{port}", "--", host]
        try:
            running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except FileNotFoundError as error:
            raise _no_ssh() from error
        with running:
            try:
                _wait_for_port(running, local, host)
                yield local
            finally:
                running.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(running: "subprocess.Popen[bytes]", port: int, host: str) -> None:
    end = time.monotonic() + 30
    while running.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    running.terminate()
    said = running.stderr.read().decode(errors="replace").strip() if running.stderr else ""
    raise HostError(f"no tunnel to {host}: {said or 'no answer'}", f"try it by hand: ssh {host}")


def _no_ssh() -> ToolMissingError:
    return ToolMissingError("ssh is not installed", "install OpenSSH's client")
