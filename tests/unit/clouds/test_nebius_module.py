import pytest

from styx.clouds import Image, Volume, Wanted
from styx.clouds.nebius import module
from styx.offer import Offer
from styx.plan import Group


def group(instance_type, region="eu-north1", name="worker", **more):
    offer = Offer("nebius", region, instance_type, vcpus=1, memory_gib=1, hourly_usd=1, price_kind="list")
    return Group(name, name, 1, 1, offer, disk_gib=100, **more)


def wanted(*groups, **more):
    images = {one.name: Image(name="ubuntu24.04-driverless") for one in groups}
    return Wanted("demo", "eu-north1", groups, images, **more)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Image(name="ubuntu24.04-cuda12"), {"family": {"image_family": "ubuntu24.04-cuda12"}}),
        (Image(name="project-e00a/mine"), {"family": {"image_family": "mine", "parent_id": "project-e00a"}}),
        (Image(name="computeimage-e00a"), {"id": "computeimage-e00a"}),
        (Image(id="computeimage-e00a", name="whatever"), {"id": "computeimage-e00a"}),
    ],
)
def test_an_image_is_an_id_or_a_family_of_some_project(found, told):
    assert module.image(found) == told


@pytest.mark.parametrize(
    ("instance_type", "region", "fabric"),
    [
        ("gpu-h200-sxm_8gpu-128vcpu-1600gb", "eu-north1", "fabric-7"),
        ("gpu-h200-sxm_8gpu-128vcpu-1600gb", "us-central1", "us-central1-a"),
        ("gpu-h200-sxm_8gpu-128vcpu-1600gb", "eu-nowhere1", ""),
        ("gpu-h200-sxm_1gpu-16vcpu-200gb", "eu-north1", ""),
        ("gpu-l40s-a_1gpu-8vcpu-32gb", "eu-north1", ""),
        ("cpu-d3_8vcpu-32gb", "eu-north1", ""),
    ],
)
def test_only_whole_machines_of_eight_gpus_are_on_a_fabric(instance_type, region, fabric):
    assert module.fabric(group(instance_type, region).offer) == fabric


def test_a_plain_cluster_is_told_its_images_and_nothing_else():
    told = module.inputs(wanted(group("cpu-d3_8vcpu-32gb", disk_tier="medium")))
    assert told == {"images": {"worker": {"family": {"image_family": "ubuntu24.04-driverless"}}}}


def test_the_fast_network_is_for_the_groups_that_can_have_it():
    groups = group("cpu-d3_8vcpu-32gb", name="head"), group("gpu-h200-sxm_8gpu-128vcpu-1600gb")
    assert module.inputs(wanted(*groups, fast_network=True))["fabrics"] == {"worker": "fabric-7"}
    assert "fabrics" not in module.inputs(wanted(*groups))
    assert "fabrics" not in module.inputs(wanted(groups[0], fast_network=True))


def test_disks_of_a_tier_come_in_steps_and_volumes_follow_the_main_disk_unless_told():
    volumes = (Volume("data", "/data", 200), Volume("slow", "/slow", 100, "low"))
    told = module.inputs(wanted(group("cpu-d3_8vcpu-32gb", disk_tier="ultra"), volumes=volumes))
    assert told["disk"] == {"type": "NETWORK_SSD_IO_M3", "step_gib": 93}
    assert told["volume_disks"] == {
        "data": {"type": "NETWORK_SSD_IO_M3", "step_gib": 93},
        "slow": {"type": "NETWORK_SSD", "step_gib": 1},
    }


def test_the_project_is_that_of_the_environment_or_left_to_the_state():
    assert module.run_inputs("demo", 0, {"NEBIUS_PROJECT_ID": "project-e00a"}) == {"project_id": "project-e00a"}
    assert module.run_inputs("demo", 0, {}) == {}
    assert module.run_inputs("demo", 0, {"NEBIUS_PROJECT_ID": ""}) == {}
