"""OpenSSH's configuration of a cluster: what Styx, Ansible, rsync, `ssh NAME` and editors all reach its hosts with."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from styx import files
from styx.host import Host
from styx.workdir import check_safe

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%,=+~ -]*")
"""What may stand between double quotes in a configuration of OpenSSH and means itself."""


_JUMP = "jump-"
"""How the key of a host to go through is known."""


@dataclass(frozen=True, slots=True)
class Login:
    """How the hosts of one cluster are reached."""

    folder: Path
    """Where the cluster's config and known_hosts are."""
    key: Path | None
    """The private key of hosts that have none of their own; None for the user's keys and agent."""
    shares: bool = True
    """Keep connections for ten minutes; not for hosts that are only looked at."""

    @property
    def config(self) -> Path:
        """For `ssh -F`: hosts by name and by address."""
        return self.folder / "config"

    @property
    def names(self) -> Path:
        """For an Include of the user's own configuration: hosts by name, the head also by the cluster's."""
        return self.folder / "names"

    @property
    def known_hosts(self) -> Path:
        """The host keys of this cluster's machines, each by the machine's id: a new machine may have a new key."""
        return self.folder / "known_hosts"


def write(login: Login, cluster: str, hosts: Sequence[Host]) -> None:
    """Write the configuration of a cluster, and forget the host keys of machines that are gone."""
    files.make_folder(login.folder)
    by_name = {host.name: (host.name, host.name == hosts[0].name) for host in hosts}
    blocks = [_block(login, host, [host.name, address(host)]) for host in hosts]
    files.write(login.config, "".join([*blocks, *_jumps(login, hosts)]))
    named = [_block(login, host, [host.name, *([cluster] if by_name[host.name][1] else [])]) for host in hosts]
    files.write(login.names, "".join(named))
    _forget(login.known_hosts, {alias(host) for host in hosts})


def trust(login: Login, keys: Mapping[str, str]) -> None:
    """Expect these host keys, by alias, where none is known yet."""
    known = login.known_hosts.read_text() if login.known_hosts.is_file() else ""
    have = {line.split(" ")[0] for line in known.splitlines()}
    added = "".join(
        f"{alias} {key}\n" for alias, lines in keys.items() if alias not in have for key in lines.splitlines()
    )
    if added:
        files.write(login.known_hosts, known + added)


def trusted(login: Login) -> dict[str, str]:
    """Return alias → its host keys, one a line."""
    keys: dict[str, str] = {}
    for line in login.known_hosts.read_text().splitlines() if login.known_hosts.is_file() else ():
        alias, _, key = line.partition(" ")
        keys[alias] = f"{keys[alias]}\n{key}" if alias in keys else key
    return keys


def address(host: Host) -> str:
    """Return the address that SSH goes to: the public one, else the private."""
    return host.public_address or host.private_address


def alias(host: Host) -> str:
    """Return what the host's key is known by: the machine's id, in letters that known_hosts takes."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", host.id).strip("-").lower() or host.name


def _block(login: Login, host: Host, patterns: Sequence[str]) -> str:
    lines = {
        "HostName": address(host),
        "User": host.user,
        "Port": str(host.port),
        "HostKeyAlias": alias(host),
        "UserKnownHostsFile": str(login.known_hosts),
        "StrictHostKeyChecking": "accept-new",
        **(_shared() if login.shares else {}),
        "ConnectTimeout": "10",
        "ServerAliveInterval": "15",
        "ServerAliveCountMax": "4",
        "LogLevel": "ERROR",
    }
    if key := host.key or login.key:
        lines |= {"IdentityFile": str(key), "IdentitiesOnly": "yes"}
    if host.proxy_jump:
        lines["ProxyJump"] = host.proxy_jump
    if host.proxy_command:
        lines["ProxyCommand"] = host.proxy_command
    raw = {"ProxyCommand", "ProxyJump"}
    body = "".join(f"  {name} {value if name in raw else _quoted(value)}\n" for name, value in lines.items() if value)
    return f"Host {' '.join(patterns)}\n{body}"


def _jumps(login: Login, hosts: Sequence[Host]) -> list[str]:
    """Return a block for each host to go through that has a key; with others the user's own keys have to do."""
    keys = {host.proxy_jump.rpartition("@")[2].split(":")[0]: host.proxy_key for host in hosts if host.proxy_key}
    return [
        f"Host {name}\n  IdentityFile {_quoted(key)}\n  IdentitiesOnly yes\n  HostKeyAlias {_JUMP}{name.lower()}\n"
        f"  UserKnownHostsFile {_quoted(str(login.known_hosts))}\n  StrictHostKeyChecking accept-new\n"
        "  ConnectTimeout 10\n  LogLevel ERROR\n"
        for name, key in keys.items()
    ]


def _shared() -> dict[str, str]:
    return {"ControlMaster": "auto", "ControlPath": f"{_sockets()}/%C", "ControlPersist": "10m"}


def _quoted(value: str) -> str:
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"{value!r} cannot stand in OpenSSH's configuration")
    return f'"{value}"' if " " in value else value


def _sockets() -> Path:
    """Return the folder of connections that are shared: short, since a socket's path has at most 104 bytes."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) / "styx" if runtime else Path(tempfile.gettempdir()) / f"styx-ssh-{os.getuid()}"
    files.make_folder(folder)
    check_safe(folder)
    return folder


def _forget(known_hosts: Path, aliases: set[str]) -> None:
    """Keep only the keys of `aliases`."""
    if known_hosts.is_file():
        lines = known_hosts.read_text().splitlines(keepends=True)
        kept = [line for line in lines if line.split(" ")[0] in aliases or line.startswith(_JUMP)]
        files.write(known_hosts, "".join(kept))
