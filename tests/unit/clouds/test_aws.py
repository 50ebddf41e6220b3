"""EC2's types: burstable ones, parts of GPUs, local disks."""

import gzip
import json

import pytest

from styx.clouds import by_id
from styx.clouds.aws import machines
from styx.offer import Offer


def mended(tmp_path, name, **given):
    (offer,) = by_id("aws").mend([Offer("aws", "us-east-1", name, 4, 16, **given)], tmp_path)
    return offer


@pytest.mark.parametrize(
    ("name", "burstable"),
    [("t3.micro", True), ("t2.nano", True), ("t4g.small", True), ("t3a.large", True), ("trn1.2xlarge", False)],
)
def test_the_t_families_are_burstable(tmp_path, name, burstable):
    assert mended(tmp_path, name).burstable is burstable


def test_parts_of_a_gpu_are_counted_as_parts(tmp_path):
    assert mended(tmp_path, "g6f.large", accelerator="L4", accelerator_count=0).accelerator_count == 1 / 8
    assert mended(tmp_path, "gr6f.4xlarge", accelerator="L4", accelerator_count=1).accelerator_count == 1 / 2
    assert mended(tmp_path, "g6.xlarge", accelerator="L4", accelerator_count=1).accelerator_count == 1


def test_local_disks_come_from_awss_own_descriptions(tmp_path):
    told = {
        "m5d.large": {"InstanceStorageInfo": {"TotalSizeInGB": 75}},
        "m5.large": {"InstanceStorageSupported": False},
    }
    (tmp_path / machines.TYPES_FILE).write_bytes(gzip.compress(json.dumps(told).encode()))
    assert mended(tmp_path, "m5d.large").local_disk_gib == 69.8
    assert mended(tmp_path, "m5.large").local_disk_gib == 0
    assert mended(tmp_path, "z9d.large").local_disk_gib == 0


def test_without_descriptions_no_disk_is_claimed(tmp_path):
    assert mended(tmp_path, "m5d.large").local_disk_gib == 0
