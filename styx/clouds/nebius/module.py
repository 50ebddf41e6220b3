"""What templates/terraform/nebius is told beyond what every module is told."""

import os
from collections.abc import Mapping
from typing import Any

from styx.clouds.wanted import Image, Wanted
from styx.offer import Offer

_DISKS = {"high": "NETWORK_SSD_IO_M3", "ultra": "NETWORK_SSD_IO_M3"}
"""Tier → disk type; low and medium are NETWORK_SSD. One without replicas is no place for a machine's system."""

_STEP_GIB = {"NETWORK_SSD": 1, "NETWORK_SSD_IO_M3": 93}
"""Type → what a disk's size is a multiple of. https://docs.nebius.com/compute/storage/types"""

_FABRICS = {
    ("eu-north1", "gpu-h100-sxm"): "fabric-6",
    ("eu-north1", "gpu-h200-sxm"): "fabric-7",
    ("eu-west1", "gpu-h200-sxm"): "fabric-5",
    ("me-west1", "gpu-b200-sxm-a"): "me-west1-a",
    ("uk-south1", "gpu-b300-sxm"): "uk-south1-a",
    ("us-central1", "gpu-b200-sxm"): "us-central1-b",
    ("us-central1", "gpu-h200-sxm"): "us-central1-a",
}
"""Region and platform → its InfiniBand fabric, the newest of several. https://docs.nebius.com/compute/clusters/gpu"""


def inputs(wanted: Wanted) -> dict[str, Any]:
    """Return the variables of variables_nebius.tf, but for the project, which belongs to whoever runs it."""
    told: dict[str, Any] = {"images": {group: image(found) for group, found in wanted.images.items()}}
    if wanted.disk_tier in _DISKS:
        told["disk"] = _disk(wanted.disk_tier)
    if wanted.volumes:
        told["volume_disks"] = {one.name: _disk(one.disk_tier or wanted.disk_tier) for one in wanted.volumes}
    fabrics = {group.name: fabric(group.offer) for group in wanted.groups} if wanted.fast_network else {}
    if found := {group: name for group, name in fabrics.items() if name}:
        told["fabrics"] = found
    return told


def run_inputs(_cluster: str, _slot: int, env: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return the project that whoever runs Styx uses; without one the project of the first run stays."""
    project = env.get("NEBIUS_PROJECT_ID", "")
    return {"project_id": project} if project else {}


def image(found: Image) -> dict[str, Any]:
    """Return an image by its id, or by its family; `project-…/family` names one of a project's own."""
    given = found.id or found.name
    if given.startswith("computeimage-"):
        return {"id": given}
    project, _, family = given.rpartition("/")
    return {"family": {"image_family": family, **({"parent_id": project} if project else {})}}


def fabric(offer: Offer) -> str:
    """Return the InfiniBand fabric of machines, empty where there is none: only machines of eight GPUs are on one."""
    platform, _, preset = offer.instance_type.partition("_")
    return _FABRICS.get((offer.region, platform), "") if preset.startswith("8gpu-") else ""


def _disk(tier: str) -> dict[str, Any]:
    kind = _DISKS.get(tier, "NETWORK_SSD")
    return {"type": kind, "step_gib": _STEP_GIB[kind]}
