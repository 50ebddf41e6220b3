"""An offer: one machine type that can be rented in one region, with its prices."""

from dataclasses import dataclass
from typing import Literal

Market = Literal["on_demand", "spot", "reserved"]
PriceKind = Literal["list", "derived", "estimated", "own", "unknown"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One rentable machine in one region."""

    cloud: str
    region: str
    instance_type: str
    vcpus: float
    memory_gib: float
    zones: tuple[str, ...] = ()
    """Zones that sell it; empty when unknown or when the region has none."""
    accelerator: str | None = None
    """Canonical name, for example `A100-80GB`."""
    accelerator_count: float = 0
    """Per machine; may be fractional."""
    gpu_memory_gib: float | None = None
    """Per accelerator."""
    arch: str = "x86_64"
    burstable: bool = False
    """Burstable or shared-core: its vCPUs cannot be used all the time."""
    local_disk_gib: float = 0
    hourly_usd: float | None = None
    """On demand, for one machine; None when unknown, 0 when it costs nothing."""
    spot_hourly_usd: float | None = None
    """None when unknown or not sold."""
    price_kind: PriceKind = "unknown"
    spot_kind: PriceKind = "unknown"
    price_as_of: str = ""
    """ISO date of the price, empty for the user's own machines."""
    max_count: int | None = None
    """How many can be had at once; None when only the cloud knows."""
    divisible: bool = False
    """True when a node may be a part of it: the vCPUs and memory asked for are then the least, not the size."""

    def price_usd(self, market: Market) -> float | None:
        """Return USD an hour for one machine on `market`, None when it is not known."""
        return self.spot_hourly_usd if market == "spot" else self.hourly_usd
