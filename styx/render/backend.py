"""The backend block: where Terraform keeps its state."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from styx.spec import TaskSpec


@dataclass(frozen=True, slots=True)
class Backend:
    """Where Terraform keeps its state."""

    type: str
    settings: tuple[tuple[str, Any], ...]
    """Names padded to one width, as `terraform fmt` aligns them."""


def backend(task: "TaskSpec") -> Backend:
    """Return the backend that the spec asks for; a local one is the terraform/ folder itself."""
    asked = task.styx.backend
    width = max(map(len, asked.settings), default=0)
    return Backend(asked.type, tuple((name.ljust(width), value) for name, value in sorted(asked.settings.items())))
