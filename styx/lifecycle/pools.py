"""Pools of hosts that stand already: looked at over SSH, all at once, and what is found of them is kept."""

import difflib
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.clouds import PoolHost, Pools, pool
from styx.errors import UsageError
from styx.host import Host

if TYPE_CHECKING:
    from styx.run.pool import Looked
    from styx.run.ssh import Ssh
    from styx.run.ssh_config import Login

LOOK_S = 20.0
"""How long a host may take to say what it is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One host of a pool, and what was seen of it."""

    host: PoolHost
    looked: "Looked"


def hosts_of(cloud_id: str, name: str) -> tuple[PoolHost, ...]:
    """Return the hosts of pool `name`; raise UsageError, naming the nearest, when there is none."""
    known = pools_of(cloud_id)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        listed = f"the pools are: {', '.join(known)}" if known else f"write one into {paths.config() / 'pools.yaml'}"
        raise UsageError(f"there is no pool {name!r}", f"did you mean {near[0]}?" if near else listed)
    return known[name]


def pools_of(cloud_id: str) -> Pools:
    """Return the pools of a cloud; none for one that makes its machines."""
    read = clouds.by_id(cloud_id).pools
    return read() if read else {}


def look(hosts: Sequence[PoolHost], *, timeout_s: float = LOOK_S) -> list[Seen]:
    """Look at all `hosts` of one or more pools at once, and keep what they were found to be."""
    from styx.run import pool as hosts_over_ssh

    if not hosts:
        return []
    with way(hosts) as ssh:
        looked = hosts_over_ssh.look(ssh, [host.id for host in hosts], timeout_s=timeout_s)
    seen = [Seen(host, looked[host.id]) for host in hosts]
    pool.keep_facts({one.host.way: found for one in seen if (found := one.looked.facts)})
    return seen


@contextmanager
def way(hosts: Sequence[PoolHost]) -> Iterator["Ssh"]:
    """Give the way to hosts of pools, by their ids."""
    named = {alias(host): host.host_key for host in hosts if host.host_key}
    with reach([as_host(host, host.id) for host in hosts], named) as ssh:
        yield ssh


@contextmanager
def reach(hosts: Sequence[Host], host_keys: Mapping[str, str] | None = None) -> Iterator["Ssh"]:
    """Give the way to hosts by their ids, whatever cluster has them; the keys they answer with are expected then on."""
    from styx.run import ssh_config
    from styx.run.ssh import Ssh
    from styx.run.ssh_config import Login

    pins = Login(known_hosts_file().parent, None)
    with tempfile.TemporaryDirectory(prefix="styx-pools-") as folder:
        login = Login(Path(folder), None, shares=False)
        ssh_config.trust(login, {**ssh_config.trusted(pins), **(host_keys or {})})
        ssh_config.write(login, "", [replace(host, name=host.id) for host in hosts])
        try:
            yield Ssh(login.config)
        finally:
            with files.exclusive(known_hosts_file().with_suffix(".lock")):
                ssh_config.trust(pins, ssh_config.trusted(login))


def every_host() -> dict[str, PoolHost]:
    """Return all hosts of all pools by their ids."""
    known = (pools_of(cloud_id).values() for cloud_id in clouds.ids())
    return {host.id: host for pools in known for hosts in pools for host in hosts}


def host_of(host_id: str) -> PoolHost:
    """Return the host of that id; raise UsageError, naming the nearest, when no pool has it."""
    known = every_host()
    if host_id not in known:
        near = difflib.get_close_matches(host_id, known, n=1)
        listed = "write POOL/HOST, as `styx check` lists them"
        raise UsageError(f"no pool has a host {host_id!r}", f"did you mean {near[0]}?" if near else listed)
    return known[host_id]


def known_hosts_file() -> Path:
    """Return where the host keys of pools are kept, for every cluster that will have them."""
    return paths.state() / "pools" / "known_hosts"


def expect_keys(login: "Login", hosts: Sequence[Host]) -> None:
    """Let a cluster expect the keys that its hosts are known by."""
    from styx.run import ssh_config
    from styx.run.ssh_config import Login

    known = ssh_config.trusted(Login(known_hosts_file().parent, None))
    names = {ssh_config.alias(host) for host in hosts}
    ssh_config.trust(login, {name: keys for name, keys in known.items() if name in names})


def alias(host: PoolHost) -> str:
    """Return what the host's key is known by."""
    from styx.run import ssh_config

    return ssh_config.alias(as_host(host, host.name))


def as_host(host: PoolHost, name: str) -> Host:
    """Return a host of a pool as SSH reaches it, called `name`."""
    return Host(
        name=name,
        role="worker",
        rank=0,
        group=host.pool,
        id=host.id,
        private_address=host.private_address,
        public_address=host.address,
        user=host.user,
        port=host.port,
        key=host.key,
        proxy_jump=host.jump,
        proxy_key=host.jump_key or host.key if host.jump else "",
    )


def learn(cloud_id: str, names: Collection[str | None]) -> None:
    """Look at the hosts of these pools that nothing is known of yet; None stands for any pool."""
    known, facts = pools_of(cloud_id), pool.facts()
    wanted = known if None in names else known.keys() & names
    look([host for name in wanted for host in known[name] if not host.told(facts.get(host.way))])
