"""What goes wrong in Terraform, as Styx's errors: the diagnostics are the message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from styx.errors import BudgetError, IntegrityError, InterruptedRunError, LockedError, StyxError, TerraformError
from styx.run.terraform_events import Diagnostic

_LOCKED = "Error acquiring the state lock"
_NOT_THIS_PLAN = re.compile(r"Saved plan (is stale|does not match)|Failed to (load|read) .*plan|Invalid plan file")
_OVER_BUDGET = re.compile(r"This costs\s.*\sover\s+the\s+budget\s+of\s+\S+\s+USD", re.DOTALL)
"""As templates/terraform/common/placement.tf.j2 words it; Terraform breaks lines where it likes."""
_TAIL_LINES = 20


class TerraformRunError(TerraformError):
    """Terraform failed; what it said is in `diagnostics`."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), *, log: Path) -> None:
        super().__init__(message, f"read {log}", log=log)
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
        message = f"the Terraform state is locked by {lock.who or 'somebody'} since {lock.created or 'some time'}"
        hint = f"wait for it to end; if it is dead, run: terraform force-unlock {lock.id}"
        super().__init__(f"{message} (lock {lock.id}, {lock.operation})", hint, log=log)
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

    def __init__(self, what: str, *, killed: bool, log: Path) -> None:
        super().__init__(f"{what} {_ending(killed)}", log=log)
        self.interrupted = True
        self.killed = killed


def _ending(killed: bool) -> str:
    return "was killed: the state may lack what it was making" if killed else "was interrupted; its state is saved"


def failure(what: str, diagnostics: Sequence[Diagnostic], tail: Sequence[str], log: Path) -> StyxError:
    """Return the error for a failed command from its diagnostics; `tail` is shown only when there are none."""
    errors = [said for said in diagnostics if said.severity == "error"]
    for said in errors:
        if said.summary == _LOCKED:
            return StateLockedError(_lock(said.detail), diagnostics, log=log)
        if _NOT_THIS_PLAN.search(said.summary):
            return StalePlanError(errors, log=log)
        if over := _OVER_BUDGET.search(said.detail):
            return BudgetError(" ".join(over[0].split()), "raise styx.budget, or ask for less", log=log)
    text = "\n".join(map(str, errors)) or "\n".join(tail[-_TAIL_LINES:]) or "it said nothing"
    return TerraformRunError(f"{what} failed\n{text}", diagnostics, log=log)


def _lock(detail: str) -> StateLock:
    """Read the lock's fields from the one form in which Terraform gives them: lines `Name: value` in the detail."""
    fields = dict(re.findall(r"^\s*(ID|Who|Created|Operation):[ \t]*(.*?)\s*$", detail, re.MULTILINE))
    return StateLock(*(fields.get(name, "") for name in ("ID", "Who", "Created", "Operation")))
