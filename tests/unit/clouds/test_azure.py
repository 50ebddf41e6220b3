"""Azure's sizes: burstable ones, parts of GPUs, local disks."""

from pathlib import Path

import pytest

from styx.clouds import by_id
from styx.offer import Offer


def mended(tmp_path, name, vcpus=4, **given):
    (offer,) = by_id("azure").mend(
        [Offer("azure", "eastus", name, vcpus, given.pop("memory_gib", 16), **given)], tmp_path
    )
    return offer


@pytest.mark.parametrize(
    ("name", "burstable"),
    [("Standard_B2ms", True), ("Standard_B4as_v2", True), ("Standard_D2s_v5", False), ("Standard_HB120rs_v3", False)],
)
def test_the_b_series_is_burstable(tmp_path, name, burstable):
    assert mended(tmp_path, name).burstable is burstable


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [("Standard_NV6ads_A10_v5", 0, 1 / 6), ("Standard_NV18ads_A10_v5", 1, 1 / 2), ("Standard_NV36ads_A10_v5", 1, 1),
     ("Standard_NV4as_v4", 1, 1 / 8), ("Standard_ND96is_MI300X_v5", 0, 8), ("Standard_NG32ads_V620_v1", 0, 1)],
)  # fmt: skip
def test_parts_of_a_gpu_are_counted_as_parts(tmp_path, name, wrong, right):
    assert mended(tmp_path, name, accelerator="A10", accelerator_count=wrong).accelerator_count == right


@pytest.mark.parametrize(
    ("name", "gib"),
    [("Standard_D4ds_v5", 150), ("Standard_E4bds_v5", 150), ("Standard_D4ads_v5", 150), ("Standard_D4s_v5", 0),
     ("Standard_D4ds_v6", 0)],
)  # fmt: skip
def test_a_d_in_the_size_is_a_local_disk(tmp_path, name, gib):
    assert mended(tmp_path, name).local_disk_gib == gib


@pytest.mark.parametrize(
    "name", ["Standard_DC8as_cc_v5", "Standard_DC8as_v5", "Standard_EC4eds_v6", "Standard_DC2s_v3"]
)
def test_confidential_sizes_are_no_offers(tmp_path, name):
    """They want an image and a disk of their own kind, which no module writes."""
    assert list(by_id("azure").mend([Offer("azure", "eastus", name, 8, 32, hourly_usd=0.2)], tmp_path)) == []


@pytest.mark.parametrize(
    ("name", "whole", "active"),
    [("Standard_E4-2as_v5", 4, 2), ("Standard_DS11-1_v2", 2, 1), ("Standard_HB120-96rs_v2", 120, 96),
     ("Standard_M64-32bds_1_v3", 64, 32), ("Standard_E4as_v5", 4, 4), ("Standard_ND96isr_H100_v5", 96, 96)],
)  # fmt: skip
def test_vcpus_that_are_switched_off_do_not_count(tmp_path, name, whole, active):
    assert mended(tmp_path, name, vcpus=whole).vcpus == active


def test_a_size_with_vcpus_switched_off_keeps_the_whole_ones_local_disk(tmp_path):
    assert mended(tmp_path, "Standard_E16-4ads_v5", vcpus=16).local_disk_gib == 600


def test_a_price_with_windows_in_it_is_that_of_linux():
    sizes = {
        "Standard_D2as_v5": (2, 0.178), "Standard_D4as_v5": (4, 0.172), "Standard_D8as_v5": (8, 0.344),
        "Standard_D16as_v5": (16, 1.424), "Standard_D2s_v5": (2, 0.096), "Standard_D4s_v5": (4, 0.3),
        "Standard_E16as_v5": (16, 0.904), "Standard_E16-4as_v5": (16, 1.64), "Standard_F4s_v2": (4, 0.353),
    }  # fmt: skip
    offers = [
        Offer("azure", region, name, vcpus, 16, hourly_usd=usd, price_kind="list")
        for region in ("eastus", "westus2") for name, (vcpus, usd) in sizes.items()
    ]  # fmt: skip
    alone = Offer("azure", "uksouth", "Standard_D2as_v5", 2, 16, hourly_usd=0.178, price_kind="list")
    found = list(by_id("azure").mend([*offers, alone], Path()))
    mended = {one.instance_type: (one.hourly_usd, one.price_kind) for one in found if one.region == "eastus"}
    assert {name: told for name, told in mended.items() if told != (sizes[name][1], "list")} == {
        "Standard_D2as_v5": (0.086, "derived"),
        "Standard_D16as_v5": (0.688, "derived"),
        "Standard_E16-4as_v5": (0.904, "derived"),
    }
    assert (found[-1].hourly_usd, found[-1].price_kind) == (0.178, "list")


def test_memory_below_a_gib_is_not_nothing(tmp_path):
    assert mended(tmp_path, "Standard_B1ls", memory_gib=0).memory_gib == 0.5
