"""Giving hosts of a pool back: what the cluster put there is taken away, then the lease ends."""

import shlex
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths, unsafe_yaml
from styx.errors import HostError, LeakError, UsageError
from styx.host import Host
from styx.lifecycle import leases, pools
from styx.lifecycle.pool_findings import why_not
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.session import Session

if TYPE_CHECKING:
    from styx.run.pool import Lease, Looked
    from styx.run.ssh import Ssh
    from styx.state import ClusterRecord, Run


PLAYBOOK = "release.yml"


def give_back(cluster: str, hosts: Sequence[Host], session: Session, run: "Run") -> None:
    """Clean `hosts` and end their leases; one whose lease is not this cluster's any more is left alone.

    Raises LeakError naming those that could not be cleaned; they stay leased, and the others are given back.
    """
    from styx.run import pool

    if not hosts:
        return
    mine, by_id = leases.holder(cluster, session), {host.id: host for host in hosts}
    log = session.log(cluster, run.id, "release")
    with run.step("release", {"hosts": sorted(by_id)}), pools.reach(list(by_id.values())) as ssh:
        looked = pool.look(ssh, list(by_id), timeout_s=pools.LOOK_S)
        failed = _away(looked, session)
        held = {name: one.lease for name, one in looked.items() if one.lease and one.lease.is_of(mine)}
        if held:
            failed |= clean(ssh, held, session, log)
            pool.drop(ssh, [name for name in held if name not in failed], mine)
    leases.write(cluster, [host for host in leases.read(cluster) if host.id not in by_id or host.id in failed])
    if failed:
        lines = "".join(f"\n  {name}: {why}" for name, why in failed.items())
        hint = "bring them back and run this again, or take them out of the pool to give them up"
        raise LeakError(f"{cluster}: these hosts could not be given back:{lines}", hint, log=log)


def give_all_back(record: "ClusterRecord", session: Session, run: "Run") -> None:
    """Give back every host of a cluster; raise LeakError where it has some and nobody here knows which."""
    hosts = leases.of(record)
    if not hosts and clouds.by_id(record.cloud).pools:
        message = f"{record.name}: its hosts of {record.region} were leased elsewhere, and are not known here"
        hint = f"run `styx destroy {record.name}` where it was applied, or `styx release {record.region}/HOST` for each"
        raise LeakError(message, hint)
    give_back(record.name, hosts, session, run)


def give_back_surplus(record: "ClusterRecord", session: Session, run: "Run") -> None:
    """Give back the leased hosts that no machine of the cluster is any more."""
    standing = {host.id for host in record.hosts}
    give_back(record.name, [host for host in leases.read(record.name) if host.id not in standing], session, run)


def _away(looked: Mapping[str, "Looked"], session: Session) -> dict[str, str]:
    """Return why the hosts that did not answer are still to be given back: not those that no pool has any more."""
    away = [name for name, one in looked.items() if not one.is_whole]
    if not away:
        return {}
    known = pools.every_host()
    for name in away:
        if name not in known:
            session.report(Progress("clean hosts", "note", f"{name} is in no pool and does not answer: given up"))
    said = {name: (looked[name].done.stderr.splitlines() or ["no answer"])[-1] for name in away}
    return {name: said[name] for name in away if name in known}


def clean(ssh: "Ssh", held: Mapping[str, "Lease"], session: Session, log: Path) -> dict[str, str]:
    """Take away what clusters put on hosts, each with its lease; return why that failed, by host."""
    from styx.run import ansible, ansible_env, ansible_errors, ansible_values

    hosts = {name: _variables(lease) for name, lease in held.items()}
    with tempfile.TemporaryDirectory(prefix="styx-release-") as folder:
        inventory = Path(folder) / "inventory.yml"
        files.write(inventory, unsafe_yaml.dump({"all": {"hosts": hosts}}))
        playbook = ansible_values.Playbook(
            folder=paths.playbooks(),
            name=PLAYBOOK,
            inventory=str(inventory),
            forks=ansible_env.forks_for(len(hosts)),
            env={"ANSIBLE_SSH_ARGS": f"-F {shlex.quote(str(ssh.config))}", "ANSIBLE_HOST_KEY_CHECKING": "True"},
        )
        with step(session.report, "clean hosts") as told:
            watcher = ansible.Watcher(on_event=lambda event: told(f"{event.host}: {event.task}"))
            try:
                ansible.run_playbook(playbook, log=log, watcher=watcher)
            except (ansible_errors.PlayError, ansible_errors.UnreachableError) as error:
                failed = {one.host: f"{one.task}: {one.message.strip()}" for one in error.report.failures}
                return failed or dict.fromkeys(hosts, error.message)
    return {}


def _variables(lease: "Lease") -> dict[str, object]:
    return {"release_home": lease.home, "release_user": lease.user, "release_before": list(lease.before)}


def end_lease(host_id: str, session: Session, confirm: Callable[["Lease"], bool]) -> bool:
    """Clean a host and end its lease, whoever has it; False when `confirm` declines, or nobody has it.

    Raises UsageError for a host that no pool has, or that a cluster of this user stands on; HostError when it cannot
    be reached or cleaned.
    """
    from styx.run import pool

    (seen,) = pools.look([pools.host_of(host_id)])
    if not seen.looked.is_whole:
        raise HostError(f"{host_id} cannot be given back: {why_not(seen)}")
    lease = seen.looked.lease
    if lease is None:
        return False
    _refuse_standing(host_id, lease, session)
    if not confirm(lease):
        return False
    log = session.log(seen.host.pool, seen.host.name, "release")
    with pools.way([seen.host]) as ssh:
        if failed := clean(ssh, {host_id: lease}, session, log):
            raise HostError(
                f"{host_id} could not be cleaned: {failed[host_id]}", "mend it, and run this again", log=log
            )
        pool.end(ssh, host_id, lease)
    return True


def _refuse_standing(host_id: str, lease: "Lease", session: Session) -> None:
    record = session.store.cluster(lease.cluster)
    ours = lease.is_of(leases.holder(lease.cluster, session))
    if ours and record and host_id in [host.id for host in record.hosts]:
        raise UsageError(f"your cluster {record.name} stands on {host_id}", f"end it with: styx destroy {record.name}")
