"""Putting on the hosts what the task needs: Ansible over the rendered folder."""

import json
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from styx.errors import HostError
from styx.host import Host
from styx.lifecycle import access
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.session import Session
from styx.state import ClusterRecord

if TYPE_CHECKING:
    from styx.run.ansible_values import PlayReport, TaskEvent
    from styx.run.ssh import Ssh

Secrets = Mapping[str, str]

REBOOT_S = 120
"""How long a machine may take that has let us in before."""

_END_SETUP = ("python3", ".styx/bin/setup_lock.py")
"""See the role workspace. Where it has not come that far, there is no such program, and nothing to end."""
_END_SETUP_S = 20


def configure(folder: Path, record: ClusterRecord, secrets: Secrets, session: Session, log: Path) -> "PlayReport":
    """Run the playbook of a rendered ansible/ folder on the hosts of `record`.

    Raises AnsibleError naming each host and task that failed, HostError for hosts that cannot be reached.
    """
    from styx.run import ansible, ansible_env, ansible_values

    playbook = ansible_values.Playbook(
        folder=folder,
        extra_vars={"workspace_secrets": dict(secrets)} if secrets else {},
        secret_names=("workspace_secrets",),
        forks=ansible_env.forks_for(len(record.hosts)),
        env=ssh_settings(record),
    )
    with step(session.report, "ansible") as told:
        watcher = ansible.Watcher(
            on_event=lambda event: _tell(event, told), on_cancel=lambda hosts: _end_setup(record, hosts)
        )
        return ansible.run_playbook(playbook, log=log, watcher=watcher)


def reached(record: ClusterRecord, session: Session) -> ClusterRecord:
    """Wait until the hosts let us in; return the record with the addresses that only they know.

    Hosts that do not are told of, and the others are not kept waiting: the playbook goes on with them, and fails.
    Raises HostError when no host lets us in, or one whose address is not known.
    """
    ssh = access.ssh(record)
    limit = session.settings.boot_timeout_s
    if all(access.has_let_us_in(record.name, host) for host in record.hosts):
        limit = min(limit, REBOOT_S)
    with step(session.report, "wait for SSH") as told:
        away = ssh.wait([host.name for host in record.hosts], timeout_s=limit, told=told)
    lines = [f"no SSH after {limit:g} s to {name}: {why}" for name, why in away.items()]
    if len(away) == len(record.hosts) or any(host.name in away and not host.private_address for host in record.hosts):
        hint = "look at the machine in the cloud's console, or whether your address may reach it (caller_cidrs)"
        raise HostError("\n".join(lines), hint)
    for line in lines:
        session.report(Progress("wait for SSH", "note", line))
    if all(host.private_address for host in record.hosts):
        return record
    hosts = [replace(host, private_address=host.private_address or _address(ssh, host)) for host in record.hosts]
    return session.store.save(replace(record, hosts=tuple(hosts)))


def _address(ssh: "Ssh", host: Host) -> str:
    """Return the address that the host itself uses towards others."""
    told = ssh.output(host.name, ["ip", "-json", "-4", "route", "get", "192.0.2.1"])
    return str(json.loads(told)[0]["prefsrc"])


def ssh_settings(record: ClusterRecord) -> dict[str, str]:
    """Return what tells Ansible how to reach the hosts."""
    if not access.is_remote(record):
        return {}
    config = access.ssh(record).config
    return {"ANSIBLE_SSH_ARGS": f"-F {shlex.quote(str(config))}", "ANSIBLE_HOST_KEY_CHECKING": "True"}


def _end_setup(record: ClusterRecord, names: Collection[str]) -> None:
    """End the setup that still runs on the hosts `names`: over SSH it goes on when its caller is gone."""
    if access.is_remote(record) and names:
        access.ssh(record).everywhere(sorted(names), _END_SETUP, lambda _host, _line: None, timeout_s=_END_SETUP_S)


def _tell(event: "TaskEvent", told: Callable[[str], None]) -> None:
    if event.status == "started":
        told(f"{event.host}: {event.task}")
