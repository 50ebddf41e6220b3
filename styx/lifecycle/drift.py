"""`drift`: look at the world through Terraform, and say what is no longer as it was applied."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx import clouds
from styx.errors import TerraformError, UsageError
from styx.lifecycle import emptying, gone
from styx.lifecycle.destroy import workdir_of
from styx.lifecycle.ownership import open_state
from styx.lifecycle.progress import step
from styx.lifecycle.session import Session
from styx.lifecycle.standing import standing
from styx.review.drift import Drift, drifts
from styx.state import ClusterRecord, RunLock

if TYPE_CHECKING:
    from styx.run.terraform import Terraform


@dataclass(frozen=True, slots=True)
class Drifted:
    """One cluster, and what about it was changed by hand."""

    record: ClusterRecord
    drifts: tuple[Drift, ...]


def find_drift(name: str, session: Session) -> Drifted:
    """Compare what stands with what was applied; neither is changed.

    Raises UsageError when there is no such cluster or nothing was made yet, LockedError when another run is at work.
    """
    record = standing(name, session)
    if not record.live:
        raise UsageError(f"{name} has no machines yet", f"make them with: styx apply {record.spec_file or name}")
    with RunLock(record.name, verb="drift", timeout_s=session.settings.lock_timeout_s):
        plan, unread = _planned(record, session)
    unseen = clouds.by_id(record.cloud).lost_machines(record.hosts) + unread
    return Drifted(record, drifts(plan) + tuple(Drift(address, "gone") for address in unseen))


def _planned(record: ClusterRecord, session: Session) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a plan of Terraform's, in its JSON form, which tells what differs from the state.

    Beside it the machines that are gone, where the provider refuses to read them: they stay in the state.

    One with -refresh-only would not do: what refers to a machine that is gone is an error to it.
    """
    workdir = workdir_of(record, session)
    file = session.plan_file(record.name).with_suffix(".drift.tfplan")
    try:
        with step(session.report, "terraform plan") as told:
            terraform = session.terraform(workdir, session.log(record.name, "drift", "terraform"), told)
            open_state(record.name, terraform, workdir, session)
            lost = _plan(terraform, file, clouds.by_id(record.cloud))
            return terraform.show(file), lost
    finally:
        file.unlink(missing_ok=True)  # it can hold secrets


def _plan(terraform: "Terraform", file: Path, cloud: clouds.Cloud) -> tuple[str, ...]:
    """Write the plan; return the machines that it had to leave out."""
    try:
        terraform.plan(file)
    except TerraformError as error:
        lost = gone.addresses(error, terraform, cloud)
        if not lost:
            raise
        rest = [address for address in emptying.addresses(terraform.show()) if address not in lost]
        terraform.plan(file, targets=rest)
        return lost
    return ()
