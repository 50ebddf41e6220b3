"""What goes wrong in a playbook, as Styx's errors: each host, its task and what that said."""

from collections.abc import Sequence
from pathlib import Path

from styx.errors import AnsibleError, HostError, InterruptedRunError
from styx.run.ansible_values import PlayReport


class PlayError(AnsibleError):
    """A playbook failed on some hosts, or could not be run; `report` has what is known."""

    def __init__(self, message: str, report: PlayReport, *, log: Path) -> None:
        super().__init__(message, log=log)
        self.report = report


class PlayTimeoutError(PlayError):
    """A playbook took longer than it may, and was ended on this machine."""


class UnreachableError(HostError):
    """Some hosts could not be reached, and nothing else went wrong; `hosts` names them."""

    def __init__(self, message: str, report: PlayReport, *, log: Path) -> None:
        super().__init__(message, log=log)
        self.report = report
        self.hosts = tuple(host.host for host in report.hosts if host.unreachable)


class StoppedPlayError(InterruptedRunError):
    """A playbook was stopped on request, and what it ran on this machine was ended with it."""

    def __init__(self, name: str, running: Sequence[str], *, log: Path) -> None:
        on = f" at work on {', '.join(running)}" if running else ""
        super().__init__(f"the playbook {name} was interrupted{on}", log=log)
        self.interrupted = True
        self.running = tuple(running)
        """The hosts that were in the middle of a task."""


def failure(name: str, report: PlayReport, tail: Sequence[str], log: Path) -> PlayError | UnreachableError:
    """Return the error for a playbook that did not succeed; `tail` is shown when no host is to blame."""
    failed = [said for said in report.failures if not said.unreachable]
    lost = [said for said in report.failures if said.unreachable]
    told = "\n".join(f"  {said}" for said in report.failures)
    if failed:
        also = f", {len(lost)} unreachable" if lost else ""
        return PlayError(f"the playbook {name} failed ({len(failed)} failed{also})\n{told}", report, log=log)
    if lost:
        hosts = ", ".join(dict.fromkeys(said.host for said in lost))
        return UnreachableError(f"the playbook {name} cannot reach {hosts}\n{told}", report, log=log)
    return PlayError("\n".join([f"the playbook {name} could not be run", *tail]), report, log=log)
