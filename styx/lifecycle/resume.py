"""What a run that was killed left: its Terraform, which may work on alone, and a journal without an end."""

import time

from styx.errors import LockedError
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.state import process
from styx.workdir import Workdir

LONGEST_WAIT_S = 900.0
"""How long the Terraform of a killed run may work on: it makes what it has begun, and writes it down."""

_PAUSE_S = 0.1


def settle(cluster: str, workdir: Workdir, session: Session) -> None:
    """See to what earlier runs of `cluster` left that were killed; its lock is held.

    Raises LockedError when a Terraform of theirs does not end.
    """
    wait(cluster, workdir, session)
    for one in session.store.unfinished(cluster):
        session.report(Progress("resume", "note", f"`styx {one.verb}` of {one.started_at} was killed; carrying on"))
        session.store.end_dead(one)


def wait(cluster: str, workdir: Workdir, session: Session) -> None:
    """Wait until nothing that a killed run has started works in the folder any more; the cluster's lock is held.

    Raises LockedError when it does not end.
    """
    if not session.store.unfinished(cluster):
        return
    deadline = time.monotonic() + max(LONGEST_WAIT_S, session.settings.lock_timeout_s)
    told = False
    while workdir.terraform.is_dir() and (left := process.working_in(workdir.terraform)):
        numbers = ", ".join(map(str, left))
        if time.monotonic() > deadline:
            message = f"the Terraform of a killed run still works in {workdir.terraform} (pid {numbers})"
            raise LockedError(message, f"wait for it; or end it: kill -INT {numbers.replace(',', '')}")
        if not told:
            session.report(Progress("resume", "note", f"its Terraform (pid {numbers}) ends what it has begun"))
            told = True
        time.sleep(_PAUSE_S)
