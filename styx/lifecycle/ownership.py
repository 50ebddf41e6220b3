"""Whose state it is: refused is one that belongs to another cluster, is lost, or has moved without its machines."""

import json
from typing import TYPE_CHECKING, Any

from styx.errors import IntegrityError, LeakError
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.state import ClusterRecord
from styx.workdir import Workdir

if TYPE_CHECKING:
    from styx.run.terraform import Terraform
    from styx.run.terraform_results import PlanResult

_OWNER = "terraform_data.placement"
"""What every state of Styx's holds: the cluster and the place that it was first applied for."""

_PLACES = ("bucket", "key", "prefix", "storage_account_name", "container_name", "address", "schema_name")
"""Settings of backends that say where a state is."""


def open_state(name: str, terraform: "Terraform", workdir: Workdir, session: Session) -> None:
    """Make the state of cluster `name` ready: its backend initialised, and what that once refused handed in.

    Raises IntegrityError when the folder names another backend than before.
    """
    if terraform.needs_init():
        _initialise(terraform, workdir, session)
    if unsaved := session.store.unsaved_state(name, workdir.terraform):
        terraform.push(unsaved)
        session.store.drop_unsaved_state(name, workdir.terraform)
        session.report(Progress("state", "note", "its store has now taken the state that it refused before"))


def _initialise(terraform: "Terraform", workdir: Workdir, session: Session) -> None:
    """Run `terraform init`; a local state that lists nothing, or never was, is no reason to ask about moving it."""
    from styx.run.terraform_errors import BackendMovedError

    try:
        terraform.init()
    except BackendMovedError as error:
        before = _recorded(workdir)
        if before is None and not session.store.state_lists_resources(workdir.terraform):
            terraform.init(reconfigure=True)
            return
        folder = workdir.terraform
        hint = (
            f"to move it: cd {folder} && terraform init -migrate-state, then run this again; to leave it, put "
            f"styx.backend back; when nothing was ever made: cd {folder} && terraform init -reconfigure"
        )
        message = f"the state was kept in {before or folder}, and backend.tf now names another place"
        raise IntegrityError(message, hint, log=error.log) from error


def refuse_lost(record: ClusterRecord | None, planned: "PlanResult", terraform: "Terraform", session: Session) -> None:
    """Raise LeakError when machines are recorded and a plan was made from a state that knows nothing of them.

    Nothing is wrong when they were destroyed by other means, and the state says so.
    """
    begun = any(change.address == _OWNER and change.action == "create" for change in planned.changes)
    if record and record.live and record.hosts and begun and not is_emptied(record, terraform, session):
        raise lost(record, terraform)


def is_emptied(record: ClusterRecord, terraform: "Terraform", session: Session) -> bool:
    """Say whether the state in Terraform's folder lists nothing because everything was destroyed."""
    if session.state_is_remote(Workdir(terraform.folder.parent)):
        return session.store.remote_state_was_emptied(record.name, terraform.pull())
    return session.store.state_is_emptied(record.name, terraform.folder)


def lost(record: ClusterRecord, terraform: "Terraform") -> LeakError:
    """Return the error for a state that knows nothing of the machines that are recorded."""
    machines = ", ".join(f"{host.name} ({host.folder or host.id})" for host in record.hosts)
    hint = (
        f"put the state back where {terraform.folder}/backend.tf says and run this again, or end these machines by hand"
    )
    return LeakError(f"{record.name}: Terraform's state is lost or empty, so these may live on: {machines}", hint)


def refuse_foreign(record: ClusterRecord, shown: dict[str, Any]) -> None:
    """Raise IntegrityError when a state, in Terraform's JSON form, was made for another cluster or place."""
    resources = shown.get("values", {}).get("root_module", {}).get("resources", ())
    for owner in (one["values"]["output"] for one in resources if one["address"] == _OWNER):
        if (owner["cluster"], owner["place"]) != (record.name, f"{record.cloud}/{record.region}"):
            message = f"this state is of {owner['cluster']} in {owner['place']}, not of {record.name}"
            raise IntegrityError(message, f"run `styx destroy {owner['cluster']}` if that is what you want to end")


def _recorded(workdir: Workdir) -> str | None:
    """Return where Terraform last looked for a remote state, without any secret; None for a local one."""
    try:
        found = json.loads((workdir.terraform / ".terraform" / workdir.state_file.name).read_text())["backend"]
        settings = {name: found["config"].get(name) for name in _PLACES}
    except (OSError, ValueError, KeyError):
        return None
    said = " ".join(f"{name}={value}" for name, value in settings.items() if value)
    return f"{found['type']} ({said})" if said else None
