"""What templates/terraform/gcp is told beyond what every module is told."""

from typing import Any

from styx.clouds.gcp.attached import split_name
from styx.clouds.wanted import Image, Wanted
from styx.offer import Offer
from styx.plan import Group

_HYPERDISK_ONLY = (
    "a3-ultragpu-", "a4-", "a4x-", "c4-", "c4a-", "c4d-", "c4n-", "g4-", "h4d-", "m4-", "n4-", "n4a-", "n4d-", "x4-",
)  # fmt: skip
_NO_HDD = ("a3-", "c3-", "c3d-", "g2-", "h3-", "m3-", "z3-")
_NO_PD_SSD = ("h3-",)
"""Which disks a machine series takes: cloud.google.com/compute/docs/disks/persistent-disks#machine_series_support."""

_DISKS = {"low": "pd-standard", "medium": "pd-balanced", "high": "pd-ssd", "ultra": "pd-ssd"}
"""Tier → disk type, as priced in the catalog."""

_SPEEDS = {"high": (7000, 500), "ultra": (20000, 1000)}
"""Tier → IOPS and MiB/s of a Hyperdisk; the others are as they come (3,000 and 140)."""

_IOPS_A_GIB = 500
"""The most that a Hyperdisk Balanced takes."""

_NO_MIGRATION = ("h3-", "h4d-", "z3-")
"""Series without GPUs whose machines do not move to another host while they run; bare metal does not, either."""

_BARE_METAL = "-metal"
"""How the machine types end whose network card is no virtual one."""

_TIER_1 = {"c2": 30, "c2d": 56, "c3": 44, "c3d": 60, "c4": 48, "c4a": 48, "n2": 32, "n2d": 48}
"""Series → vCPUs from which Tier_1 networking is sold (cloud.google.com/compute/docs/network-bandwidth)."""

_COMPACT = frozenset(
    {"a2", "a3", "a4", "c2", "c2d", "c3", "c3d", "c4", "c4d", "g2", "g4", "h3", "h4d", "n2", "n2d"},
)
"""Series that can be placed close together (cloud.google.com/compute/docs/instances/placement-policies-overview)."""


def inputs(wanted: Wanted) -> dict[str, Any]:
    """Return the variables of variables_gcp.tf."""
    split = {group.name: split_name(group.offer.instance_type) for group in wanted.groups}
    gpus = {name: {"type": _gpu_type(gpu), "count": count} for name, (_, gpu, count) in split.items() if gpu}
    told: dict[str, Any] = {"hardware": {group.name: _hardware(wanted, group) for group in wanted.groups}}
    if gpus:
        told["gpus"] = gpus
        for name, (host_type, _, _) in split.items():
            told["hardware"][name]["host_type"] = host_type
    if wanted.volumes:
        told["volume_disks"] = {
            group.name: {
                one.name: disk(group, one.disk_tier or wanted.disk_tier, one.disk_gib) for one in wanted.volumes
            }
            for group in wanted.groups
        }
    unplaced = sorted({split[group.name][0] for group in wanted.groups if not group.zone})
    return {**told, "unplaced_types": unplaced} if unplaced else told


def _gpu_type(gpu: str) -> str:
    """Return Google's word for a GPU beside an N1: all of them were sold as Tesla."""
    return f"nvidia-tesla-{gpu.lower()}"


def _hardware(wanted: Wanted, group: Group) -> dict[str, Any]:
    gpu = group.offer.accelerator is not None
    compact = wanted.fast_network and _series(group.offer) in _COMPACT
    stays = gpu or compact or group.market == "spot" or _is_fixed(group.offer.instance_type)
    told = {
        "image": image(wanted.images[group.name]),
        "disk": disk(group, wanted.disk_tier, group.disk_gib),
        # A driver that is built on the machine is signed by nobody.
        "secure_boot": not gpu,
        "maintenance": "TERMINATE" if stays else "MIGRATE",
        "restart": not compact and group.market != "spot",
    }
    if group.offer.instance_type.endswith(_BARE_METAL):
        told["nic_type"] = "IDPF"
    if wanted.fast_network:
        tier = "TIER_1" if _has_tier_1(group.offer) else "DEFAULT"
        told = {"nic_type": "GVNIC", **told, "egress_tier": tier, "compact": compact}
    return told


def networking(offer: Offer) -> list[str]:
    """Return what `network_tier: best` gives a machine, in words."""
    parts = {
        "gVNIC": not offer.instance_type.endswith(_BARE_METAL),
        "Tier_1 networking": _has_tier_1(offer),
        "a place close to the others": _series(offer) in _COMPACT,
    }
    return [name for name, has in parts.items() if has]


def _has_tier_1(offer: Offer) -> bool:
    return offer.vcpus >= _TIER_1.get(_series(offer), float("inf"))


def _series(offer: Offer) -> str:
    return offer.instance_type.split("-", 1)[0]


def _is_fixed(instance_type: str) -> bool:
    return instance_type.startswith(_NO_MIGRATION) or instance_type.endswith(_BARE_METAL)


def disk(group: Group, tier: str, gib: int) -> dict[str, Any]:
    """Return the kind of a disk that the machines of `group` can have, with its speed where that is chosen."""
    kind = group.offer.instance_type
    if kind.startswith(_HYPERDISK_ONLY):
        if tier not in _SPEEDS:
            return {"type": "hyperdisk-balanced"}
        iops, throughput = _SPEEDS[tier]
        return {"type": "hyperdisk-balanced", "iops": min(iops, _IOPS_A_GIB * gib), "throughput": throughput}
    found = _DISKS.get(tier, "pd-balanced")
    unfit = (found == "pd-standard" and kind.startswith(_NO_HDD)) or (found == "pd-ssd" and kind.startswith(_NO_PD_SSD))
    return {"type": "pd-balanced" if unfit else found}


def image(found: Image) -> str:
    """Return an image as Terraform takes it: its link or name, or the family of a project."""
    if found.id or not found.owner:
        return found.id or found.name
    return f"projects/{found.owner}/global/images/family/{found.name}"
