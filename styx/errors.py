"""Every error that Styx raises on purpose, with the exit code and the next step that go with it.

StyxError                       1
├── ToolMissingError            1
├── SpecError, UsageError       2
├── NoOfferError                3
├── CapacityError               3
├── BudgetError                 3
├── PolicyError                 3
├── LockedError                 4
├── CredentialError             5
├── QuotaError                  5
├── TerraformError              6
├── AnsibleError                7
├── HostError                   7
├── VerifyError                 7
├── IntegrityError              8
├── CatalogError                8
├── LeakError                   9
├── JobError                   10
├── DifferenceError            11
└── InterruptedRunError       130, 143
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class StyxError(Exception):
    """A fault that a person can act on: what happened, and what to do next."""

    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str] = "run the command again with --debug and report what it prints"
    meaning: ClassVar[str] = "unexpected"

    def __init__(self, message: str, hint: str | None = None, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        self.log = log
        """The file with the whole story, when a tool wrote one."""


class ToolMissingError(StyxError):
    """A program that Styx drives is not installed."""

    default_hint = "install the missing program, then run the command again"
    meaning = "a needed program is missing"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file that the user wrote."""

    file: str
    line: int
    """1-based; 0 when the fault has no place in a file (a command-line option)."""
    column: int
    path: str
    """Where in the document, for example `resources.accelerators`."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {path}{self.message}{hint}"


class SpecError(StyxError):
    """A spec, an override or a settings file is wrong; every fault is reported at once."""

    exit_code = 2
    default_hint = "mend the lines named above; `styx schema` prints what is allowed"
    meaning = "the spec or its overrides are wrong"

    def __init__(self, faults: Sequence[Fault], hint: str | None = None) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), hint)
        self.faults = tuple(faults)


class UsageError(StyxError):
    """The command line asks for something that cannot be done."""

    exit_code = 2
    default_hint = "see `styx --help`"
    meaning = "wrong usage of the command line"


class NoOfferError(StyxError):
    """No machine in the catalog fits what was asked."""

    exit_code = 3
    default_hint = "loosen the constraint that removed the most candidates"
    meaning = "no machine fits"


class CapacityError(StyxError):
    """A cloud has no such machine free at this moment."""

    exit_code = 3
    default_hint = "try again later, or allow more regions or machine types"
    meaning = "the cloud has no capacity"


class BudgetError(StyxError):
    """The plan costs more than `styx.budget` allows."""

    exit_code = 3
    default_hint = "raise styx.budget or ask for less"
    meaning = "over the budget"


class PolicyError(StyxError):
    """The plan does what `styx.policy` forbids."""

    exit_code = 3
    default_hint = "change the spec, or the policy that forbids it"
    meaning = "forbidden by policy"


class LockedError(StyxError):
    """Another run holds the cluster."""

    exit_code = 4
    default_hint = "wait for the other run, or give --lock-timeout"
    meaning = "another run holds the cluster"


class CredentialError(StyxError):
    """A cloud refused the credentials, or there are none."""

    exit_code = 5
    default_hint = "run `styx check` to see which clouds can be used"
    meaning = "credentials are missing or refused"


class QuotaError(StyxError):
    """The account's quota does not allow the machines."""

    exit_code = 5
    default_hint = "ask the cloud for more quota, or allow other regions"
    meaning = "the account's quota is used up"


class TerraformError(StyxError):
    """Terraform failed; its diagnostics are in the message."""

    exit_code = 6
    default_hint = "read the log named above"
    meaning = "Terraform failed"


class AnsibleError(StyxError):
    """A playbook failed on some host."""

    exit_code = 7
    default_hint = "read the log named above, mend the host, and apply again: only what is left is done"
    meaning = "Ansible failed"


class HostError(StyxError):
    """A host cannot be reached or does not answer as it should."""

    exit_code = 7
    default_hint = "look at the host with `styx ssh`, then apply again"
    meaning = "a host failed"


class VerifyError(StyxError):
    """A host is not what its roles promise."""

    exit_code = 7
    default_hint = "apply again to mend the host, or look at it with `styx ssh`"
    meaning = "a host is not as promised"


class IntegrityError(StyxError):
    """A file was tampered with, is corrupt, or belongs to something else."""

    exit_code = 8
    default_hint = "restore the file from git, or render the folder again"
    meaning = "a file is corrupt, tampered with or out of date"


class CatalogError(StyxError):
    """The catalog is corrupt, unreadable or of another version."""

    exit_code = 8
    default_hint = "install styx-infra again to restore the shipped catalog"
    meaning = "the catalog is corrupt or out of date"


class LeakError(StyxError):
    """Resources may remain; their ids are in the message."""

    exit_code = 9
    default_hint = "destroy the listed resources, or run `styx destroy` again"
    meaning = "resources may remain"


class JobError(StyxError):
    """The user's job failed; its own exit code is `job_exit_code`."""

    exit_code = 10
    default_hint = "read the job's log with `styx logs`"
    meaning = "the job failed"

    def __init__(self, message: str, hint: str | None = None, *, job_exit_code: int | None = None) -> None:
        super().__init__(message, hint)
        self.job_exit_code = job_exit_code


class DifferenceError(StyxError):
    """A `--check` found that what is on disk is not what would be written."""

    exit_code = 11
    default_hint = "run the command without --check and commit the result"
    meaning = "a --check found differences"


class InterruptedRunError(StyxError):
    """The user (130) or the system (143) asked Styx to stop, and it did so cleanly."""

    exit_code = 130
    default_hint = "run the same command again: it carries on where it stopped"
    meaning = "interrupted"


def tree(root: type[StyxError] = StyxError) -> list[type[StyxError]]:
    """Return `root` and every error below it, depth first: the table in the docs is made from this."""
    found = [root]
    for child in root.__subclasses__():
        found += tree(child)
    return found
