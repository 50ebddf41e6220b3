"""What Azure's sizes are beyond their price: burstable ones, parts of GPUs, local disks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from styx.offer import Offer

_BURSTABLE = re.compile(r"(Standard|Basic)_B\d")
_LOCAL_DISK = re.compile(r"Standard_[DE]\d+(-\d+)?[a-z]*d[a-z]*_v[45]")

GIB_PER_VCPU = 37.5
"""Temporary disk of D and E sizes with a `d`, versions 4 and 5: learn.microsoft.com, Ddv4 to Edsv5 size series."""

FRACTIONS = {
    "Standard_NV6ads_A10_v5": 1 / 6,
    "Standard_NV12ads_A10_v5": 1 / 3,
    "Standard_NV18ads_A10_v5": 1 / 2,
    "Standard_NC8ads_A10_v4": 1 / 2,  # by its size and price; the size's page could not be read
    "Standard_NV4as_v4": 1 / 8,
    "Standard_NV8as_v4": 1 / 4,
    "Standard_NV16as_v4": 1 / 2,
    "Standard_NG8ads_V620_v1": 1 / 4,
    "Standard_NG16ads_V620_v1": 1 / 2,
    "Standard_NV4ads_V710_v5": 1 / 6,
    "Standard_NV8ads_V710_v5": 1 / 3,
    "Standard_NV12ads_V710_v5": 1 / 2,
}
"""Parts of a GPU, by the size series' own pages; the public tables round them to 0 or 1, or leave them out."""

WHOLE = {
    "Standard_NG32ads_V620_v1": 1,
    "Standard_NV24ads_V710_v5": 1,
    "Standard_NV28adms_V710_v5": 1,
    "Standard_ND96is_MI300X_v5": 8,
}
"""GPUs of sizes whose count the public tables leave out."""

_COUNTS = {**FRACTIONS, **WHOLE}
_MEMORY_GIB = {"Standard_B1ls": 0.5}
"""Rounded to 0 in public tables."""


def mend(offers: Iterable[Offer], _folder: Path) -> Iterator[Offer]:
    """Mark burstable sizes, count parts of GPUs, and add the local disks that the size's name tells."""
    for offer in offers:
        local = bool(_LOCAL_DISK.fullmatch(offer.instance_type))
        yield replace(
            offer,
            burstable=bool(_BURSTABLE.match(offer.instance_type)),
            accelerator_count=_COUNTS.get(offer.instance_type, offer.accelerator_count),
            memory_gib=_MEMORY_GIB.get(offer.instance_type, offer.memory_gib),
            local_disk_gib=offer.vcpus * GIB_PER_VCPU if local else 0,
        )
