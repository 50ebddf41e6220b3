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
    "c4a": {4: 1, 8: 2, 16: 4, 32: 6, 48: 10, 64: 14, 72: 16},
}
"""Family → vCPUs → local SSDs of its `-lssd` types (cloud.google.com, general-purpose machine family)."""


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
        local_disk_gib=local_ssd_gib(name, offer.vcpus),
    )


def local_ssd_gib(name: str, vcpus: float) -> float:
    """Return the local SSD of type `name`, 0 when it has none or it is not known."""
    if not name.endswith("-lssd"):
        return 0
    return _SSD_GIB * _LSSD_DISKS.get(name.partition("-")[0], {}).get(int(vcpus), 0)
