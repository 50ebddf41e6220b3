"""The module of AWS, run by the real provider against an EC2 that is emulated: what both know of it.

That provider is an old one, 3.39: what only 6 has (spot, launch templates) is proven by its schema alone.
"""

import json
import platform
from collections import defaultdict

import boto3
import pytest

from tests.e2e import emulated_ec2 as ec2
from tests.e2e.module import CALLER, Module

pytestmark = [
    pytest.mark.emulated,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="that provider is for x86_64 alone"),
]

SPEC = """
num_nodes: 1
resources:
  infra: aws/us-east-1
  cpus: 4
  ports: [8080]
file_mounts: {/in: {source: "s3://books", mode: COPY}, /out: {source: "s3://sums", mode: MOUNT}}
styx: {tags: {team: research}}
"""
MORE = SPEC.replace("num_nodes: 1", "num_nodes: 2").replace(
    "  ports:", "  volumes: [{path: /data, disk_size: 200, disk_tier: high}]\n  ports:"
)
"""A node and disks more."""

IMAGE = {
    "ami_id": "ami-0ubuntu2404amd64a",
    "name": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251001",
    "owner_id": "099720109477",
    "state": "available",
    "public": True,
    "image_location": "canonical",
    "image_type": "machine",
    "description": "Ubuntu 24.04",
    "architecture": "x86_64",
    "virtualization_type": "hvm",
    "hypervisor": "xen",
    "root_device_type": "ebs",
    "root_device_name": "/dev/sda1",
    "sriov": "simple",
    "platform": None,
}


KINDS = {
    "aws_ebs_volume": ("describe_volumes", "Volumes", "VolumeId"),
    "aws_eip": ("describe_addresses", "Addresses", "AllocationId"),
    "aws_internet_gateway": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "aws_key_pair": ("describe_key_pairs", "KeyPairs", "KeyName"),
    "aws_network_interface": ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    "aws_route_table": ("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws_security_group": ("describe_security_groups", "SecurityGroups", "GroupId"),
    "aws_subnet": ("describe_subnets", "Subnets", "SubnetId"),
    "aws_vpc": ("describe_vpcs", "Vpcs", "VpcId"),
    "aws_iam_instance_profile": ("list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    "aws_iam_role": ("list_roles", "Roles", "RoleName"),
}
"""Terraform's kind → EC2's or IAM's question, where the answer lists what there is, and the id."""

WITH_THEM = {
    "aws_instance": {
        "aws_ebs_volume": lambda machine: machine["root_block_device"][0]["volume_id"],
        "aws_network_interface": lambda machine: machine["primary_network_interface_id"],
    },
    "aws_vpc": {
        "aws_route_table": lambda network: network["main_route_table_id"],
        "aws_security_group": lambda network: network["default_security_group_id"],
    },
}
"""Kind → what EC2 makes together with it, as its state tells."""

ATTACHED = ("aws_ebs_volume", "aws_volume_attachment")


class Account:
    """What the emulator's own API says there is."""

    def __init__(self, address):
        more = {"endpoint_url": address, "region_name": "us-east-1"}
        more |= {name.lower(): value for name, value in ec2.CREDENTIALS.items()}
        self.ec2, self.iam = boto3.client("ec2", **more), boto3.client("iam", **more)
        self.before = self._everything()

    def machines(self):
        """Return the machines that are not ended, by their names."""
        found = [each for every in self.ec2.describe_instances()["Reservations"] for each in every["Instances"]]
        return {tags(each)["Name"]: each for each in found if each["State"]["Name"] != "terminated"}

    def made(self):
        """Return kind → ids of what there was not at first."""
        return {kind: ids - self.before[kind] for kind, ids in self._everything().items() if ids - self.before[kind]}

    def _everything(self):
        found = {"aws_instance": {each["InstanceId"] for each in self.machines().values()}}
        for kind, (question, answer, name) in KINDS.items():
            ask = getattr(self.iam if kind.startswith("aws_iam") else self.ec2, question)
            found[kind] = {each[name] for each in ask()[answer]}
        return found


def tags(each):
    return {tag["Key"]: tag["Value"] for tag in each["Tags"]}


def in_state(module):
    """Return kind → ids of what Terraform knows, with what comes along."""
    found = defaultdict(set)
    for each in json.loads(module.terraform("show", "-json"))["values"]["root_module"]["resources"]:
        if each["mode"] == "managed" and each["type"] in {"aws_instance", *KINDS}:
            found[each["type"]].add(each["values"]["id"])
            for kind, read in WITH_THEM.get(each["type"], {}).items():
                found[kind].add(read(each["values"]))
    return dict(found)


@pytest.fixture(scope="module")
def address():
    with ec2.emulated_ec2([IMAGE]) as found:
        yield found


def test_the_whole_cycle(tmp_path, address):
    account = Account(address)
    module = Module(tmp_path / "infra", ec2.configuration(tmp_path))
    override = module.workdir.terraform / "emulated_override.tf"
    override.write_text(ec2.OVERRIDE.format(version=ec2.VERSION, address=address))
    module.render(SPEC)
    module.init()
    module.apply()
    assert module.changes() == {}
    assert account.made() == in_state(module)

    module.render(MORE)
    disks = {f'{kind}.disk["demo-{name}/data"]' for kind in ATTACHED for name in ("head", "worker-1")}
    new = {'aws_instance.machine["demo-worker-1"]', *disks}
    assert module.changes() == {one: ["create"] for one in new}
    module.apply()
    assert module.changes() == {}
    assert account.made() == in_state(module)
    machines = account.machines()
    assert set(machines) == {"demo-head", "demo-worker-1"}
    for host in module.hosts():
        machine = machines[host["name"]]
        assert_as_asked(machine)
        assert (machine["InstanceId"], machine["ImageId"]) == (host["id"], IMAGE["ami_id"])
        assert (machine["PrivateIpAddress"], machine["PublicIpAddress"]) == (
            host["private_address"],
            host["public_address"],
        )
    assert_open_as_asked(account, machines["demo-head"]["SecurityGroups"][0]["GroupId"])

    module.destroy()
    assert account.made() == {}


def assert_as_asked(machine):
    assert machine["MetadataOptions"]["HttpTokens"] == "required"
    assert {"team", "styx-cluster", "styx-run", "styx-owner", "Name"} <= set(tags(machine))
    assert machine["IamInstanceProfile"]["Arn"].split("/")[-1].startswith("demo-")
    assert {one["DeviceName"] for one in machine["BlockDeviceMappings"]} == {"/dev/sda1", "/dev/sdf"}
    assert len(machine["SecurityGroups"]) == 1


def assert_open_as_asked(account, group_id):
    (group,) = account.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    opened = {
        (rule.get("FromPort"), rule.get("ToPort")): [each["CidrIp"] for each in rule["IpRanges"]]
        for rule in group["IpPermissions"]
    }
    inside = [each["GroupId"] for rule in group["IpPermissions"] for each in rule["UserIdGroupPairs"]]
    assert inside == [group_id]
    assert {ports: cidrs for ports, cidrs in opened.items() if cidrs} == {(22, 22): [CALLER], (8080, 8080): [CALLER]}
