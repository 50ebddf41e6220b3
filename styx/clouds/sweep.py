"""What a sweep of a cloud finds of Styx's, whoever forgot it, and takes away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

CLUSTER, RUN, OWNER = "styx-cluster", "styx-run", "styx-owner"
"""The tags that every module puts on all that can carry them."""

Kind = Literal[
    "machine", "disk", "interface", "address", "gateway", "endpoint", "template", "group", "key", "firewall", "subnet",
    "route table", "way out", "network", "identity",
]  # fmt: skip

ORDER: tuple[Kind, ...] = (
    "machine", "template", "gateway", "endpoint", "interface", "disk", "address", "key", "identity", "firewall",
    "subnet", "route table", "way out", "network", "group",
)  # fmt: skip
"""In which order things are taken away: what others stand on goes last."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that exists in a cloud and is Styx's by its tags, or by its name where nothing carries tags."""

    kind: Kind
    id: str
    """As the cloud's own API calls it."""
    name: str
    cluster: str
    region: str = ""
    """Empty for what stands in no region."""
    zone: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Empty where its kind carries none."""
    holds_data: bool = False
    """Whether somebody's work can be on it: a machine, a disk."""
    created: str = ""
    """ISO UTC text; empty where the cloud does not say."""
    part_of: str = ""
    """The id of the machine that it belongs to; empty when it stands alone."""

    @property
    def owner(self) -> str:
        """Who made it, as its tags say; empty when they do not."""
        return self.tags.get(OWNER, "")

    @property
    def run(self) -> str:
        """The run that made the first machine of its cluster."""
        return self.tags.get(RUN, "")

    def __str__(self) -> str:
        where = self.zone or self.region
        return f"{self.kind} {self.name} ({self.id}{f' in {where}' if where else ''})"


class Account(Protocol):
    """An account of a cloud, with the credentials that Terraform's provider would use.

    Both methods raise CredentialError when nobody answers or lets us in.
    """

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return what stands of `cluster` in `regions`; of every cluster and region for none.

        What is being ended is listed for as long as it exists. A cloud that lists all regions at once may do so.
        """
        ...

    def remove(self, found: Found) -> str:
        """Ask the cloud to end it, and return "", or why it cannot be ended now; one that is gone is no error."""
        ...
