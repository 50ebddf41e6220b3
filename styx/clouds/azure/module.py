"""What templates/terraform/azure is told beyond what every module is told."""

import re
from typing import Any

from styx.clouds.wanted import Image, Wanted
from styx.errors import UsageError
from styx.offer import Offer

_DISKS = {
    "low": "Standard_LRS",
    "medium": "StandardSSD_LRS",
    "high": "Premium_LRS",
    "ultra": "Premium_LRS",
    "best": "Premium_LRS",
}
"""Tier → type; neither Ultra nor Premium v2 disks can be a main disk."""

_PREMIUM = re.compile(r"Standard_((DS|GS|M)\d.*|[A-Z]+\d+(-\d+)?[a-z]*s[a-z]*(_.*)?)")
"""Sizes that take premium disks, an `s` in most: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions."""

_GENERATION_1 = re.compile(r"Standard_(A\d.*|D\d+(-\d+)?(_v[23])?|DS\d+|E\d+i?(-\d+)?_v3|F\d+s?|G\d+)(_Promo)?")
"""Sizes that boot no image of generation 2: https://learn.microsoft.com/azure/virtual-machines/generation-2."""

_SKUS = {"server": "server-gen1", "22_04-lts-gen2": "22_04-lts"}
"""Canonical's images of generation 2, good for trusted launch → the same of generation 1."""

_TRUSTED = re.compile(r"Standard_(B|D|DS|E|F|FX|L|HB|HC|HX)\d.*")
"""Families with trusted launch: https://learn.microsoft.com/azure/virtual-machines/trusted-launch. Sizes with GPUs are
left out, since secure boot loads no unsigned driver, and Arm's, of which only the newest have it."""

_NVME = re.compile(r"Standard_([DEF]\d.*_v[67]|L\d.*_v4|FX\d.*_v2)")
"""Sizes that see their disks as NVMe devices; the others see them as SCSI's."""

_SLOW = re.compile(r"Standard_(A\d.*|B[1248]l?m?s)")
"""Sizes without accelerated networking, besides those of one vCPU:
https://learn.microsoft.com/azure/virtual-network/accelerated-networking-overview."""

_ROOTS = ("subscriptions/", "communitygalleries/", "sharedgalleries/")
"""How the resource ids of images begin."""


def inputs(wanted: Wanted) -> dict[str, Any]:
    """Return the variables of variables_azure.tf; raises UsageError for an image or disk that Azure cannot give."""
    told: dict[str, Any] = {"kinds": {group.name: _kind(wanted, group.name, group.offer) for group in wanted.groups}}
    resources = {group: image for group, found in wanted.images.items() if (image := _given(found)).startswith("/")}
    if resources:
        told["image_ids"] = resources
    if wanted.volumes:
        told["volume_disks"] = {
            one.name: {"type": _DISKS[one.disk_tier or wanted.disk_tier], "lun": one.number} for one in wanted.volumes
        }
    return told


def _kind(wanted: Wanted, group: str, offer: Offer) -> dict[str, Any]:
    """Return what one group's machines are, beyond their size."""
    _refuse_beyond(wanted, offer)
    image = _marketplace(_given(wanted.images[group]), offer.instance_type)
    kind = {"image": image, "disk_type": _DISKS[wanted.disk_tier], "trusted_launch": _is_trusted(offer, image)}
    return {**kind, "disk_controller": _controller(offer.instance_type)} if wanted.volumes else kind


def _refuse_beyond(wanted: Wanted, offer: Offer) -> None:
    """Raise UsageError for what a size cannot have."""
    size, tiers = offer.instance_type, {wanted.disk_tier, *(one.disk_tier for one in wanted.volumes if one.disk_tier)}
    premium = sorted(tier for tier in tiers if _DISKS[tier] == "Premium_LRS")
    if premium and not _PREMIUM.fullmatch(size):
        what = f"{size} takes no premium disk, which the tier {premium[0]} asks for"
        raise UsageError(what, "write disk_tier: medium, or name an instance_type with an s, such as Standard_D4s_v5")


def has_fast_network(offer: Offer) -> bool:
    """Tell whether a size has accelerated networking."""
    return offer.vcpus > 1 and not _SLOW.fullmatch(offer.instance_type)


def _controller(size: str) -> str:
    return "NVMe" if _NVME.fullmatch(size) else "SCSI"


def _given(found: Image) -> str:
    """Return an image as a resource id or `publisher:offer:sku[:version]`; a spec's id begins without a slash."""
    given = found.id or f"{found.owner}:{found.name}".removeprefix(":")
    return f"/{given}" if given.lower().startswith(_ROOTS) else given


def _marketplace(given: str, size: str) -> dict[str, str]:
    """Return the parts of an image of the marketplace; none for a resource id."""
    if given.startswith("/"):
        return {}
    parts = given.split(":")
    if len(parts) not in (3, 4) or not all(parts):
        hint = "write publisher:offer:sku, publisher:offer:sku:version, or the resource id, from subscriptions/ on"
        raise UsageError(f"{given!r} is no image of Azure", hint)
    image = dict(zip(("publisher", "offer", "sku", "version"), parts, strict=False))
    if image.get("version") == "latest":
        del image["version"]
    if image["publisher"] == "Canonical" and "version" not in image and _GENERATION_1.fullmatch(size):
        image["sku"] = _SKUS.get(image["sku"], image["sku"])
    return image


def _is_trusted(offer: Offer, image: dict[str, str]) -> bool:
    """Tell whether a machine starts with secure boot and a virtual TPM."""
    known = image.get("publisher") == "Canonical" and image["sku"] in _SKUS
    fits = _TRUSTED.fullmatch(offer.instance_type) and not _GENERATION_1.fullmatch(offer.instance_type)
    return known and bool(fits) and offer.arch == "x86_64" and offer.accelerator is None
