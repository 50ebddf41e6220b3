"""Leases: which host of a pool each machine of a cluster is, taken before anything is made, given up at the end."""

import json
import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.clouds import PoolHost
from styx.errors import CapacityError
from styx.host import Host
from styx.lifecycle import access, pools
from styx.lifecycle.pool_choice import Need, Wish, chosen
from styx.lifecycle.pools import Seen
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.rendered import Rendered
from styx.lifecycle.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from styx.run.pool import Lease
    from styx.state import ClusterRecord, Run

MADE_PATHS = ("~/.styx", "~/workdir", "~/.cache", "~/.ansible", "/var/lib/styx", "/usr/bin/docker")
"""What a cluster makes on a host, and a lease remembers when it was there before."""

_TRIES = 5


@dataclass(slots=True)
class Leased:
    """The hosts of a cluster, as Terraform is told of them."""

    variables: dict[str, object] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    """Terraform addresses of machines that are another host now."""
    kept: bool = False
    """Whether the leases that were taken stay when the block ends."""


def read(cluster: str) -> list[Host]:
    """Return the hosts that are, or may be, leased to `cluster`."""
    try:
        return [Host(**host) for host in json.loads(_ledger(cluster).read_text())]
    except FileNotFoundError:
        return []


def of(record: "ClusterRecord") -> list[Host]:
    """Return the hosts of pools that a cluster has, or may have."""
    standing = record.hosts if clouds.by_id(record.cloud).pools else ()
    return list({host.id: host for host in (*standing, *read(record.name))}.values())


def write(cluster: str, hosts: Sequence[Host]) -> None:
    """Keep which hosts are, or are about to be, leased to `cluster`."""
    if hosts:
        files.write(_ledger(cluster), json.dumps([asdict(host) for host in hosts], indent=2) + "\n")
    else:
        _ledger(cluster).unlink(missing_ok=True)


def holder(cluster: str, session: Session) -> "Lease":
    """Return what a lease of this cluster says of who has it."""
    from styx.run.pool import Lease

    return Lease(cluster, session.owner, _own_id(), socket.gethostname())


def foreseen(rendered: Rendered, session: Session) -> Leased:
    """Return which hosts an apply would take as things are now; nothing is leased."""
    placement = rendered.task_plan.placement
    if clouds.by_id(placement.cloud).pools is None:
        return Leased()
    with step(session.report, "look at the pool"):
        found = _chosen(rendered, session)
    return _told(found, session, rendered.cluster)


@contextmanager
def leased(rendered: Rendered, session: Session, run: "Run") -> Iterator[Leased]:
    """Lease the hosts that a cluster needs; those taken now are given up with the block, unless they are `kept`.

    Raises CapacityError when the pool has too few, HostError when one that the cluster has cannot be reached.
    """
    if clouds.by_id(rendered.task_plan.placement.cloud).pools is None:
        yield Leased()
        return
    with step(session.report, "lease hosts"), run.step("lease", {"pool": rendered.task_plan.placement.region}):
        found, taken = _taken(rendered, session)
    told = _told(found, session, rendered.cluster)
    try:
        yield told
    finally:
        if not told.kept:
            _undo(rendered.cluster, taken, session)


def _taken(rendered: Rendered, session: Session) -> tuple[dict[str, Seen], list[PoolHost]]:
    """Return machine → its host, all of them leased, and those that were not before."""
    cluster = rendered.cluster
    mine = holder(cluster, session)
    for _ in range(_TRIES):
        found = _chosen(rendered, session)
        fresh = [seen.host for seen in found.values() if seen.looked.lease is None]
        before, hosts = read(cluster), [_host(seen, machine) for machine, seen in found.items()]
        keys = {(host.name, host.id) for host in hosts}
        # First written down, then taken: a lease that nobody remembers is nobody's to give up.
        write(cluster, [*(host for host in before if (host.name, host.id) not in keys), *hosts])
        if _take(fresh, mine):
            return found, fresh
        write(cluster, before)
    message = f"the hosts of {rendered.task_plan.placement.region} are taken faster than they can be chosen"
    raise CapacityError(message, "run the command again")


def _take(hosts: Sequence[PoolHost], mine: "Lease") -> bool:
    """Lease all of `hosts`, or none: the first one decides between two clusters that want the same ones."""
    from styx.run import pool

    if not hosts:
        return True
    with pools.way(hosts) as ssh:
        answers = pool.take(ssh, [hosts[0].id], mine, MADE_PATHS)
        if answers[hosts[0].id].is_of(mine):
            answers |= pool.take(ssh, [host.id for host in hosts[1:]], mine, MADE_PATHS)
        got = [name for name, lease in answers.items() if lease.is_of(mine)]
        if len(got) < len(hosts):
            pool.drop(ssh, got, mine)
    return len(got) == len(hosts)


def _undo(cluster: str, taken: Sequence[PoolHost], session: Session) -> None:
    """Give up what was leased for an apply that did not begin: nothing was put there."""
    from styx.run import pool

    record = session.store.cluster(cluster)
    standing = {host.id for host in record.hosts} if record else set()
    ids = {host.id for host in taken} - standing
    if ids:
        with pools.way(taken) as ssh:
            pool.drop(ssh, sorted(ids), holder(cluster, session))
    write(cluster, [host for host in read(cluster) if host.id not in ids])


def _chosen(rendered: Rendered, session: Session) -> dict[str, Seen]:
    """Look at the pool, and return machine → the host that it is or can be."""
    placement = rendered.task_plan.placement
    seen = pools.look(pools.hosts_of(placement.cloud, placement.region))
    record = session.store.cluster(rendered.cluster)
    wish = Wish(
        place=f"{placement.cloud}/{placement.region}",
        needs=_needs(rendered),
        holder=holder(rendered.cluster, session),
        has={host.name: host.id for host in (of(record) if record and record.live else read(rendered.cluster))},
        labels=_labels(rendered),
    )
    return chosen(wish, seen)


def _needs(rendered: Rendered) -> list[Need]:
    """Return the machines of a cluster, by rank, as its Terraform names them."""
    found = []
    for group in rendered.task_plan.placement.groups:
        for number in range(1, group.min_count + 1):
            tail = () if group.role == "head" else (str(number),)
            found.append(Need("-".join((rendered.cluster, group.name, *tail)), group.offer))
    return found


def _labels(rendered: Rendered) -> Mapping[str, str]:
    told = json.loads((rendered.workdir.terraform / "terraform.tfvars.json").read_text())
    labels: Mapping[str, str] = told["labels"]
    return labels


def _told(found: Mapping[str, Seen], session: Session, cluster: str) -> Leased:
    """Return what Terraform is told, and which machines are no longer the host that stands for them."""
    record = session.store.cluster(cluster)
    hosts = [_host(seen, machine) for machine, seen in found.items()]
    pools.expect_keys(access.login(cluster), hosts)
    before = {host.name: host for host in record.hosts} if record and record.live else {}
    others = [host.name for host in hosts if host.name in before and not _same(before[host.name], host)]
    told = ", ".join(f"{host.name} is {host.id}" for host in hosts)
    session.report(Progress("pool", "note", told))
    variables = {host.name: _variable(host, found[host.name]) for host in hosts}
    return Leased({"leased": variables}, tuple(f'terraform_data.machine["{name}"]' for name in others))


def _same(one: Host, other: Host) -> bool:
    """Tell whether two are the same host, reached in the same way."""
    return replace(one, role=other.role, rank=other.rank, group=other.group) == other


def _host(seen: Seen, machine: str) -> Host:
    host = pools.as_host(seen.host, machine)
    return replace(host, private_address=host.private_address or seen.looked.said["address"])


def _variable(host: Host, seen: Seen) -> dict[str, object]:
    facts = seen.host.told(seen.looked.facts)
    names = ("id", "private_address", "public_address", "user", "port", "key", "proxy_jump", "proxy_key")
    told: dict[str, object] = {name: getattr(host, name) for name in names}
    size = (facts.vcpus, facts.memory_gib, facts.accelerator_count) if facts else (0, 0, 0)
    return told | dict(zip(("vcpus", "memory_gib", "gpus"), size, strict=True))


def _own_id() -> str:
    """Return what tells this user's state folder from all others."""
    path = paths.state() / "pools" / "id"
    with files.exclusive(path.with_suffix(".lock")):
        if not path.is_file():
            files.write(path, uuid.uuid4().hex)
        return path.read_text()


def _ledger(cluster: str) -> "Path":
    return paths.state() / "leases" / f"{cluster}.json"
