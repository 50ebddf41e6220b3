"""What a rendering wants of a cloud's Terraform module, beyond what every module is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from styx.plan import Group

Fault = tuple[str, str, str]
"""A path in the spec, what a cloud does not take of it, and what to do."""


@dataclass(frozen=True, slots=True)
class Image:
    """A machine's image: by its id, or the newest that its owner gave such a name."""

    id: str = ""
    """The cloud's own id; empty when it is found by name."""
    owner: str = ""
    name: str = ""
    """As the spec or the catalog has it; what it may look like is the cloud's own affair."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One more disk of every machine."""

    name: str
    path: str
    """Where it is mounted."""
    disk_gib: int
    disk_tier: str = ""
    """As the main disk's; empty for the same."""
    number: int = 0
    """Its place on the machine, from 0: it keeps that whatever becomes of the others."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One cluster, as a cloud's `inputs` sees it."""

    cluster: str
    region: str
    groups: tuple[Group, ...]
    images: Mapping[str, Image]
    """Group → image."""
    fast_network: bool = False
    public_ip: bool = True
    tunnel: str = ""
    volumes: tuple[Volume, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    """As `resources.labels` has them."""
    buckets: Mapping[str, bool] = field(default_factory=dict)
    """Bucket of this cloud → whether machines may write to it."""
    stops_when_idle: bool = False
    """Whether a shutdown from inside is to stop a machine, where it would end it otherwise."""

    @property
    def disk_tier(self) -> str:
        """The tier of every main disk: low, medium, high or ultra."""
        return next((group.disk_tier for group in self.groups if group.disk_tier), "medium")
