"""What is wrong with a host of a pool, and what mends it."""

import re
from collections.abc import Iterator
from pathlib import Path

from styx.clouds import PoolHost
from styx.clouds.readiness import Finding, one_line
from styx.lifecycle import pools
from styx.lifecycle.pools import Seen

SYSTEMS = {"debian": ("12",), "ubuntu": ("22.04", "24.04")}
"""What the roles are made for."""

LEAST_DISK_GIB = 5
"""Python's environment with Ray takes two; its sessions and the task want some, too."""

_OLDEST_PYTHON = (3, 8)
"""Ansible's modules need it."""


def findings(seen: Seen) -> list[Finding]:
    """Return what is wrong with a host; when nothing is, the one finding that tells what it is."""
    if wrong := list(_wrong(seen)):
        return wrong
    return [Finding("host", seen.host.id, "ok", _summary(seen))]


def why_not(seen: Seen) -> str:
    """Return what keeps a host from being leased at all; empty when nothing does."""
    return "; ".join(one.said for one in _wrong(seen) if one.state == "missing")


def _wrong(seen: Seen) -> Iterator[Finding]:
    if not seen.looked.is_whole:
        said, mend = _unreachable(seen)
        yield Finding("network", seen.host.id, "missing", said, mend)
        return
    for check in (_system, _sudo, _python, _disk):
        yield from check(seen)


def _system(seen: Seen) -> Iterator[Finding]:
    name, _, version = seen.looked.said.get("os", "").partition(" ")
    if version not in SYSTEMS.get(name, ()):
        known = ", ".join(f"{one} {' or '.join(versions)}" for one, versions in SYSTEMS.items())
        yield Finding("host", seen.host.id, "missing", f"runs {name} {version}".rstrip(), f"give it {known}")
    elif "systemd" not in seen.looked.said:
        yield Finding("host", seen.host.id, "missing", "was not started by systemd", "boot it with systemd")


def _sudo(seen: Seen) -> Iterator[Finding]:
    found = seen.looked.said.get("sudo")
    user = seen.host.user or "$USER"
    if found == "missing":
        yield Finding("tool", seen.host.id, "missing", "has no sudo", "as root: apt install sudo")
    elif found != "yes":
        line = f"echo '{user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{user}"
        yield Finding("permission", seen.host.id, "missing", "sudo asks for a password", f"as root: {line}")


def _python(seen: Seen) -> Iterator[Finding]:
    version = seen.looked.said.get("python", "")
    if not version or tuple(map(int, version.split("."))) < _OLDEST_PYTHON:
        said = f"has Python {version}, too old" if version else "has no python3"
        yield Finding("tool", seen.host.id, "missing", said, "on it: sudo apt install python3")


def _disk(seen: Seen) -> Iterator[Finding]:
    free = int(seen.looked.said["disk_kib"]) / 2**20
    if free < LEAST_DISK_GIB:
        said = f"has {free:.1f} GiB free for {seen.host.user or 'its user'}, less than {LEAST_DISK_GIB}"
        yield Finding("host", seen.host.id, "missing", said, "make room: sudo du -xh / | sort -h | tail")


def _summary(seen: Seen) -> str:
    said, facts = seen.looked.said, seen.host.told(seen.looked.facts)
    lease = seen.looked.lease
    free = int(said["disk_kib"]) // 2**20
    parts = [said["os"], facts.type if facts else "", f"{free} GiB free", f"leased to {lease}" if lease else "free"]
    return ", ".join(part for part in parts if part)


def _unreachable(seen: Seen) -> tuple[str, str]:
    """Return why SSH did not get through, and what to do about it."""
    host, said = seen.host, seen.looked.done.stderr
    place = f"{host.address} port {host.port}"
    key = host.key and Path(host.key)
    if key and not key.is_file():
        return f"there is no key {key}", "name a private key that is there"
    if seen.looked.is_late:
        return f"{place} did not answer in time", "see whether it is on, and whether a firewall drops SSH"
    for pattern, text, mend in _REFUSALS:
        if found := re.search(pattern, said):
            words = _words(host) | found.groupdict()
            words["let_in"] = _let_in(host, str(words.get("login")))
            return text.format(**words), mend.format(**words)
    return f"{place}: {one_line(said.splitlines()[-1] if said else 'no answer')}", f"try it by hand: {_by_hand(host)}"


_REFUSALS = (
    (
        r"IDENTIFICATION HAS CHANGED|Host key verification failed|No .* host key is known",
        "{place} answers with another host key than it is known by",
        "ask who changed it; if it was installed anew: ssh-keygen -R {alias} -f {known_hosts}",
    ),
    (
        r"(?P<login>\S+@\S+): Permission denied",
        "does not let {login} in",
        "{let_in}",
    ),
    (
        r"Could not resolve hostname (?P<name>[^\s:]+)",
        "{name} is the name of no host",
        "look at its address, and at DNS",
    ),
    (
        r"connect to host (?P<place>\S+ port \d+): Connection refused",
        "nothing listens at {place}",
        "start sshd there, or mend the port",
    ),
    (
        r"connect to (?:host|address) (?P<place>\S+ port \d+): (?:.*timed out|No route to host|Network is unreachable)",
        "{place} does not answer",
        "see whether it is on, and whether a firewall drops SSH",
    ),
    (
        r"UNKNOWN port 65535|stdio forwarding failed|kex_exchange_identification",
        "there is no way to {place} through {host.jump}",
        "try the jump by hand: ssh {jump}",
    ),
)
"""What OpenSSH says, why that is, and what to do; a name of a host to go through is told as that."""


def _words(host: PoolHost) -> dict[str, object]:
    return {
        "host": host,
        "place": f"{host.address} port {host.port}",
        "alias": pools.alias(host),
        "known_hosts": pools.known_hosts_file(),
        "jump": _jump(host),
    }


def _let_in(host: PoolHost, login: str) -> str:
    """Return what lets the key in that `login`, of the host or of the one to go through, is tried with."""
    place = f"-p {host.port} {_login(host)}"
    own = login.rpartition("@")[2] == host.address
    return f"ssh-copy-id {f'-i {host.key} ' if host.key else ''}{place}" if own else f"ssh-copy-id {_jump(host)}"


def _jump(host: PoolHost) -> str:
    """Return the words that reach the host to go through."""
    place, _, port = host.jump.partition(":")
    own = host.jump_key or host.key
    key = f"-i {own} " if own else ""
    return f"{key}{f'-p {port} ' if port else ''}{place}"


def _login(host: PoolHost) -> str:
    return f"{host.user}@{host.address}" if host.user else host.address


def _by_hand(host: PoolHost) -> str:
    key, jump = (f"-i {host.key} " if host.key else ""), (f"-J {host.jump} " if host.jump else "")
    return f"ssh {key}{jump}-p {host.port} {_login(host)}"
