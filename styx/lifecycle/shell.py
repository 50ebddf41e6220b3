"""A shell or a command on hosts, as `styx ssh` gives it, and files to and from them."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from styx.errors import HostError, UsageError
from styx.host import Host
from styx.lifecycle import access
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.run import parallel
from styx.run.parallel import Done, OnLine, Words
from styx.state import ClusterRecord

_KEPT = ("TERM", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "SHELL", "COLORTERM")
"""Of the caller's environment; everything else is the host's own."""

_ENTER = ".styx/bin/enter"
"""What gives a command on a remote host the job's environment and folder: see the role workspace."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A program to run in place of styx: its words, its environment and where it starts."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: Path


def shell(name: str, rank: int, command: tuple[str, ...], session: Session, *, tty: bool) -> Shell:
    """Return a shell on the host of `rank`, or `command` there: one word is a shell's text, several are a program.

    Raises UsageError for a rank that the cluster has not, HostError for a host that is not set up.
    """
    record = standing(name, session)
    host = _host(record, rank)
    if access.is_remote(record):
        words = access.ssh(record).words(host.name, _entered(command), tty=tty)
        return Shell(tuple(words), dict(os.environ), Path.cwd())
    return _folder_shell(record, host, command)


def everywhere(
    name: str, command: tuple[str, ...], session: Session, on_line: OnLine, *, timeout_s: float | None = None
) -> Mapping[str, Done]:
    """Run `command` on every host at once; return how it ended on each, by name.

    Raises UsageError for a cluster without machines.
    """
    record = standing(name, session)
    if not record.hosts:
        raise UsageError(f"{name} has no machines yet", "finish it with `styx apply`")
    names = [host.name for host in record.hosts]
    if access.is_remote(record):
        return access.ssh(record).everywhere(names, _entered(command), on_line, timeout_s=timeout_s)
    shells = {host.name: _folder_shell(record, host, command) for host in record.hosts}
    words = {name: Words(found.argv, found.environment, found.folder) for name, found in shells.items()}
    return parallel.everywhere(words, on_line, timeout_s=timeout_s)


@contextmanager
def forwarded(name: str, rank: int, ports: Sequence[str], session: Session) -> Iterator[tuple[str, ...]]:
    """Bring ports of a host's loopback to this machine's for as long as the block runs; give each in words.

    A port is `8888`, or `9000:8888` for another number here. Raises UsageError for what is no port, or a rank that
    the cluster has not.
    """
    record = standing(name, session)
    host = _host(record, rank)
    if not access.is_remote(record):
        raise UsageError(f"the ports of {name} are on this machine already", f"its address is {host.private_address}")
    ssh, places = access.ssh(record), []
    with ExitStack() as open_ones:
        for text in ports:
            here, there = _ports(text)
            local = open_ones.enter_context(ssh.forward(host.name, there, here=here))
            places.append(f"127.0.0.1:{local} is port {there} of {host.name}")
        yield tuple(places)


def _ports(text: str) -> tuple[int, int]:
    here, _, there = text.rpartition(":")
    if not there.isdigit() or not (here or there).isdigit() or not 0 < int(there) < 65536 > int(here or there):
        raise UsageError(f"{text!r} is no port", "write 8888, or 9000:8888 for port 9000 here")
    return int(here or there), int(there)


def _host(record: ClusterRecord, rank: int) -> Host:
    if rank >= len(record.hosts):
        ranks = f"its ranks are 0 to {len(record.hosts) - 1}" if record.hosts else "apply it again"
        raise UsageError(f"{record.name} has no rank {rank}", ranks)
    return record.hosts[rank]


def _entered(command: Sequence[str]) -> tuple[str, ...]:
    """Return the words that run `command` with the job's environment where that was set up, plainly elsewhere."""
    words = ("bash", "-c", command[0]) if len(command) == 1 else tuple(command)
    plain = f"exec {shlex.join(words)}" if words else 'exec "${SHELL:-/bin/bash}" -l'
    return (f"[ -x ~/{_ENTER} ] && exec ~/{_ENTER} {shlex.join(words)}; {plain}",)


def _folder_shell(record: ClusterRecord, host: Host, command: tuple[str, ...]) -> Shell:
    home = Path(host.folder) / "home"
    folder = next((path for path in (home / "workdir", home, Path(host.folder)) if path.is_dir()), None)
    if folder is None:
        raise HostError(
            f"the folder of {host.name} is gone: {host.folder}", f"run `styx apply` for {record.name} again"
        )
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    login = _variables(home / ".styx" / "login.env") or {"HOME": str(home), "PATH": os.environ.get("PATH", os.defpath)}
    ray = _variables(home / ".styx" / "ray" / "ray.env")
    head = record.hosts[0]
    address = {"RAY_ADDRESS": f"{head.private_address}:{head.ray_port}"} if ray else {}
    one = ("bash", "-c", command[0]) if command else ("bash", "--noprofile", "-i")
    environment = {**kept, **login, **ray, **address, "STYX_NODE_RANK": str(host.rank)}
    return Shell(command if len(command) > 1 else one, environment, folder)


def _variables(path: Path) -> dict[str, str]:
    """Read lines NAME=VALUE; a file that is not there holds none."""
    if not path.is_file():
        return {}
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
