"""A shell on a host, as `styx ssh` opens it."""

import os
from dataclasses import dataclass
from pathlib import Path

from styx.errors import HostError, UsageError
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing

_KEPT = ("TERM", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "SHELL", "COLORTERM")
"""Of the caller's environment; everything else is the host's own."""


@dataclass(frozen=True, slots=True)
class Shell:
    """A program to run in place of styx: its words, its environment and where it starts."""

    argv: tuple[str, ...]
    environment: dict[str, str]
    folder: Path


def shell(name: str, rank: int, command: tuple[str, ...], session: Session) -> Shell:
    """Return a shell on the host of `rank`, or `command` there: one word is a shell's text, several are a program.

    Raises UsageError for a rank that the cluster has not, HostError for a host that is not set up.
    """
    hosts = standing(name, session).hosts
    if rank >= len(hosts):
        raise UsageError(
            f"{name} has no rank {rank}", f"its ranks are 0 to {len(hosts) - 1}" if hosts else "apply it again"
        )
    host = hosts[rank]
    if not host.folder:
        raise HostError(f"{host.name} is no machine of this computer; SSH to clouds is not supported yet")
    home = Path(host.folder) / "home"
    folder = next((path for path in (home / "workdir", home, Path(host.folder)) if path.is_dir()), None)
    if folder is None:
        raise HostError(f"the folder of {host.name} is gone: {host.folder}", f"run `styx apply` for {name} again")
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    login = _variables(home / ".styx" / "login.env") or {"HOME": str(home), "PATH": os.environ.get("PATH", os.defpath)}
    ray = _variables(home / ".styx" / "ray" / "ray.env")
    address = {"RAY_ADDRESS": f"{hosts[0].private_address}:{hosts[0].ray_port}"} if ray else {}
    one = ("bash", "-c", command[0]) if command else ("bash", "--noprofile", "-i")
    environment = {**kept, **login, **ray, **address, "STYX_NODE_RANK": str(rank)}
    return Shell(command if len(command) > 1 else one, environment, folder)


def _variables(path: Path) -> dict[str, str]:
    """Read lines NAME=VALUE; a file that is not there holds none."""
    if not path.is_file():
        return {}
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
