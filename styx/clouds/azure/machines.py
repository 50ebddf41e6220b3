"""What Azure's sizes are beyond their price: burstable ones, parts of GPUs, local disks, vCPUs switched off."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from styx.offer import Offer

_BURSTABLE = re.compile(r"(Standard|Basic)_B\d")
_CONFIDENTIAL = re.compile(r"Standard_(DC|EC)\d")
"""Sizes for confidential computing: they want a confidential image and disk encryption of its kind, which the module
does not write, and some are a closed preview (learn.microsoft.com: DC and EC family). They are no offers of ours."""

_LOCAL_DISK = re.compile(r"Standard_[DE](\d+)(?:-\d+)?[a-z]*d[a-z]*_v[45]")
_ACTIVE_VCPUS = re.compile(r"Standard_[A-Z]+\d+-(\d+)")
"""A size of which some vCPUs are switched off: after the dash stands how many are left. It keeps the memory, the disk
and the price of the whole size (learn.microsoft.com: constrained vCPU capable VM sizes)."""

_SIZE = re.compile(r"Standard_([DE])(\d+)(?:-\d+)?([a-z]+_v\d+)")
"""Letter, vCPUs before any are switched off, and the rest of the family's name."""

WINDOWS_USD = 0.046
"""What Windows adds to a vCPU's hour (azure.microsoft.com/pricing: Windows against Linux virtual machines)."""

GIB_PER_VCPU = 37.5
"""Temporary disk of D and E sizes with a `d`, versions 4 and 5, by the vCPUs before any are switched off:
learn.microsoft.com, Ddv4 to Edsv5 size series."""

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
    """Mark burstable sizes, count active vCPUs and parts of GPUs, add local disks that names tell, take Windows off.

    Confidential sizes are left out.
    """
    for offer in _without_windows([one for one in offers if not _CONFIDENTIAL.match(one.instance_type)]):
        active = _ACTIVE_VCPUS.match(offer.instance_type)
        local = _LOCAL_DISK.fullmatch(offer.instance_type)
        yield replace(
            offer,
            vcpus=float(active[1]) if active else offer.vcpus,
            burstable=bool(_BURSTABLE.match(offer.instance_type)),
            accelerator_count=_COUNTS.get(offer.instance_type, offer.accelerator_count),
            memory_gib=_MEMORY_GIB.get(offer.instance_type, offer.memory_gib),
            local_disk_gib=int(local[1]) * GIB_PER_VCPU if local else 0,
        )


def _without_windows(offers: Sequence[Offer]) -> Iterator[Offer]:
    """Yield `offers`, those at the price of Windows at that of Linux.

    A D or E size costs in proportion to its vCPUs. One that costs just a Windows licence more than that, measured by
    the cheapest size of its family in its region, is listed with Windows; it then has no spot price either.
    """
    least: dict[tuple[str, str], float] = {}
    for offer in offers:
        if offer.hourly_usd and (size := _size(offer)):
            key = (offer.region, size[0])
            least[key] = min(least.get(key, math.inf), offer.hourly_usd / size[1])
    for offer in offers:
        size = _size(offer)
        linux_usd = least.get((offer.region, size[0]), 0) * size[1] if size else 0
        windows_usd = linux_usd + WINDOWS_USD * (size[1] if size else 0)
        if linux_usd and offer.hourly_usd and abs(offer.hourly_usd / windows_usd - 1) < 0.005:
            yield replace(offer, hourly_usd=round(linux_usd, 6), price_kind="derived")
        else:
            yield offer


def _size(offer: Offer) -> tuple[str, int] | None:
    """Return the family of a D or E size and the vCPUs that its price is for."""
    found = _SIZE.fullmatch(offer.instance_type)
    return (found[1] + found[3], int(found[2])) if found else None
