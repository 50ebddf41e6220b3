import re

import pytest

from styx.clouds.gcp import CLOUD
from styx.clouds.gcp.module import disk, image, inputs
from styx.clouds.wanted import Image, Volume, Wanted
from styx.offer import Offer
from styx.plan import Group


def group(instance_type, name="worker", market="on_demand", zone="us-central1-a", tier="medium", gib=256, **offer):
    offer = {"vcpus": 8, "memory_gib": 32, **offer}
    return Group(name, "worker", 1, 1, Offer("gcp", "us-central1", instance_type, **offer), market, zone, gib, tier)


def told(*groups, **wanted):
    images = {one.name: Image(owner="ubuntu-os-cloud", name="ubuntu-2404-lts-amd64") for one in groups}
    return inputs(Wanted("demo", "us-central1", groups, images, **wanted))


def test_a_plain_machine_moves_when_its_host_is_worked_on():
    assert told(group("e2-standard-8")) == {
        "hardware": {
            "worker": {
                "image": "projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64",
                "disk": {"type": "pd-balanced"},
                "secure_boot": True,
                "maintenance": "MIGRATE",
                "restart": True,
            }
        }
    }


@pytest.mark.parametrize(
    ("one", "secure_boot", "restart"),
    [
        (group("a2-highgpu-1g", accelerator="A100", accelerator_count=1), False, True),
        (group("e2-standard-8", market="spot"), True, False),
        (group("h3-standard-88"), True, True),
        (group("c3-standard-192-metal"), True, True),
    ],
)
def test_what_cannot_move_is_ended(one, secure_boot, restart):
    hardware = told(one)["hardware"]["worker"]
    assert hardware["maintenance"] == "TERMINATE"
    assert (hardware["secure_boot"], hardware["restart"]) == (secure_boot, restart)


@pytest.mark.parametrize("fast", [False, True])
def test_bare_metal_has_a_network_card_of_its_own(fast):
    assert told(group("c3-standard-192-metal"), fast_network=fast)["hardware"]["worker"]["nic_type"] == "IDPF"


def test_gpus_beside_an_n1_are_named_in_googles_words():
    beside = group("n1-standard-8+V100:4", accelerator="V100", accelerator_count=4)
    found = told(group("e2-standard-8", name="head"), beside)
    assert found["gpus"] == {"worker": {"type": "nvidia-tesla-v100", "count": 4}}
    hosts = {name: made["host_type"] for name, made in found["hardware"].items()}
    assert hosts == {"head": "e2-standard-8", "worker": "n1-standard-8"}


@pytest.mark.parametrize(
    ("instance_type", "vcpus", "egress_tier", "compact"),
    [
        ("c2-standard-60", 60, "TIER_1", True),
        ("n2-standard-8", 8, "DEFAULT", True),
        ("e2-standard-32", 32, "DEFAULT", False),
        ("c4a-standard-72", 72, "TIER_1", False),
    ],
)
def test_the_best_network_is_what_the_series_has(instance_type, vcpus, egress_tier, compact):
    hardware = told(group(instance_type, vcpus=vcpus), fast_network=True)["hardware"]["worker"]
    assert (hardware["nic_type"], hardware["egress_tier"], hardware["compact"]) == ("GVNIC", egress_tier, compact)
    assert hardware["maintenance"] == ("TERMINATE" if compact else "MIGRATE")


@pytest.mark.parametrize(
    ("instance_type", "tier", "gib", "expected"),
    [
        ("n2-standard-8", "low", 100, {"type": "pd-standard"}),
        ("n2-standard-8", "high", 100, {"type": "pd-ssd"}),
        ("c3-standard-8", "low", 100, {"type": "pd-balanced"}),
        ("h3-standard-88", "ultra", 100, {"type": "pd-balanced"}),
        ("c4-standard-8", "low", 100, {"type": "hyperdisk-balanced"}),
        ("c4-standard-8", "high", 100, {"type": "hyperdisk-balanced", "iops": 7000, "throughput": 500}),
        ("a3-ultragpu-8g", "ultra", 10, {"type": "hyperdisk-balanced", "iops": 5000, "throughput": 1000}),
        ("a3-highgpu-8g", "ultra", 10, {"type": "pd-ssd"}),
    ],
)
def test_a_disk_is_one_that_the_machine_series_takes(instance_type, tier, gib, expected):
    assert disk(group(instance_type), tier, gib) == expected


def test_further_disks_are_like_the_main_one_unless_they_ask_for_more():
    volumes = (Volume("data-1", "/data", 200), Volume("fast", "/fast", 50, "high"))
    found = told(group("n2-standard-8", tier="low"), volumes=volumes)
    assert found["volume_disks"] == {"worker": {"data-1": {"type": "pd-standard"}, "fast": {"type": "pd-ssd"}}}


def test_types_without_a_known_zone_are_listed_once():
    found = told(group("z3-highmem-8", name="head", zone=""), group("z3-highmem-8", zone=""))
    assert found["unplaced_types"] == ["z3-highmem-8"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Image(owner="ubuntu-os-cloud", name="f"), "projects/ubuntu-os-cloud/global/images/family/f"),
        (Image(name="family/mine"), "family/mine"),
        (Image(id="https://…/images/ubuntu-v1"), "https://…/images/ubuntu-v1"),
    ],
)
def test_an_image_is_a_family_a_name_or_a_link(found, expected):
    assert image(found) == expected


@pytest.mark.parametrize("key", ["team", "ünï-1", "値", "a" * 63])
def test_labels_have_lower_case_letters_of_any_script(key):
    assert re.fullmatch(CLOUD.tag_rule.key, key)


@pytest.mark.parametrize("key", ["Team", "1st", "goog-x", "a b", "a.b", "a" * 64, "", "É"])
def test_other_keys_are_none(key):
    assert not re.fullmatch(CLOUD.tag_rule.key, key)


@pytest.mark.parametrize(
    ("value", "fits"), [("", True), ("1-a_é", True), ("A", False), ("x y", False), ("a" * 64, False)]
)
def test_values_may_be_empty_and_begin_with_anything(value, fits):
    assert bool(re.fullmatch(CLOUD.tag_rule.value, value)) == fits
