"""What Compute Engine's types are beyond their price: shared cores, parts of GPUs, local SSDs, GPUs beside an N1."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from styx.clouds.gcp import attached
from styx.offer import Offer

SHARED_CORE = {"e2-micro": 2.0, "e2-small": 2.0, "e2-medium": 2.0, "f1-micro": 1.0, "g1-small": 1.0}
"""Type → vCPUs as the machine sees them; it may use a part of them (cloud.google.com, shared-core machine types)."""

FRACTIONS = {"g4-standard-6": 1 / 8, "g4-standard-12": 1 / 4, "g4-standard-24": 1 / 2}
"""Parts of an RTX PRO 6000; the public tables round them to 0 or 1."""

_SSD_GIB = 375
_LSSD_DISKS = {
    "c3": {4: 1, 8: 2, 22: 4, 44: 8, 88: 16, 176: 32},
    "c3d": {8: 1, 16: 1, 30: 2, 60: 4, 90: 8, 180: 16, 360: 32},
    "c4": {4: 1, 8: 1, 16: 2, 24: 4, 32: 5, 48: 8, 96: 16, 144: 24, 192: 32, 288: 48},
    "c4a": {4: 1, 8: 2, 16: 4, 32: 6, 48: 10, 64: 14, 72: 16},
    "c4d": {8: 1, 16: 1, 32: 2, 48: 4, 64: 6, 96: 8, 192: 16, 384: 32},
}
"""Family → vCPUs → local SSDs of its `-lssd` types; what these cost more than the plain types agrees."""

_GPU_DISKS = {"a2-ultragpu": 1, "a3-highgpu": 2, "a3-megagpu": 2}
"""Types → local SSDs that come with each GPU."""


def mend(offers: Iterable[Offer], folder: Path) -> Iterator[Offer]:
    """Mark shared cores, count parts of GPUs, add local SSDs, and offer each N1 with each GPU that fits beside it."""
    mended = [_mended(offer) for offer in offers]
    yield from mended
    yield from attached.offers(mended, folder)


def _mended(offer: Offer) -> Offer:
    name = offer.instance_type
    return replace(
        offer,
        vcpus=SHARED_CORE.get(name, offer.vcpus),
        burstable=name in SHARED_CORE,
        accelerator_count=FRACTIONS.get(name, offer.accelerator_count),
        local_disk_gib=local_ssd_gib(offer),
    )


def local_ssd_gib(offer: Offer) -> float:
    """Return the local SSD that is in a type's price, 0 when it has none or it is not known."""
    family, _, rest = offer.instance_type.partition("-")
    kind = f"{family}-{rest.partition('-')[0]}"
    if kind in _GPU_DISKS:
        return _SSD_GIB * _GPU_DISKS[kind] * offer.accelerator_count
    if not rest.endswith("-lssd"):
        return 0
    return _SSD_GIB * _LSSD_DISKS.get(family, {}).get(int(offer.vcpus), 0)
