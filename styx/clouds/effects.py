"""What a change of a cloud's Terraform resources does to the machines that stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Effects:
    """The facts about a cloud's resources; each is named by its type, or by `type.name` where only one of them is."""

    data: frozenset[str] = frozenset()
    """What is on these is lost with them: disks, and machines that bring one of their own."""
    restarts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Resource → the attributes whose change in place stops and starts a machine."""
    unnoticed: frozenset[str] = frozenset()
    """These are replaced or removed without any machine noticing."""
