"""What Azure's module is told of images, disks and sizes."""

import re

import pytest

from styx.clouds import Image, Volume, Wanted, by_id
from styx.errors import UsageError
from styx.offer import Offer
from styx.plan import Group

NOBLE = Image(owner="Canonical", name="ubuntu-24_04-lts:server")


def kind(size="Standard_D4s_v5", image=NOBLE, tier="medium", volumes=(), *, fast=False, **offer):
    """Return what the module is told of a group of one size."""
    return told(size, image, tier, volumes, fast=fast, **offer)["kinds"]["head"]


def told(size="Standard_D4s_v5", image=NOBLE, tier="medium", volumes=(), *, fast=False, **offer):
    group = Group("head", "head", 1, 1, Offer("azure", "eastus", size, 4, 16, **offer), disk_gib=64, disk_tier=tier)
    return by_id("azure").inputs(
        Wanted("demo", "eastus", (group,), {"head": image}, fast_network=fast, volumes=volumes)
    )


def test_an_image_of_the_marketplace_is_told_in_parts():
    parts = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}
    assert kind()["image"] == parts
    assert kind(image=Image(name="Canonical:ubuntu-24_04-lts:server:latest"))["image"] == parts
    version = {**parts, "version": "24.04.202508190"}
    assert kind(image=Image(name="Canonical:ubuntu-24_04-lts:server:24.04.202508190"))["image"] == version
    assert kind(image=Image(id="Canonical:ubuntu-24_04-lts:server:24.04.202508190"))["image"] == version


@pytest.mark.parametrize(
    "image",
    [Image(id="/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i"),
     Image(name="subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i")],
)  # fmt: skip
def test_an_image_by_its_resource_id_is_told_apart(image):
    full = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i"
    assert told(image=image)["image_ids"] == {"head": full}
    assert (kind(image=image)["image"], kind(image=image)["trusted_launch"]) == ({}, False)
    assert "image_ids" not in told()


@pytest.mark.parametrize("name", ["ubuntu", "a:b", "a::c", "a:b:c:d:e", ""])
def test_what_names_no_image_is_refused(name):
    with pytest.raises(UsageError, match="no image of Azure"):
        told(image=Image(name=name))


@pytest.mark.parametrize(
    ("size", "sku"),
    [("Standard_A4_v2", "server-gen1"), ("Standard_D4_v3", "server-gen1"), ("Standard_DS3", "server-gen1"),
     ("Standard_F4s", "server-gen1"), ("Standard_E64i_v3", "server-gen1"), ("Standard_D4_v4", "server"),
     ("Standard_DS3_v2", "server"), ("Standard_F4s_v2", "server"), ("Standard_E4s_v3", "server"),
     ("Standard_B2ms", "server"), ("Standard_M64", "server")],
)  # fmt: skip
def test_sizes_of_generation_1_get_an_image_of_that(size, sku):
    assert kind(size)["image"]["sku"] == sku
    assert kind(size)["trusted_launch"] is (sku == "server" and not size.startswith("Standard_M"))


def test_a_version_that_was_locked_stays():
    locked = Image(id="Canonical:ubuntu-24_04-lts:server:24.04.1")
    assert kind("Standard_D4_v3", image=locked)["image"]["sku"] == "server"


def test_secure_boot_is_for_images_and_sizes_that_have_it():
    assert kind()["trusted_launch"]
    assert kind(image=Image(owner="Canonical", name="0001-com-ubuntu-server-jammy:22_04-lts-gen2"))["trusted_launch"]
    assert not kind("Standard_D4ps_v6", arch="arm64")["trusted_launch"]
    assert not kind("Standard_NC4as_T4_v3", accelerator="T4", accelerator_count=1)["trusted_launch"]
    assert not kind("Standard_DC4as_v5")["trusted_launch"]
    assert not kind(image=Image(owner="microsoft-dsvm", name="ubuntu-hpc:2204"))["trusted_launch"]
    assert not kind(image=Image(name="Debian:debian-12:12-gen2"))["trusted_launch"]


@pytest.mark.parametrize(
    ("tier", "disk"),
    [("low", "Standard_LRS"), ("medium", "StandardSSD_LRS"), ("high", "Premium_LRS"), ("ultra", "Premium_LRS")],
)
def test_the_tier_of_a_disk_is_its_type(tier, disk):
    assert kind(tier=tier)["disk_type"] == disk


@pytest.mark.parametrize(
    "size",
    ["Standard_D4s_v5", "Standard_DS3_v2", "Standard_B2ms", "Standard_NC24ads_A100_v4", "Standard_ND96isr_H100_v5",
     "Standard_HB120-16rs_v3", "Standard_M64", "Standard_E4-2s_v3", "Standard_NP10s"],
)  # fmt: skip
def test_sizes_with_an_s_take_premium_disks(size):
    assert kind(size, tier="high")["disk_type"] == "Premium_LRS"


@pytest.mark.parametrize(
    "size", ["Standard_D4_v5", "Standard_A4_v2", "Standard_D4ad_v4", "Standard_F4", "Standard_E4_v3"]
)
def test_sizes_without_one_are_refused_them(size):
    assert kind(size)["disk_type"] == "StandardSSD_LRS"
    with pytest.raises(UsageError, match=f"{size} takes no premium disk"):
        kind(size, tier="high")
    with pytest.raises(UsageError, match=f"{size} takes no premium disk"):
        kind(size, volumes=(Volume("data", "/data", 10, "best"),))


def test_further_disks_have_a_type_and_a_controller():
    volumes = (Volume("a", "/a", 10, number=2), Volume("b", "/b", 10, "high"))
    assert told(volumes=volumes)["volume_disks"] == {
        "a": {"type": "StandardSSD_LRS", "lun": 2},
        "b": {"type": "Premium_LRS", "lun": 0},
    }
    assert kind(volumes=volumes)["disk_controller"] == "SCSI"
    for size in ("Standard_D4as_v6", "Standard_E128-64ds_v6", "Standard_L8as_v4", "Standard_FX12mds_v2"):
        assert kind(size, volumes=volumes)["disk_controller"] == "NVMe"
    assert "disk_controller" not in kind()


@pytest.mark.parametrize(
    ("key", "taken"),
    [("team", True), ("cost center: Ärger", True), ("w${file()}", True), ("a/b", False), ("50%", False),
     ("x\\y", False), ("Microsoft.x", False), ("k" * 513, False), ("", False)],
)  # fmt: skip
def test_what_azure_takes_as_a_tag(key, taken):
    rule = by_id("azure").tag_rule
    assert bool(re.fullmatch(rule.key, key)) is taken
    assert [bool(re.fullmatch(rule.value, "v" * length)) for length in (0, 256, 257)] == [True, True, False]
