"""What goes wrong in Terraform, as Styx's errors: the diagnostics are the message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from styx.errors import (
    BudgetError,
    CredentialError,
    IntegrityError,
    InterruptedRunError,
    LockedError,
    StyxError,
    TerraformError,
)
from styx.run import backend_errors
from styx.run.process import Outcome
from styx.run.terraform_events import Diagnostic

_LOCKED = re.compile(r"Error acquiring the state lock[\s\S]*(Lock Info:|already locked|PreconditionFailed)")
_NOT_THIS_PLAN = re.compile(r"Saved plan (is stale|does not match)|Failed to (load|read) .*plan|Invalid plan file")
_OVER_BUDGET = re.compile(r"This costs\s.*\sover\s+the\s+budget\s+of\s+\S+\s+USD", re.DOTALL)
"""As templates/terraform/common/placement.tf.j2 words it; Terraform breaks lines where it likes."""
_TAIL_LINES = 20
_NAMED = 3
"""Resources that are named in a message for all of which the same was said."""


class TerraformRunError(TerraformError):
    """Terraform failed; what it said is in `diagnostics`."""

    def __init__(
        self, message: str, diagnostics: Sequence[Diagnostic] = (), *, log: Path, hint: str | None = None
    ) -> None:
        super().__init__(message, hint or f"read {log}", log=log)
        self.diagnostics = tuple(diagnostics)


class BackendMovedError(TerraformRunError):
    """The folder was initialised with another backend than the one that it names now."""


class BackendCredentialError(CredentialError):
    """The place of the state refused the credentials, or there are none."""

    def __init__(self, message: str, hint: str, diagnostics: Sequence[Diagnostic], *, log: Path) -> None:
        super().__init__(message, hint, log=log)
        self.diagnostics = tuple(diagnostics)


class TerraformTimeoutError(TerraformRunError):
    """Terraform took longer than it may, and was told to stop."""

    def __init__(self, what: str, timeout_s: float, *, killed: bool, log: Path) -> None:
        super().__init__(f"{what} took longer than {timeout_s:g} s and {_ending(killed)}", log=log)
        self.killed = killed


class TerraformKilledError(TerraformRunError):
    """Somebody else killed Terraform: what it was making may exist without being in the state."""

    def __init__(self, what: str, signal_number: int, *, log: Path) -> None:
        super().__init__(f"{what} was ended by signal {signal_number}: the state may lack what it was making", log=log)


@dataclass(frozen=True, slots=True)
class StateLock:
    """Who holds the state; a field that Terraform did not name is empty."""

    id: str
    who: str
    created: str
    operation: str


class StateLockedError(LockedError):
    """Another Terraform holds the state's lock."""

    def __init__(self, lock: StateLock, diagnostics: Sequence[Diagnostic], *, log: Path) -> None:
        known = f" by {lock.who} since {lock.created}" if lock.who else ", and its store does not tell by whom"
        number = f" (lock {', '.join(filter(None, (lock.id, lock.operation)))})" if lock.id else ""
        unlock = f"; if it is dead, run: terraform force-unlock {lock.id}" if lock.id else ""
        hint = f"wait for it to end, or give --lock-timeout{unlock}"
        super().__init__(f"the Terraform state is locked{known}{number}", hint, log=log)
        self.lock = lock
        self.diagnostics = tuple(diagnostics)


class StalePlanError(IntegrityError):
    """A saved plan does not belong to this state, or is no plan."""

    default_hint = "make a new plan and apply that one"

    def __init__(self, diagnostics: Sequence[Diagnostic], *, log: Path) -> None:
        super().__init__("\n".join(map(str, diagnostics)), log=log)
        self.diagnostics = tuple(diagnostics)


class StoppedTerraformError(InterruptedRunError):
    """Terraform was asked to stop, and did; or was killed when it did not."""

    def __init__(self, what: str, outcome: Outcome, *, log: Path) -> None:
        super().__init__(f"{what} {_ending(outcome.killed)}", log=log)
        self.killed = outcome.killed
        self.forced = outcome.forced
        """Whether it was told more than once, and so may not have written down what it was making."""


def _ending(killed: bool) -> str:
    return "was killed: the state may lack what it was making" if killed else "was interrupted; its state is saved"


def failure(what: str, diagnostics: Sequence[Diagnostic], tail: Sequence[str], log: Path) -> StyxError:
    """Return the error for a failed command from its diagnostics; `tail` is shown only when there are none."""
    errors = [said for said in diagnostics if said.severity == "error"]
    text = _folded(errors) or "\n".join(tail[-_TAIL_LINES:]) or "it said nothing"
    message = f"{what} failed\n{text}"
    for said in errors or [_spoken(tail)]:
        if _LOCKED.search(f"{said.summary}\n{said.detail}"):
            return StateLockedError(_lock(said.detail), diagnostics, log=log)
        if _NOT_THIS_PLAN.search(said.summary):
            return StalePlanError(errors, log=log)
        if over := _OVER_BUDGET.search(said.detail):
            return BudgetError(" ".join(over[0].split()), "raise styx.budget, or ask for less", log=log)
        if backend_errors.has_moved(said):
            return BackendMovedError(message, diagnostics, log=log)
        if reason := backend_errors.reason(said):
            return _no_state(reason, message, diagnostics, log)
    return TerraformRunError(message, diagnostics, log=log)


def _folded(errors: Sequence[Diagnostic]) -> str:
    """Return the diagnostics as text: what was said of many resources once, with the first few of these."""
    about: dict[Diagnostic, list[str]] = {}
    for said in errors:
        about.setdefault(replace(said, address=""), []).append(said.address)
    return "\n".join(str(replace(said, address=_few(addresses))) for said, addresses in about.items())


def _few(addresses: Sequence[str]) -> str:
    named = [address for address in addresses if address]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


def _spoken(tail: Sequence[str]) -> Diagnostic:
    """Return the error in lines for people, which `show` and `state` use though asked for JSON: framed and broken."""
    return Diagnostic("error", " ".join(line.strip("│╷╵ ") for line in tail).strip().removeprefix("Error: "))


def _no_state(reason: backend_errors.Reason, message: str, diagnostics: Sequence[Diagnostic], log: Path) -> StyxError:
    if reason.credentials:
        return BackendCredentialError(message, reason.hint, diagnostics, log=log)
    return TerraformRunError(message, diagnostics, log=log, hint=reason.hint)


def _lock(detail: str) -> StateLock:
    """Read the holder's lock from the one form in which Terraform gives it: lines `Name: value` in the detail.

    The backends http and pg put the asker's own there; a server may at least tell the holder's number.
    """
    if told := re.search(r"HTTP remote state already locked: ID=(\S*)", detail):
        return StateLock(told[1], "", "", "")
    if "Workspace is already locked" in detail:
        return StateLock("", "", "", "")
    fields = dict(re.findall(r"^\s*(ID|Who|Created|Operation):[ \t]*(.*?)\s*$", detail, re.MULTILINE))
    return StateLock(*(fields.get(name, "") for name in ("ID", "Who", "Created", "Operation")))
