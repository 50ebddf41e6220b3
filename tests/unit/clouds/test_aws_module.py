import gzip
import json
from pathlib import Path

import moto
import pytest

from styx.clouds import Image, Volume, Wanted
from styx.clouds.aws import hardware, module
from styx.offer import Offer
from styx.plan import Group

UBUNTU = {"owner": "099720109477", "name": "ubuntu/images/*"}


def group(instance_type, name="worker", disk_gib=100, **more):
    offer = Offer("aws", "us-east-1", instance_type, vcpus=1, memory_gib=1, hourly_usd=1, price_kind="list")
    return Group(name, name, 1, 1, offer, disk_gib=disk_gib, **{"zone": "us-east-1a", **more})


def wanted(*groups, **more):
    images = {one.name: Image(owner=UBUNTU["owner"], name=UBUNTU["name"]) for one in groups}
    return Wanted("demo", "us-east-1", groups, images, **more)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Image(name="ami-0abc"), {"id": "ami-0abc"}),
        (Image(id="ami-0abc", owner="amazon", name="whatever"), {"id": "ami-0abc"}),
        (Image(owner="123456789012", name="mine-*"), {"owner": "123456789012", "name": "mine-*"}),
        (Image(name="self/mine-*"), {"owner": "self", "name": "mine-*"}),
        (Image(name="123456789012/team/mine-*"), {"owner": "123456789012", "name": "team/mine-*"}),
        (Image(name="ubuntu/images/*"), UBUNTU),
    ],
)
def test_an_image_is_an_id_or_a_name_and_its_owner(found, told):
    assert module.image(found) == told


def test_a_plain_cluster_is_told_its_images_and_nothing_else():
    assert module.inputs(wanted(group("m7i.xlarge", disk_tier="medium"))) == {"images": {"worker": UBUNTU}}


@pytest.mark.parametrize(
    ("tier", "gib", "told"),
    [
        ("low", 100, {"type": "gp3"}),
        ("medium", 100, {"type": "gp3"}),
        ("high", 100, {"type": "gp3", "iops": 7000, "throughput": 1000}),
        ("high", 10, {"type": "gp3", "iops": 5000, "throughput": 1000}),
        ("high", 1, {"type": "gp3", "iops": 3000, "throughput": 750}),
        ("ultra", 100, {"type": "io2", "iops": 20000}),
        ("ultra", 4, {"type": "io2", "iops": 2000}),
    ],
)
def test_a_disk_is_as_fast_as_its_size_lets_it_be(tier, gib, told):
    assert module.disk(tier, gib) == told


def test_the_main_disks_are_as_fast_as_the_smallest_can_be():
    groups = group("m7i.xlarge", "head", 10, disk_tier="high"), group("m7i.xlarge", disk_tier="high")
    assert module.inputs(wanted(*groups))["disk"]["iops"] == 5000


def test_further_disks_keep_their_place_and_follow_the_main_disk_unless_told():
    volumes = (Volume("data-1", "/data", 200, number=3), Volume("archive", "/old", 100, "low", 1))
    told = module.inputs(wanted(group("m7i.xlarge", disk_tier="ultra"), volumes=volumes))
    assert told["volume_disks"] == {
        "data-1": {"type": "io2", "iops": 20000, "letter": "i"},
        "archive": {"type": "gp3", "letter": "g"},
    }
    assert "xen_groups" not in told


def test_machines_of_old_kinds_see_their_disks_under_other_names():
    groups = group("m7i.xlarge", "head"), group("r4.xlarge")
    assert module.inputs(wanted(*groups, volumes=(Volume("data-1", "/data", 200),)))["xen_groups"] == ["worker"]


def test_types_without_a_known_zone_are_named():
    groups = group("m7i.xlarge", "head"), group("r4.xlarge", zone="")
    assert module.inputs(wanted(*groups))["unplaced_types"] == ["r4.xlarge"]


def test_the_fast_network_says_what_each_group_can_have():
    groups = group("m7i-flex.large", "head"), group("p6-b300.48xlarge")
    assert "fabric" not in module.inputs(wanted(*groups))
    assert module.inputs(wanted(*groups, fast_network=True))["fabric"] == {
        "head": {"close": False, "efa_cards": []},
        "worker": {"close": True, "efa_cards": list(range(1, 17))},
    }


def test_the_hardware_is_as_ec2_describes_it():
    """Moto carries what DescribeInstanceTypes answered; what it does not know, or knows later, is not compared."""
    table = Path(moto.__file__).parent / "ec2" / "resources" / "instance_types.json.gz"
    described = json.loads(gzip.decompress(table.read_bytes()))
    compared = 0
    for instance_type, facts in described.items():
        network = facts["NetworkInfo"]
        if found := hardware.efa_cards(instance_type):
            compared += 1
            cards = [card for card in network["NetworkCards"] if "efa" in card.get("InterfaceTypes", [])]
            most = network["EfaInfo"]["MaximumEfaInterfaces"]
            assert found == [card["NetworkCardIndex"] for card in cards][:most], instance_type
            assert all("efa-only" in card["InterfaceTypes"] for card in cards), instance_type
            assert "cluster" in facts["PlacementGroupInfo"]["SupportedStrategies"] or instance_type.startswith("vt1.")
        if not hardware.can_be_close(instance_type):
            assert "cluster" not in facts["PlacementGroupInfo"]["SupportedStrategies"], instance_type
        if hardware.is_xen(instance_type):
            assert facts.get("Hypervisor") == "xen", instance_type
    assert compared > 200
