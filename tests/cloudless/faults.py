"""Faults that a test asks for, and the words in which each cloud tells of them."""

import fnmatch
import os
import signal
import threading
from dataclasses import dataclass
from typing import Any

from tests.cloudless.world import World


class RefusedError(Exception):
    """The cloud says no, in the provider's words."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, as the test wrote it."""

    id: str
    kind: str
    """A key of the provider's faults.toml, or one of: slow, provider_killed, terraform_killed."""
    type: str
    """Of which resources, as a pattern of their type."""
    name: str = "*"
    """As a pattern of their name."""
    on: str = "create"
    """create, update, delete, read, plan or configure."""
    times: int | None = None
    """How often it happens; None for always."""
    seconds: float = 0
    text: str = ""
    """Words of the test's own, in place of the provider's."""

    def hits(self, on: str, kind: str, name: str) -> bool:
        """Say whether this is about such a resource."""
        return self.on == on and fnmatch.fnmatchcase(kind, self.type) and fnmatch.fnmatchcase(name, self.name)


class Faults:
    """What goes wrong in a world, for one provider."""

    def __init__(self, world: World, texts: dict[str, str], stopping: threading.Event):
        self._world = world
        self._texts = texts
        self._stopping = stopping

    def before(self, on: str, kind: str, name: str, facts: dict[str, Any]) -> None:
        """Raise RefusedError when the test wants this to be refused; `facts` complete the provider's words."""
        for fault in self._due(on, kind, name):
            text = fault.text or self._texts.get(fault.kind, "")
            if text and self._is_counted(fault):
                raise RefusedError(_told(text, facts))

    def after_create(self, kind: str, name: str) -> None:
        """Be slow, or die, when the test wants that: it exists by now. Raises RefusedError when terraform stops."""
        for fault in self._due("create", kind, name):
            if fault.kind == "slow" and self._stopping.wait(fault.seconds):
                raise RefusedError("context canceled")
            if fault.kind in ("provider_killed", "terraform_killed") and self._is_counted(fault):
                os.kill(os.getpid() if fault.kind == "provider_killed" else os.getppid(), signal.SIGKILL)

    def _due(self, on: str, kind: str, name: str) -> list[Fault]:
        faults = [Fault(**fault) for fault in self._world.read("faults") or []]
        return [fault for fault in faults if fault.hits(on, kind, name)]

    def _is_counted(self, fault: Fault) -> bool:
        """Say whether it happens once more."""
        if fault.times is None:
            return True
        return any(self._world.claim("faults", f"{fault.id}.{number}") for number in range(fault.times))


def _told(text: str, facts: dict[str, Any]) -> str:
    for name, value in facts.items():
        text = text.replace(f"<{name}>", str(value))
    return text
