"""What the command line changes."""

import pytest

from styx.errors import SpecError
from styx.spec import Overrides, loads, requests


def task(text, **options):
    return loads(text, overrides=Overrides(**options)).tasks[0]


def faults(text, **options):
    with pytest.raises(SpecError) as caught:
        loads(text, "f", overrides=Overrides(**options))
    return [str(fault) for fault in caught.value.faults]


def test_fields_of_the_task():
    found = task("name: a\nnum_nodes: 1\nrun: x", name="b", num_nodes=3, workdir="/")
    assert (found.name, found.num_nodes, found.workdir) == ("b", 3, "/")


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("gpus", "H100:2", "accelerator"),
        ("cpus", "2+", "cpus"),
        ("memory", "8+", "memory_gib"),
        ("instance_type", "m5.large", "instance_type"),
        ("use_spot", False, "use_spot"),
        ("max_hourly_cost", 2.5, "max_hourly_usd"),
        ("image_id", "ami-1", "image_id"),
        ("disk_size", "1TB", "disk_size_gib"),
        ("disk_tier", "high", "disk_tier"),
        ("network_tier", "best", "network_tier"),
        ("local_disk", "ssd", "local_disk"),
        ("ports", ("80", "81-90"), "ports"),
    ],
)
def test_an_override_replaces_the_field_in_every_alternative(option, value, field):
    text = """
resources:
  gpus: A100
  any_of:
    - {infra: aws, cpus: 4, memory: 16, accelerators: {L4, T4}, instance_type: x, use_spot: true, max_hourly_cost: 1,
       image_id: y, disk_size: 5, disk_tier: low, network_tier: standard, local_disk: nvme, ports: 22}
    - {infra: gcp, gpus: T4}
"""
    plain = {getattr(one, field) for one in requests(task(text)).alternatives}
    changed = {getattr(one, field) for one in requests(task(text, **{option: value})).alternatives}
    assert len(changed) == 1
    assert changed != plain


def test_an_override_applies_where_the_spec_says_nothing():
    (request,) = requests(task("run: x", gpus="A100:8", infra="aws/us-east-1")).alternatives
    assert (request.accelerator.name, request.cloud, request.region) == ("A100", "aws", "us-east-1")


def test_none_takes_a_field_away():
    (request,) = requests(
        task("resources: {gpus: A100, infra: aws, image_id: x}", gpus="none", infra="none", image_id="none")
    ).alternatives
    assert (request.accelerator, request.cloud, request.image_id) == (None, None, None)


def test_an_infra_replaces_every_place():
    text = "resources: {region: r, any_of: [{infra: aws/x}, {cloud: gcp, zone: z}]}"
    (request,) = requests(task(text, infra="azure/w")).alternatives
    assert (request.cloud, request.region, request.zone) == ("azure", "w", None)


def test_a_region_keeps_the_clouds():
    text = "resources: {any_of: [{infra: aws/x/y}, {infra: gcp}]}"
    found = requests(task(text, region="eu")).alternatives
    assert [(one.cloud, one.region, one.zone) for one in found] == [("aws", "eu", None), ("gcp", "eu", None)]
    found = requests(task("resources: {infra: aws/x/y}", zone="q")).alternatives
    assert [(one.cloud, one.region, one.zone) for one in found] == [("aws", "x", "q")]
    found = requests(task("resources: {infra: aws/x/y}", region="none")).alternatives
    assert [(one.cloud, one.region, one.zone) for one in found] == [("aws", None, None)]
    found = requests(task("run: x", infra="aws", region="r", zone="z")).alternatives
    assert [(one.cloud, one.region, one.zone) for one in found] == [("aws", "r", "z")]


def test_variables():
    found = task("envs: {A: 1, N: null}\nsecrets: {S: null}", envs={"A": "2", "B": "3", "N": "x"}, secrets={"T": "t"})
    assert found.plain_envs == {"A": "2", "B": "3"}
    assert found.secret_names == ("N", "S", "T")
    assert found.missing_values == ("S",)


def test_a_file_fills_variables_and_listed_secrets_and_loses_to_options():
    found = task(
        "envs: {A: 1, B: 1}\nsecrets: {S: null, U: null}",
        file_envs={"A": "2", "B": "2", "S": "file", "U": "file"},
        envs={"B": "3"},
        secrets={"U": "option"},
    )
    assert found.plain_envs == {"A": "2", "B": "3"}
    assert {name: value.get_secret_value() for name, value in found.secret_values.items()} == {
        "S": "file",
        "U": "option",
    }


def test_a_secret_replaces_a_variable_and_a_managed_one():
    found = task("envs: {A: null}\nsecrets: [secrets:B]", secrets={"A": "x", "B": "y"})
    assert dict(found.envs) == {}
    assert list(found.secrets) == ["A", "B"]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"gpus": "x:y:z"}, "--gpus: resources.accelerators: `x:y:z` is not an accelerator"),
        ({"num_nodes": 0}, "--num-nodes: num_nodes: must be at least 1"),
        ({"num_nodes": 10_001}, "--num-nodes: num_nodes: must be at most 10,000"),
        ({"envs": {"1": "x"}}, "--env: envs.1: `1` cannot name a variable"),
        ({"secrets": {"STYX_X": "x"}}, "--secret: secrets.STYX_X: `STYX_X` is reserved"),
        ({"file_envs": {"SKYPILOT_X": "x"}}, "--env-file: envs.SKYPILOT_X: `SKYPILOT_X` is reserved"),
        ({"ports": ("80", "x")}, "--ports: resources.ports[1]: `x` is not a port"),
        ({"max_hourly_cost": float("nan")}, "--max-hourly-cost: resources.max_hourly_cost: must be a number"),
        ({"disk_size": "1.5"}, "--disk-size: resources.disk_size: `1.5` is not a whole number of GB"),
        ({"infra": "a b"}, "--infra: resources.infra: `a b` is not a place"),
    ],
)
def test_a_wrong_override_is_named_by_its_option(options, wanted):
    (found,) = faults("run: x", **options)
    assert found.startswith(wanted)


def test_a_wrong_override_is_not_told_with_the_value_of_the_file():
    text = "num_nodes: 2\nresources: {use_spot: true, disk_tier: low, ports: 80, infra: aws}\nenvs: {A: 1}"
    wrong = {"num_nodes": 0, "disk_tier": "hgih", "ports": ("80", "x", "y"), "max_hourly_cost": -1.0}
    found = faults(text, **wrong)
    assert sorted(one.split(" (")[0] for one in found) == [
        "--disk-tier: resources.disk_tier: must be one of low, medium, high, ultra, best, none",
        "--max-hourly-cost: resources.max_hourly_cost: must be a number above 0",
        "--num-nodes: num_nodes: must be at least 1",
        "--ports: resources.ports[1]: `x` is not a port",
        "--ports: resources.ports[2]: `y` is not a port",
    ]
    assert faults("resources:", gpus="x:y:z")[0].startswith("--gpus: resources.accelerators: `x:y:z`")


def test_overrides_leave_broken_specs_to_the_judge():
    assert faults("resources: 5", gpus="A100")[0].startswith("f:1:12: resources: must be a block of keys")
    assert faults("resources: {any_of: 5}", region="x")[0].startswith("f:1:21: resources.any_of: must be a list")
    assert faults("envs: 5\nsecrets: 6", envs={"A": "x"}, secrets={"B": "y"}) == [
        "f:1:7: envs: must be a block of keys",
        "f:2:10: secrets: must be a mapping of names to values",
    ]
