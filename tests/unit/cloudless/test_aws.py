"""The life of a small cluster on AWS, without AWS."""

import pytest

from tests.unit.cloudless.terraform import Terraform

MACHINE = 'aws_instance.this["c1-w{}"]'


@pytest.fixture
def terraform(cloudless, tmp_path):
    return Terraform("aws", tmp_path / "module", cloudless)


def test_the_whole_cycle_ends_with_an_empty_ledger(terraform, cloudless):
    terraform.run("validate")
    terraform.apply()
    assert cloudless.ledger.names("aws_instance") == ["c1-w0", "c1-w1"]
    hosts = terraform.outputs()["hosts"]
    first, second = hosts["c1-w0"], hosts["c1-w1"]
    assert first["id"].startswith("i-")
    assert {first["zone"], second["zone"]} == {"us-east-1b"}
    assert first["tags"] == {"Name": "c1-w0", "styx-cluster": "c1"}
    assert {first["private"].rpartition(".")[0], second["private"].rpartition(".")[0]} == {"10.1.1"}
    assert len({host[side] for host in hosts.values() for side in ("private", "public")}) == 4
    assert terraform.changes() == {}
    terraform.destroy()
    assert len(cloudless.ledger) == 0


def test_one_machine_more_or_less_touches_only_that_one(terraform, cloudless):
    terraform.apply(machines=1)
    assert terraform.changes(machines=3) == {MACHINE.format(1): "create", MACHINE.format(2): "create"}
    terraform.apply(machines=3)
    before = {entry.id for entry in cloudless.ledger.entries("aws_instance")}
    assert terraform.changes(machines=2) == {MACHINE.format(2): "delete"}
    terraform.apply(machines=2)
    assert {entry.id for entry in cloudless.ledger.entries("aws_instance")} < before


def test_what_aws_changes_in_place_and_what_it_replaces(terraform):
    terraform.apply(machines=1)
    assert terraform.changes(machines=1, caller="198.51.100.9/32") == {
        "aws_vpc_security_group_ingress_rule.ssh": "update"
    }
    assert terraform.changes(machines=1, instance_type="m6i.xlarge") == {MACHINE.format(0): "update"}
    assert terraform.changes(machines=1, group="c2") == {
        "aws_security_group.this": "replace",
        "aws_vpc_security_group_ingress_rule.ssh": "replace",
        MACHINE.format(0): "update",
    }


def test_a_machine_that_is_gone_is_made_anew(terraform, cloudless):
    terraform.apply()
    cloudless.remove("aws_instance", "c1-w1")
    assert terraform.changes() == {MACHINE.format(1): "create"}


def test_a_newer_image_is_found_and_replaces_nothing_that_stands(terraform, cloudless):
    terraform.apply(machines=1)
    old = terraform.outputs()["hosts"]["c1-w0"]["image"]
    cloudless.have(
        "aws_ami",
        id="ami-0newer",
        name="ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20990101",
        owner_id="099720109477",
        creation_date="2099-01-01T00:00:00.000Z",
    )
    terraform.apply(machines=2)
    images = {name: host["image"] for name, host in terraform.outputs()["hosts"].items()}
    assert images == {"c1-w0": old, "c1-w1": "ami-0newer"}


def test_machines_get_the_addresses_that_the_test_hands_in(terraform, cloudless):
    cloudless.addresses({"c1-w0": "10.7.0.2", "c1-w1": {"private": "10.7.0.3", "public": "192.0.2.3"}})
    terraform.apply()
    hosts = terraform.outputs()["hosts"]
    assert (hosts["c1-w0"]["private"], hosts["c1-w0"]["public"]) == ("10.7.0.2", "10.7.0.2")
    assert (hosts["c1-w1"]["private"], hosts["c1-w1"]["public"]) == ("10.7.0.3", "192.0.2.3")
