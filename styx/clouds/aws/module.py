"""What templates/terraform/aws is told beyond what every module is told."""

import re
from typing import Any

from styx.clouds.aws.hardware import can_be_close, efa_cards, is_xen
from styx.clouds.wanted import Image, Wanted

_UBUNTU = "099720109477"
"""Canonical's account: who may have made an image that is named without an owner. Documentation of Ubuntu on AWS."""

_OWNER = r"\d{12}|self|amazon|aws-marketplace"
"""Whom EC2 takes for an image's owner; other names have slashes, too."""

_DISKS = {"high": ("gp3", 7000), "ultra": ("io2", 20000)}
"""Tier → volume type and IOPS; low and medium are gp3 as it comes. What is slower than gp3 cannot hold a root."""

_IOPS_A_GIB, _GP3_IOPS, _GP3_MIB_S = 500, 3000, 1000
"""The most that a GiB takes, what a gp3 of any size has, and the most MiB/s of it, of which four IOPS carry one.

From EC2's documentation of EBS volume types.
"""

_LETTERS = "fghijklmnopqrstuvwxyz"
"""How further disks are attached: /dev/sdf and so on."""


def inputs(wanted: Wanted) -> dict[str, Any]:
    """Return the variables of variables_aws.tf."""
    told: dict[str, Any] = {"images": {group: image(found) for group, found in wanted.images.items()}}
    smallest = min(group.disk_gib for group in wanted.groups)
    if wanted.disk_tier in _DISKS:
        told["disk"] = disk(wanted.disk_tier, smallest)
    if unplaced := sorted({group.offer.instance_type for group in wanted.groups if not group.zone}):
        told["unplaced_types"] = unplaced
    if wanted.stops_when_idle:
        told["shutdown_behavior"] = "stop"
    if wanted.fast_network:
        told["fabric"] = {
            group.name: {
                "close": can_be_close(group.offer.instance_type),
                "efa_cards": efa_cards(group.offer.instance_type),
            }
            for group in wanted.groups
        }
    return {**told, **_volumes(wanted)}


def _volumes(wanted: Wanted) -> dict[str, Any]:
    if not wanted.volumes:
        return {}
    disks = {
        one.name: {**disk(one.disk_tier or wanted.disk_tier, one.disk_gib), "letter": _LETTERS[one.number]}
        for one in wanted.volumes
    }
    xen = [group.name for group in wanted.groups if is_xen(group.offer.instance_type)]
    return {"volume_disks": disks, **({"xen_groups": xen} if xen else {})}


def disk(tier: str, gib: int) -> dict[str, Any]:
    """Return the kind of a disk of this size, with its speed where that is chosen."""
    if tier not in _DISKS:
        return {"type": "gp3"}
    kind, wished = _DISKS[tier]
    iops = min(wished, _IOPS_A_GIB * gib)
    if kind != "gp3":
        return {"type": kind, "iops": iops}
    iops = max(iops, _GP3_IOPS)
    return {"type": kind, "iops": iops, "throughput": min(iops // 4, _GP3_MIB_S)}


def image(found: Image) -> dict[str, str]:
    """Return an image by its id, or by its name and who made it; `owner/name` names both."""
    given = found.id or found.name
    if given.startswith("ami-"):
        return {"id": given}
    owner, _, name = given.partition("/")
    if not found.owner and re.fullmatch(_OWNER, owner):
        return {"owner": owner, "name": name}
    return {"owner": found.owner or _UBUNTU, "name": given}
