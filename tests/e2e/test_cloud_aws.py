"""The module of AWS, run by the real Terraform against a cloud that is none."""

import json

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, Module, code_lines

PLAIN = "resources: {infra: aws/us-east-1, cpus: 4}\nrun: echo hi\nnum_nodes: %d\n"

EVERYTHING = """
num_nodes: 2
resources: {infra: aws/us-east-1, accelerators: A10G:1, use_spot: true, ports: [8080, "9000-9010"], disk_tier: high}
run: nvidia-smi
styx:
  budget: {hourly: 100}
  tags: {team: research}
  network: {allow: [198.51.100.0/24], ports: {8443: [192.0.2.0/24]}, egress: [10.0.0.0/8]}
"""

EXISTING = """
resources: {infra: aws/us-east-1, cpus: 4}
styx: {network: {vpc: vpc-1, subnet: subnet-0a1, security_groups: [sg-0b1, sg-0b2], public_ip: false}}
"""


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
    assert [rule["cidr_blocks"] for rule in group["egress"]] == [["10.0.0.0/8"]]
    module.destroy()
    assert cloudless.ledger.entries() == []


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
    module.apply()
    (machine,) = [entry.attributes for entry in cloudless.ledger.entries("aws_instance")]
    assert machine["subnet_id"] == "subnet-0a1"
    assert sorted(machine["vpc_security_group_ids"]) == ["sg-0b1", "sg-0b2"]
    assert machine["associate_public_ip_address"] is False
    assert {entry.type for entry in cloudless.ledger.entries()} == {"aws_instance", "aws_key_pair"}
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []
