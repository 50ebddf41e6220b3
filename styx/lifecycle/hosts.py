"""Putting on the hosts what the task needs: Ansible over the rendered folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx.lifecycle.progress import step
from styx.lifecycle.session import Session

if TYPE_CHECKING:
    from styx.run.ansible_values import PlayReport, TaskEvent

Secrets = Mapping[str, str]


def configure(folder: Path, hosts: int, secrets: Secrets, session: Session, log: Path) -> "PlayReport":
    """Run the playbook of a rendered ansible/ folder on its `hosts` hosts.

    Raises AnsibleError naming each host and task that failed, HostError for hosts that cannot be reached.
    """
    from styx.run import ansible, ansible_env, ansible_values

    playbook = ansible_values.Playbook(
        folder=folder,
        extra_vars={"workspace_secrets": dict(secrets)} if secrets else {},
        secret_names=("workspace_secrets",),
        forks=ansible_env.forks_for(hosts),
    )
    with step(session.report, "ansible") as told:
        watcher = ansible.Watcher(on_event=lambda event: _tell(event, told))
        return ansible.run_playbook(playbook, log=log, watcher=watcher)


def _tell(event: "TaskEvent", told: Callable[[str], None]) -> None:
    if event.status == "started":
        told(f"{event.host}: {event.task}")
