"""What EC2's machine types are beyond their price: burstable ones, parts of GPUs, local disks, GPU names."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from styx.errors import CatalogError
from styx.offer import Offer

TYPES_FILE = "instance_types.json.gz"
"""DescribeInstanceTypes' answers, type → answer, as the registry package moto ships them."""

BURSTABLE = frozenset({"t1", "t2", "t3", "t3a", "t4g"})
"""Families that earn CPU credits: docs.aws.amazon.com, EC2 user guide, burstable performance instances."""

FRACTIONS = {"g6f.large": 1 / 8, "g6f.xlarge": 1 / 8, "g6f.2xlarge": 1 / 4, "g6f.4xlarge": 1 / 2, "gr6f.4xlarge": 1 / 2}
"""Parts of an L4; the public tables round them to 0 or 1."""

GPUS = {
    "g4dn": "T4", "g5": "A10G", "g5g": "T4g", "g6": "L4", "g6e": "L40S", "g6f": "L4", "g7": "RTXPRO4500",
    "g7e": "RTXPRO6000", "gr6": "L4", "gr6f": "L4", "inf1": "Inferentia", "inf2": "Inferentia2", "p2": "K80",
    "p3": "V100", "p3dn": "V100-32GB", "p4d": "A100", "p4de": "A100-80GB", "p5": "H100", "p5e": "H200",
    "p5en": "H200", "p6-b200": "B200", "p6-b300": "B300", "trn1": "Trainium", "trn1n": "Trainium",
    "trn2": "Trainium2",
}  # fmt: skip
"""Family → accelerator: the price list counts GPUs but does not name them."""


def family(instance_type: str) -> str:
    """Return the part of a type that its sizes share: `g5` of `g5.xlarge`."""
    return instance_type.partition(".")[0]


def mend(offers: Iterable[Offer], folder: Path) -> Iterator[Offer]:
    """Mark burstable types, count parts of GPUs, and add local disks where `folder` has AWS's own descriptions."""
    disks = _local_disks(folder / TYPES_FILE)
    for offer in offers:
        yield replace(
            offer,
            burstable=family(offer.instance_type) in BURSTABLE,
            accelerator_count=FRACTIONS.get(offer.instance_type, offer.accelerator_count),
            local_disk_gib=disks.get(offer.instance_type, 0),
        )


def _local_disks(path: Path) -> dict[str, float]:
    """Return type → GiB of its own disks, from decimal GB."""
    if not path.exists():
        return {}
    try:
        types: dict[str, dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))
        sizes = {name: told.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0) for name, told in types.items()}
    except (OSError, EOFError, ValueError, AttributeError, zlib.error) as error:
        hint = "take it from the registry package moto again: moto/ec2/resources/instance_types.json.gz"
        raise CatalogError(f"{path} cannot be read: {error!r}", hint) from error
    return {name: round(size * 1e9 / 2**30, 1) for name, size in sizes.items() if size}
