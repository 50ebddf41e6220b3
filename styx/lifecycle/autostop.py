"""`autostop`: say of a cluster that stands when its machines switch themselves off."""

import json
from dataclasses import dataclass

from styx import clouds, paths
from styx.errors import HostError, UsageError
from styx.lifecycle.hosts import ssh_settings
from styx.lifecycle.progress import step
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.state import ClusterRecord, RunLock
from styx.workdir import Workdir


@dataclass(frozen=True, slots=True)
class Wish:
    """When machines switch themselves off."""

    idle_minutes: int
    """0 for never."""
    down: bool = False
    """Whether they are to end rather than to stop."""
    wait_for: str = "jobs_and_ssh"


def set_autostop(name: str, wish: Wish, session: Session) -> ClusterRecord:
    """Tell the machines of cluster `name`; idle time counts anew.

    Raises UsageError where they could not do it, and what Ansible raises.
    """
    from styx.run import ansible, ansible_env, ansible_values

    name = standing(name, session).name
    with RunLock(name, verb="autostop", timeout_s=session.settings.lock_timeout_s):
        record = standing(name, session)
        workdir = Workdir(record.folder)
        _refuse(record, wish, workdir)
        if not workdir.inventory.is_file():
            raise HostError(f"{name}: {workdir.inventory} is missing", "apply the spec again, which writes it")
        playbook = ansible_values.Playbook(
            folder=paths.playbooks(),
            name="autostop.yml",
            inventory=str(workdir.inventory),
            extra_vars={
                "autostop_idle_minutes": wish.idle_minutes,
                "autostop_wait_for": wish.wait_for,
                "autostop_has_ray": "ray" in workdir.lock()["roles"],
            },
            forks=ansible_env.forks_for(len(record.hosts)),
            env=ssh_settings(record),
        )
        summary = f"idle {wish.idle_minutes} minutes, {'down' if wish.down else 'stop'}, wait for {wish.wait_for}"
        with (
            session.store.run(name, "autostop", session.owner, summary) as run,
            step(session.report, "ansible") as told,
        ):
            watcher = ansible.Watcher(on_event=lambda event: told(f"{event.host}: {event.task}"))
            ansible.run_playbook(playbook, log=session.log(name, run.id, "ansible"), watcher=watcher)
        return record


def _refuse(record: ClusterRecord, wish: Wish, workdir: Workdir) -> None:
    """Raise UsageError where the machines cannot do to themselves what is wished."""
    cloud = clouds.by_id(record.cloud)
    facts = cloud.stopping
    if facts.autostop != "shutdown":
        raise UsageError(
            f"machines on {cloud.title} cannot switch themselves off so that the bill ends",
            f"stop or end them yourself: styx stop {record.name}, styx destroy {record.name}",
        )
    if not wish.idle_minutes:
        return
    if wish.down and facts.autodown != "shutdown":
        raise UsageError(f"a machine of {cloud.title} cannot end itself", "leave out --down: it stops")
    if facts.stop_input and _stops(workdir, facts.stop_input) == wish.down:
        does, wants = ("end", "--down") if not wish.down else ("stop", "no --down")
        hint = f"give {wants}, or write autostop into the spec and apply it: that changes it in place"
        raise UsageError(f"the machines of {record.name} {does} when they shut themselves down", hint)


def _stops(workdir: Workdir, variable: str) -> bool:
    """Say whether a shutdown stops the machines, as the rendered folder has it."""
    return variable in json.loads((workdir.terraform / "terraform.tfvars.json").read_text())
