"""What templates/terraform/aws is told beyond what every module is told."""

from typing import Any

from styx.clouds.wanted import Image, Wanted

_UBUNTU = "099720109477"
"""Canonical's account: who may have made an image that is named without an owner. Documentation of Ubuntu on AWS."""

_DISKS: dict[str, dict[str, Any]] = {
    "high": {"type": "gp3", "iops": 7000, "throughput": 1000},
    "ultra": {"type": "io2", "iops": 20000},
}
"""Tier → volume type, IOPS and MiB/s; low and medium are gp3 as it comes. What is slower than gp3 cannot hold a root."""


def inputs(wanted: Wanted) -> dict[str, Any]:
    """Return the variables of variables_aws.tf."""
    told: dict[str, Any] = {"images": {group: image(found) for group, found in wanted.images.items()}}
    disk = _DISKS.get(wanted.disk_tier)
    return told if disk is None else {**told, "disk": disk}


def image(found: Image) -> dict[str, str]:
    """Return an image by its id, or by its name and who made it; `owner/name` names both."""
    given = found.id or found.name
    if given.startswith("ami-"):
        return {"id": given}
    return {"owner": found.owner or _UBUNTU, "name": found.name}
