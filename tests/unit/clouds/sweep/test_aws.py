"""AWS's sweep, with the real boto3 against moto's EC2."""

import boto3
import pytest
from moto.server import ThreadedMotoServer

from styx.clouds.aws.sweep import account
from styx.clouds.sweeping import clear
from styx.errors import CredentialError
from tests.e2e.emulated_ec2 import fill_gaps

REGION = "eu-west-1"
IMAGE = "ami-12c6146b"
"""One that moto has."""


@pytest.fixture(scope="module")
def moto():
    fill_gaps()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def ec2(moto, monkeypatch):
    """Lead boto3 to an empty EC2; return a client."""
    import requests

    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": moto,
    }.items():
        monkeypatch.setenv(name, value)
    assert requests.post(f"{moto}/moto-api/reset", timeout=30).ok
    return boto3.client("ec2")


def tagged(kind, cluster, owner="ada", name=""):
    tags = {"styx-cluster": cluster, "styx-owner": owner, "styx-run": "r1", "Name": name or cluster}
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def make(ec2, cluster):
    """Make what the module makes, by hand; return its ids."""

    def tags(kind, name=""):
        return tagged(kind, cluster, name=name)

    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=tags("vpc"))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=tags("internet-gateway"))["InternetGateway"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/20", TagSpecifications=tags("subnet"))["Subnet"]
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tags("route-table"))["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet["SubnetId"])
    group = ec2.create_security_group(
        GroupName=f"{cluster}-1", Description="-", VpcId=vpc, TagSpecifications=tags("security-group")
    )["GroupId"]
    key = ec2.create_key_pair(KeyName=f"{cluster}-1", TagSpecifications=tags("key-pair"))["KeyName"]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip"))["AllocationId"]
    disk = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1, TagSpecifications=tags("volume"))["VolumeId"]
    template = ec2.create_launch_template(
        LaunchTemplateName=f"{cluster}-efa", LaunchTemplateData={}, TagSpecifications=tags("launch-template")
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_placement_group(
        GroupName=f"{cluster}-close", Strategy="cluster", TagSpecifications=tags("placement-group")
    )
    machine = ec2.run_instances(
        ImageId=IMAGE, MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"], SecurityGroupIds=[group],
        TagSpecifications=tags("instance", f"{cluster}-head"),
    )["Instances"][0]["InstanceId"]  # fmt: skip
    return {
        "machine": machine, "disk": disk, "address": address, "key": key, "firewall": group, "template": template,
        "subnet": subnet["SubnetId"], "route table": table, "way out": gateway["InternetGatewayId"], "network": vpc,
        "group": f"{cluster}-close",
    }  # fmt: skip


def test_all_that_a_cluster_is_made_of_is_found_ended_and_seen_gone_and_nothing_else(ec2):
    made, others = make(ec2, "train"), make(ec2, "other")
    found = list(account().find("train", [REGION]))
    assert {one.kind: one.id for one in found} == made
    machine = next(one for one in found if one.kind == "machine")
    assert (machine.name, machine.owner, machine.run, machine.holds_data) == ("train-head", "ada", "r1", True)
    assert machine.created.startswith("20")
    assert machine.zone.startswith(REGION)
    assert not next(one for one in found if one.kind == "network").holds_data
    assert clear(account(), "train", [REGION], set(made.values()), 300) == []
    assert list(account().find("train", [REGION])) == []
    assert {one.id for one in account().find("other", [REGION])} == set(others.values())


def test_every_cluster_of_every_region_is_found_over_several_pages(ec2):
    far = boto3.client("ec2", region_name="us-west-2")
    vpcs = {
        client.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc", f"c{number}"))["Vpc"]["VpcId"]
        for client in (ec2, far)
        for number in range(3)
    }
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    found = list(account().find("", ["us-west-2", REGION]))
    assert {one.id for one in found} == vpcs
    assert {one.cluster for one in found} == {"c0", "c1", "c2"}
    assert {one.region for one in found} == {REGION, "us-west-2"}


def test_a_part_of_a_machine_says_so(ec2):
    make(ec2, "train")
    (root,) = ec2.describe_instances()["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    ec2.create_tags(Resources=[root["Ebs"]["VolumeId"]], Tags=tagged("volume", "train")[0]["Tags"])
    found = {one.id: one for one in account().find("train", [REGION])}
    assert found[root["Ebs"]["VolumeId"]].part_of.startswith("i-")


def test_what_is_gone_already_is_no_error(ec2):
    ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "train"))
    address = next(one for one in account().find("train", [REGION]) if one.kind == "address")
    assert account().remove(address) == ""
    assert account().remove(address) == ""


def test_what_is_in_use_is_refused_with_the_reason(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=tagged("vpc", "train"))["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/20")
    network = next(one for one in account().find("train", [REGION]) if one.kind == "network")
    assert "DependencyViolation" in account().remove(network)


def test_nobody_answers(ec2, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(CredentialError, match="AWS cannot be reached"):
        list(account().find("train", [REGION]))


def test_no_credentials(monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialError, match="no credentials found"):
        account()
