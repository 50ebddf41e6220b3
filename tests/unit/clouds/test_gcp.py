"""Compute Engine's types: shared cores, parts of GPUs, local SSDs, and GPUs beside an N1."""

import pytest

from styx.clouds import by_id
from styx.clouds.gcp import attached
from styx.offer import Offer

ZONES = ("us-central1-a", "us-central1-b")
PRICES = "cloud,region,zones,accelerator,accelerator_count,price,spot_price,price_kind,price_as_of\n"


def machine(name, vcpus=4, memory_gib=15, **given):
    given = {"zones": ZONES, "hourly_usd": 0.2, "spot_hourly_usd": 0.04, "price_as_of": "2026-08-03"} | given
    return Offer("gcp", "us-central1", name, vcpus, memory_gib, price_kind="list", spot_kind="list", **given)


def mended(tmp_path, *offers):
    return {offer.instance_type: offer for offer in by_id("gcp").mend(offers, tmp_path)}


def test_shared_cores_are_marked_and_count_what_the_machine_sees(tmp_path):
    found = mended(tmp_path, machine("e2-micro", 0, 1), machine("f1-micro", 1, 0.6), machine("e2-standard-2", 2, 8))
    assert {name: (offer.burstable, offer.vcpus) for name, offer in found.items()} == {
        "e2-micro": (True, 2),
        "f1-micro": (True, 1),
        "e2-standard-2": (False, 2),
    }


@pytest.mark.parametrize(
    ("name", "vcpus", "gpus", "gib"),
    [("c3-standard-8-lssd", 8, 0, 750), ("c3-standard-8", 8, 0, 0), ("c4a-highmem-72-lssd", 72, 0, 6000),
     ("z3-highmem-8-highlssd", 8, 0, 0), ("a2-ultragpu-4g", 48, 4, 1500), ("a3-highgpu-8g", 208, 8, 6000)],
)  # fmt: skip
def test_local_ssds_are_known_by_type(tmp_path, name, vcpus, gpus, gib):
    given = {"accelerator": "A100-80GB", "accelerator_count": gpus} if gpus else {}
    assert mended(tmp_path, machine(name, vcpus, **given))[name].local_disk_gib == gib


def test_parts_of_a_gpu_are_counted_as_parts(tmp_path):
    offer = machine("g4-standard-6", 6, accelerator="RTXPRO6000", accelerator_count=0)
    assert mended(tmp_path, offer)["g4-standard-6"].accelerator_count == 1 / 8


def test_each_gpu_beside_each_n1_that_may_have_it_is_an_offer(tmp_path):
    rows = (
        "gcp,us-central1,us-central1-b|us-central1-c,V100,1,2.48,0.5,list,2026-05-20\n"
        "gcp,us-central1,us-central1-f,T4,1,0.35,0.15,list,2026-05-20\n"
        "gcp,europe-west1,europe-west1-b,T4,1,0.35,0.15,list,2026-05-20\n"
    )
    (tmp_path / attached.PRICES_FILE).write_text(PRICES + rows)
    big, other = machine("n1-standard-16", 16, 60), machine("n2-standard-4", 4, 16)
    found = mended(tmp_path, machine("n1-standard-4"), big, other)
    assert set(found) == {"n1-standard-4", "n1-standard-16", "n2-standard-4", "n1-standard-4+V100:1"}
    pair = found["n1-standard-4+V100:1"]
    assert (pair.accelerator, pair.accelerator_count, pair.zones) == ("V100", 1, ("us-central1-b",))
    assert (pair.hourly_usd, pair.spot_hourly_usd) == (2.68, 0.54)
    assert pair.price_as_of == "2026-05-20"


@pytest.mark.parametrize(
    ("count", "hosts"),
    [
        (1, {"n1-standard-2", "n1-standard-8"}),
        (2, {"n1-standard-8", "n1-standard-16"}),
        (4, {"n1-standard-8", "n1-standard-16", "n1-standard-32"}),
        (8, {"n1-standard-16", "n1-standard-32", "n1-standard-96"}),
    ],
)
def test_a_host_has_two_vcpus_and_their_memory_for_each_gpu_and_no_more_than_google_allows(tmp_path, count, hosts):
    rows = f"gcp,us-central1,us-central1-b,V100,{count},2.48,0.5,list,2026-05-20\n"
    (tmp_path / attached.PRICES_FILE).write_text(PRICES + rows)
    machines = [machine(f"n1-standard-{vcpus}", vcpus, vcpus * 3.75) for vcpus in (1, 2, 8, 16, 32, 96)]
    found = mended(tmp_path, *machines, machine("n1-highcpu-2", 2, 1.8), machine("n1-highcpu-16", 16, 14.4))
    assert {name.partition("+")[0] for name in found if "+" in name} - {"n1-highcpu-16"} == hosts
    assert "n1-highcpu-2+V100:1" not in found


def test_a_pair_without_a_spot_price_on_either_side_has_none(tmp_path):
    row = "gcp,us-central1,us-central1-b,T4,1,0.35,,list,2026-05-20\n"
    (tmp_path / attached.PRICES_FILE).write_text(PRICES + row)
    assert mended(tmp_path, machine("n1-standard-4"))["n1-standard-4+T4:1"].spot_hourly_usd is None


@pytest.mark.parametrize(
    ("name", "parts"), [("n1-standard-8+T4:4", ("n1-standard-8", "T4", 4)), ("n2-x", ("n2-x", "", 0))]
)
def test_a_pairs_name_comes_apart_again(name, parts):
    assert attached.split_name(name) == parts
    if parts[1]:
        assert attached.pair_name(*parts) == name
