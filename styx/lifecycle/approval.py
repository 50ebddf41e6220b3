"""What a reviewer approved is what is applied: a fresh plan must do the same, or nothing is run."""

import json
from collections.abc import Mapping
from pathlib import Path

from styx.errors import IntegrityError, UsageError
from styx.lifecycle.plan import Planned
from styx.lifecycle.session import Session
from styx.review import approval


def digest_of(planned: Planned, session: Session) -> str:
    """Return the digest of what a plan does: the same on another machine, while files and world are the same."""
    workdir = planned.rendered.workdir
    try:
        own = json.loads(workdir.run_variables.read_text())
    except FileNotFoundError:
        own = {}
    log = session.log(planned.rendered.cluster, "plan", "terraform")
    return approval.digest(session.terraform(workdir, log, lambda _line: None).show(planned.file), own)


def read_approved(path: Path) -> dict[str, str]:
    """Return cluster → digest; raise UsageError when the file holds something else."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", "take the digests that `styx plan --json` printed"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise UsageError(f"{path} holds no digests", 'write {"cluster": "digest"}, of what `styx plan --json` printed')
    return found


def refuse_other(planned: Planned, approved: Mapping[str, str], session: Session) -> None:
    """Raise IntegrityError when a plan changes something and is not the one that was approved."""
    cluster = planned.rendered.cluster
    if planned.terraform.has_changes and approved.get(cluster) != digest_of(planned, session):
        what = "is not the one that was approved" if cluster in approved else "was not approved"
        hint = "something changed since: plan again on a pull request, and have that approved"
        raise IntegrityError(f"the plan of {cluster} {what}", hint)
