"""One group of machines to look for: a request with names resolved and defaults filled in, ready for the query."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from styx.optimizer.blocklist import Blocked
from styx.spec.quantities import Amount

if TYPE_CHECKING:
    from styx.spec import Request
    from styx.spec.accelerators import AcceleratorAsk

CPUS = Amount(8, at_least=True)
"""Asked for when nothing is said of size, as SkyPilot does."""

GIB_PER_CPU = 4
"""Memory for each vCPU asked for when nothing is said of memory, as SkyPilot does."""

DISK_GIB = 256
DISK_TIER = "medium"
"""The main disk when nothing is said of it, as SkyPilot does."""

_ARM = re.compile(r"arm64|aarch64|graviton", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a query looks for; None asks for nothing. Two that are equal have the same answer."""

    cloud_ids: tuple[str, ...]
    num_nodes: int
    cloud: str | None = None
    region: str | None = None
    zone: str | None = None
    image_regions: tuple[str, ...] | None = None
    """The only regions that the image is known in."""
    instance_type: str | None = None
    accelerator: "AcceleratorAsk | None" = None
    """Its name is the catalog's."""
    cpus: Amount | None = None
    memory_gib: Amount | None = None
    cpus_default: bool = False
    """`cpus` is our default, not the user's wish."""
    memory_default: bool = False
    gib_per_cpu: float | None = None
    local_disk: Amount | None = None
    arch: str | None = None
    burstable: bool = False
    marketplace: bool = False
    use_spot: bool = False
    max_hourly_usd: float | None = None
    disk_gib: int = DISK_GIB
    disk_tier: str = DISK_TIER
    disk_tier_asked: bool = False
    public_ip: bool = True
    network: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    """What the cluster's own network takes on each cloud: service and how many; of a head's ask nothing."""
    features: tuple[str, ...] = ()
    """The fields of `resources` that ask for something: a cloud must be able to honour them."""
    blocklist: tuple[Blocked, ...] = ()
    restart_hours: float = 0
    budget_usd: float | None = None
    """For all machines of the ask, an hour."""
    least_tflops: float | None = None

    @property
    def market(self) -> str:
        """The market that it looks at."""
        return "spot" if self.use_spot else "on_demand"

    def without_defaults(self) -> "Ask":
        """Return the ask with only what the user said."""
        return replace(
            self,
            cpus=None if self.cpus_default else self.cpus,
            memory_gib=None if self.memory_default else self.memory_gib,
            cpus_default=False,
            memory_default=False,
        )


def from_request(request: "Request", num_nodes: int, cloud_ids: tuple[str, ...]) -> Ask:
    """Return what `request` asks of each of `num_nodes` machines.

    A machine type that is named is taken as it is: no default and no rule about its kind is laid on top.
    """
    named = request.instance_type is not None
    size = Ask(cloud_ids, num_nodes) if named else _with_defaults(request, Ask(cloud_ids, num_nodes))
    return replace(
        size,
        cloud=request.cloud,
        region=request.region,
        zone=request.zone,
        image_regions=None if isinstance(request.image_id, str | None) else tuple(sorted(request.image_id)),
        instance_type=request.instance_type,
        accelerator=request.accelerator,
        cpus=request.cpus or size.cpus,
        memory_gib=request.memory_gib or size.memory_gib,
        gib_per_cpu=request.memory_per_cpu.value if request.memory_per_cpu else None,
        local_disk=Amount(request.local_disk.size_gib, request.local_disk.at_least) if request.local_disk else None,
        arch=None if named else _arch(request),
        burstable=request.burstable or named,
        marketplace=request.marketplace or named,
        use_spot=bool(request.use_spot),
        max_hourly_usd=request.max_hourly_usd,
        disk_gib=request.disk_size_gib or DISK_GIB,
        disk_tier=request.disk_tier or DISK_TIER,
        disk_tier_asked=request.disk_tier not in (None, DISK_TIER),
        features=_features(request),
    )


def _features(request: "Request") -> tuple[str, ...]:
    """Return the fields that ask for something; one that says what holds anyway asks for nothing."""
    said = {"disk_size": request.disk_size_gib == DISK_GIB, "disk_tier": request.disk_tier == DISK_TIER}
    return tuple(sorted(request.asked - {name for name, default in said.items() if default}))


def _with_defaults(request: "Request", ask: Ask) -> Ask:
    """Fill in the size when little is asked; a machine with accelerators comes with what it needs."""
    if request.accelerator or request.memory_gib:
        return ask
    cpus = request.cpus or CPUS
    sized = replace(ask, cpus=cpus, cpus_default=request.cpus is None)
    if request.memory_per_cpu:
        return sized
    return replace(sized, memory_gib=Amount(cpus.value * GIB_PER_CPU, at_least=True), memory_default=True)


def _arch(request: "Request") -> str | None:
    """Return the processor asked for: an image whose name says arm64 runs on nothing else."""
    images = [request.image_id] if isinstance(request.image_id, str) else list((request.image_id or {}).values())
    if images and all(_ARM.search(image) for image in images):
        return "arm64"
    return request.arch
