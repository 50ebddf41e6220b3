"""What goes into a playbook's run and what comes out of it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from styx.run.ansible_remedies import remedy

Status = Literal["started", "ok", "changed", "failed", "unreachable", "skipped"]


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook in a rendered folder, and how to run it."""

    folder: Path
    """The working folder: it has ansible.cfg, roles/, group_vars/ and the inventory."""
    name: str = "site.yml"
    inventory: str = "inventory.yml"
    extra_vars: Mapping[str, object] = field(default_factory=dict, repr=False)
    """They may hold secrets; no string in them is ever taken for a template."""
    secret_names: tuple[str, ...] = ()
    """The extra variables whose values are secret, all the strings inside them included."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """More values that must not be seen in the log or in an error."""
    tags: tuple[str, ...] = ()
    limit: tuple[str, ...] = ()
    """Hosts or groups; none means all of them."""
    forks: int = 5
    timeout_s: float | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """More environment for Ansible and for what it runs on this machine."""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One step of one task on one host."""

    host: str
    task: str
    role: str
    """Empty for a task outside any role."""
    status: Status
    duration_s: float = 0


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """A task that failed on a host, or the host that could not be reached for it."""

    host: str
    task: str
    role: str
    message: str
    stdout: str = ""
    """The last lines."""
    stderr: str = ""
    """The last lines."""
    unreachable: bool = False

    def __str__(self) -> str:
        """Return one line with what to do, when that is known; else all that the host said."""
        task = f"{self.role} : {self.task}" if self.role else self.task
        place, message = f"{self.host}: {task}", self.message.strip().removeprefix("Task failed: ")
        found = remedy(message, self.stderr, unreachable=self.unreachable)
        if found:
            return f"{place}: {found[0]}; {found[1]}"
        told = "".join(f"\n    {line}" for text in (self.stdout, self.stderr) for line in text.splitlines())
        return f"{place}: {message}{told}"


@dataclass(frozen=True, slots=True)
class HostReport:
    """How many tasks ended how on one host."""

    host: str
    ok: int = 0
    changed: int = 0
    failed: int = 0
    unreachable: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class PlayReport:
    """How a playbook went."""

    hosts: tuple[HostReport, ...]
    failures: tuple[TaskFailure, ...]
    """What was neither ignored nor rescued."""
    duration_s: float

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts together."""
        return sum(host.changed for host in self.hosts)
