"""The module of AWS, run by the real Terraform against a cloud that is none."""

import json

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, Module, code_lines

pytestmark = pytest.mark.emulated

PLAIN = "resources: {infra: aws/us-east-1, cpus: 4}\nrun: echo hi\nnum_nodes: %d\n"

EVERYTHING = """
num_nodes: 2
resources:
  infra: aws/us-east-1
  accelerators: A10G:1
  use_spot: true
  ports: [8080, "9000-9010"]
  disk_tier: high
  volumes: [{path: /scratch, disk_size: 200, disk_tier: ultra}, {path: /archive, disk_size: 500}]
run: nvidia-smi
file_mounts: {/in: {source: "s3://books", mode: COPY}, /out: {source: "s3://sums", mode: MOUNT}}
styx:
  budget: {hourly: 100}
  tags: {team: research}
  network: {allow: [198.51.100.0/24], ports: {8443: [192.0.2.0/24]}, egress: [10.0.0.0/8]}
"""

PRIVATE = """
num_nodes: 2
resources: {infra: aws/us-east-1, instance_type: p4d.24xlarge, network_tier: best}
styx: {network: {tunnel: ssm, egress: [10.0.0.0/8]}}
"""

FAST = """
num_nodes: 2
resources: {infra: aws/us-east-1, instance_type: c6in.32xlarge, network_tier: best}
styx: {ray: {head: {instance_type: c5n.18xlarge}}}
"""

UNPLACED = """
resources: {infra: aws/ap-southeast-7, instance_type: m7i.xlarge, volumes: [{path: /data, disk_size: 200}]}
styx: {ray: {head: {instance_type: t3.large}}}
num_nodes: 2
"""
"""The catalog knows no zone of that region."""

EXISTING = """
resources: {infra: aws/us-east-1, cpus: 4}
styx: {network: {vpc: vpc-1, subnet: subnet-0a1, security_groups: [sg-0b1, sg-0b2], public_ip: false}}
"""


def made(cloud, kind):
    """Return the attributes of what exists of a kind, by its name or that of its machine."""
    found = [entry.attributes for entry in cloud.ledger.entries(kind)]
    return {(each.get("tags") or {}).get("Name", each["id"]): each for each in found}


@pytest.fixture
def module(tmp_path, cloudless):  # noqa: F811 - the fixture of that name
    return Module(tmp_path / "infra", cloudless.env)


def test_one_to_four_to_two_machines_touches_only_the_difference(module, cloudless):  # noqa: F811
    bundle = module.render(PLAIN % 1)
    assert code_lines(bundle) < 200
    assert max(text.count("\n") for path, text in bundle.items() if path.endswith(".tf")) <= 150
    module.init()
    module.apply()
    assert module.changes() == {}
    (host,) = module.hosts()
    assert (host["role"], host["rank"], host["user"]) == ("head", 0, "ubuntu")
    assert host["public_address"] != host["private_address"]

    before = {path: text for path, text in bundle.items() if path != "styx.lock.json"}
    more = module.render(PLAIN % 4)
    differing = [path for path, text in before.items() if more[path] != text]
    assert differing == ["terraform/terraform.tfvars.json"]
    lines = zip(before[differing[0]].splitlines(), more[differing[0]].splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 1
    assert module.changes() == {f'aws_instance.machine["demo-worker-{n}"]': ["create"] for n in (1, 2, 3)}
    module.apply()
    module.render(PLAIN % 2)
    assert module.changes() == {f'aws_instance.machine["demo-worker-{n}"]': ["delete"] for n in (2, 3)}
    module.apply()
    assert [host["rank"] for host in module.hosts()] == [0, 1]
    inventory = module.inventory()["all"]
    assert set(inventory["children"]["worker"]["hosts"]) == {"demo-worker-1"}
    assert inventory["children"]["head"]["hosts"]["demo-head"]["styx_rank"] == 0

    module.caller("192.0.2.7/32", run_id="r2")
    assert module.changes() == {}
    changed = module.changes("-replace=terraform_data.caller")
    assert set(changed) == {"terraform_data.caller", "aws_security_group.cluster"}
    module.caller()  # as in a bare clone
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_everything_at_once(module, cloudless):  # noqa: F811
    module.render(EVERYTHING)
    module.init()
    module.terraform("test")
    module.apply()
    assert module.changes() == {}
    machines = [entry.attributes for entry in cloudless.ledger.entries("aws_instance")]
    assert len(machines) == 2
    for machine in machines:
        assert machine["instance_market_options"][0]["market_type"] == "spot"
        assert machine["metadata_options"][0]["http_tokens"] == "required"
        assert machine["root_block_device"][0]["encrypted"] is True
        assert machine["root_block_device"][0]["throughput"] == 1000
        assert {"team", "styx-cluster", "styx-run", "styx-owner", "Name"} <= set(machine["tags"])
    (group,) = [entry.attributes for entry in cloudless.ledger.entries("aws_security_group")]
    opened = {(rule["from_port"], rule["to_port"]): rule["cidr_blocks"] for rule in group["ingress"] if rule["to_port"]}
    assert opened == {
        (22, 22): [CALLER, "198.51.100.0/24"],
        (8080, 8080): [CALLER, "198.51.100.0/24"],
        (9000, 9010): [CALLER, "198.51.100.0/24"],
        (8443, 8443): ["192.0.2.0/24"],
    }
    (outwards,) = group["egress"]
    assert (outwards["self"], outwards["cidr_blocks"]) == (True, ["10.0.0.0/8"])
    (endpoint,) = made(cloudless, "aws_vpc_endpoint").values()
    assert outwards["prefix_list_ids"] == [endpoint["prefix_list_id"]]

    (policy,) = [entry.attributes for entry in cloudless.ledger.entries("aws_iam_role_policy")]
    allowed = {
        action: each["Resource"] for each in json.loads(policy["policy"])["Statement"] for action in each["Action"]
    }
    assert allowed == {
        "s3:GetBucketLocation": ["arn:aws:s3:::books", "arn:aws:s3:::sums"],
        "s3:ListBucket": ["arn:aws:s3:::books", "arn:aws:s3:::sums"],
        "s3:GetObject": ["arn:aws:s3:::books/*", "arn:aws:s3:::sums/*"],
        "s3:AbortMultipartUpload": ["arn:aws:s3:::sums/*"],
        "s3:DeleteObject": ["arn:aws:s3:::sums/*"],
        "s3:PutObject": ["arn:aws:s3:::sums/*"],
    }
    (profile,) = made(cloudless, "aws_iam_instance_profile")
    assert {machine["iam_instance_profile"] for machine in machines} == {profile}
    assert not cloudless.ledger.entries("aws_iam_role_policy_attachment")

    disks = made(cloudless, "aws_ebs_volume")
    assert {name: (disk["type"], disk["size"], disk["encrypted"]) for name, disk in disks.items()} == {
        "demo-head/scratch": ("io2", 200, True),
        "demo-head/archive": ("gp3", 500, True),
        "demo-worker-1/scratch": ("io2", 200, True),
        "demo-worker-1/archive": ("gp3", 500, True),
    }
    attached = {(one["instance_id"], one["device_name"]) for one in made(cloudless, "aws_volume_attachment").values()}
    assert attached == {(machine["id"], f"/dev/sd{letter}") for machine in machines for letter in "fg"}
    host = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    link = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"
    assert {one["path"]: one["device"] for one in host["styx_volumes"]} == {
        path: link + disks[f"demo-head/{name}"]["id"].replace("-", "")
        for path, name in (("/scratch", "scratch"), ("/archive", "archive"))
    }
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_the_tests_for_everybodys_own_ci_find_an_open_door(module, cloudless):  # noqa: F811
    module.render(PLAIN % 1)
    module.init()
    module.terraform("test")
    door = 'locals {\n  ingress = { "22" = { first = 22, last = 22, cidrs = ["0.0.0.0/0"] } }\n}\n'
    (module.workdir.terraform / "door_override.tf").write_text(door)
    said = module.terraform("test", "-no-color", code=1)
    assert "Somebody else than those of the committed files could log in." in said
    assert "SSH must not be open to everybody." in said


def test_over_the_budget_nothing_is_made(module, cloudless):  # noqa: F811
    module.render(EVERYTHING.replace("hourly: 100", "hourly: 5"))
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    told = json.loads(tfvars.read_text())
    tfvars.write_text(json.dumps({**told, "budget_hourly_usd": 0.01}))
    module.init()
    assert "over the budget of 0.01 USD" in module.apply(code=1)
    assert cloudless.ledger.entries() == []


def test_an_existing_network_is_used_as_it_is(module, cloudless):  # noqa: F811
    cloudless.have("aws_subnet", id="subnet-0a1", vpc_id="vpc-1")
    module.render(EXISTING)
    module.init()
    module.terraform("test")
    module.apply()
    (machine,) = made(cloudless, "aws_instance").values()
    assert machine["subnet_id"] == "subnet-0a1"
    assert sorted(machine["vpc_security_group_ids"]) == ["sg-0b1", "sg-0b2"]
    assert machine["associate_public_ip_address"] is False
    assert {entry.type for entry in cloudless.ledger.entries()} == {"aws_instance", "aws_key_pair"}
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_a_subnet_of_another_network_is_refused(module, cloudless):  # noqa: F811
    cloudless.have("aws_subnet", id="subnet-0a1", vpc_id="vpc-2")
    module.render(EXISTING)
    module.init()
    assert "The subnet subnet-0a1 is of the network vpc-2, not of the one that is named." in module.apply(code=1)
    assert not cloudless.ledger.entries("aws_instance")


def test_a_subnet_of_another_zone_is_refused(module, cloudless):  # noqa: F811
    cloudless.have("aws_subnet", id="subnet-0a1", vpc_id="vpc-1", availability_zone="us-east-1b")
    module.render(EXISTING.replace("aws/us-east-1", "aws/us-east-1/us-east-1c"))
    module.init()
    said = " ".join(module.terraform("plan", "-no-color", code=1).split())
    assert "The subnet subnet-0a1 is in us-east-1b, and the machines are asked for in us-east-1c." in said
    module.render(EXISTING.replace("aws/us-east-1", "aws/us-east-1/us-east-1b"))
    assert module.changes()


def test_private_machines_are_reached_through_a_tunnel(module, cloudless):  # noqa: F811
    module.render(PRIVATE)
    module.init()
    module.terraform("test")
    module.apply()
    assert module.changes() == {}
    (gateway,) = made(cloudless, "aws_nat_gateway").values()
    (route,) = made(cloudless, "aws_route").values()
    assert route["nat_gateway_id"] == gateway["id"]
    assert set(made(cloudless, "aws_vpc_endpoint")) == {"demo-ssm", "demo-ssmmessages", "demo-ec2messages"}
    (right,) = made(cloudless, "aws_iam_role_policy_attachment").values()
    assert right["policy_arn"] == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    assert not cloudless.ledger.entries("aws_iam_role_policy")
    assert set(made(cloudless, "aws_eip")) == {"demo"}  # the gateway's

    machines = made(cloudless, "aws_instance")
    for host in module.hosts():
        machine = machines[host["name"]]
        assert host["public_address"] == ""
        told = module.inventory()["all"]["children"][host["role"]]["hosts"][host["name"]]
        assert told["ansible_host"] == machine["private_ip"]
        assert told["ansible_ssh_common_args"] == (
            f"-o ProxyCommand='aws ssm start-session --region us-east-1 --target {machine['id']}"
            " --document-name AWS-StartSSHSession --parameters portNumber=22'"
        )

    (group,) = made(cloudless, "aws_placement_group").values()
    assert group["strategy"] == "cluster"
    assert {machine["placement_group"] for machine in machines.values()} == {group["name"]}
    (subnet,) = {one["id"] for name, one in made(cloudless, "aws_subnet").items() if name != "demo-public"}
    for template in made(cloudless, "aws_launch_template").values():
        cards = template["network_interfaces"]
        assert [(card["network_card_index"], card["device_index"], card["interface_type"]) for card in cards] == [
            (0, 0, "interface"),
            (0, 1, "efa-only"),
            (1, 0, "efa-only"),
            (2, 0, "efa-only"),
            (3, 0, "efa-only"),
        ]
        assert {card["subnet_id"] for card in cards} == {subnet}

    tagged = module.render(PRIVATE.replace("styx: {", "styx: {tags: {team: research}, "))
    assert "research" in tagged["terraform/terraform.tfvars.json"]
    assert {tuple(actions) for actions in module.changes().values()} == {("update",)}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_fast_machines_have_public_addresses(module, cloudless):  # noqa: F811
    module.render(FAST)
    module.init()
    module.terraform("test")
    module.apply()
    assert module.changes() == {}
    machines, addresses = made(cloudless, "aws_instance"), made(cloudless, "aws_eip")
    head, worker = module.hosts()
    assert head["public_address"] == machines["demo-head"]["public_ip"] != ""
    assert worker["public_address"] == addresses["demo-worker-1"]["public_ip"]
    assert addresses["demo-worker-1"]["network_interface"] == machines["demo-worker-1"]["primary_network_interface_id"]
    kinds = {
        tuple(card["interface_type"] for card in template["network_interfaces"])
        for template in made(cloudless, "aws_launch_template").values()
    }
    assert kinds == {("efa",), ("interface", "efa-only", "efa-only")}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_a_zone_that_sells_the_types_is_found_and_stays(module, cloudless):  # noqa: F811
    kind = "aws_ec2_instance_type_offerings"
    cloudless.have(kind, instance_type="m7i.xlarge", locations=[f"ap-southeast-7{zone}" for zone in "cba"])
    cloudless.have(kind, instance_type="t3.large", locations=["ap-southeast-7d"])
    module.render(UNPLACED)
    module.init()
    module.terraform("test")
    assert "No zone of aws/ap-southeast-7 sells m7i.xlarge and t3.large." in module.apply(code=1)
    cloudless.lack(kind, locations=["ap-southeast-7d"])
    cloudless.have(kind, instance_type="t3.large", locations=["ap-southeast-7b"])
    module.apply()
    assert {host["zone"] for host in module.hosts()} == {"ap-southeast-7b"}
    assert {disk["availability_zone"] for disk in made(cloudless, "aws_ebs_volume").values()} == {"ap-southeast-7b"}
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []
