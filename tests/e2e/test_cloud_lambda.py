"""The module of Lambda, run by the real Terraform against a cloud that is none."""

import json
import subprocess

import pytest

from styx.run import terraform_binary
from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, KEY, Module, code_lines

pytestmark = pytest.mark.emulated

MACHINE = "lambdalabs_instance"

PLAIN = "resources: {infra: lambda/us-east-1, accelerators: A10:1}\nrun: nvidia-smi\nnum_nodes: %d\n"

ACCESS = """
resources: {infra: lambda/us-east-1, accelerators: A10:1, ports: [8080, "9000-9010"]}
run: nvidia-smi
styx: {budget: {hourly: 100}, network: {allow: [198.51.100.0/24], ports: {8443: [192.0.2.0/24]}}}
"""

HEAD = """
num_nodes: 2
resources: {infra: lambda/us-east-1, accelerators: A10:1}
run: nvidia-smi
styx: {ray: {head: {cpus: 4}}}
"""


@pytest.fixture
def module(tmp_path, cloudless):  # noqa: F811 - the fixture of that name
    return Module(tmp_path / "infra", cloudless.env)


def machine(name, action):
    """Return what a plan does with one machine and with what remembers its type."""
    return {f'{kind}["{name}"]': [action] for kind in ("lambdalabs_instance.machine", "terraform_data.type")}


def test_one_to_four_to_two_machines_touches_only_the_difference(module, cloudless):  # noqa: F811
    bundle = module.render(PLAIN % 1)
    assert code_lines(bundle) < 200
    module.init()
    module.apply()
    assert module.changes() == {}
    (host,) = module.hosts()
    assert (host["role"], host["rank"], host["user"], host["private_address"]) == ("head", 0, "ubuntu", "")
    assert host["public_address"] == cloudless.ledger.entries(MACHINE)[0].attributes["ip"]

    module.render(PLAIN % 4)
    assert module.changes() == {
        address: actions for n in (1, 2, 3) for address, actions in machine(f"demo-worker-{n}", "create").items()
    }
    module.apply()
    module.render(PLAIN % 2)
    assert module.changes() == {
        address: actions for n in (2, 3) for address, actions in machine(f"demo-worker-{n}", "delete").items()
    }
    module.apply()
    assert [entry.name for entry in cloudless.ledger.entries(MACHINE)] == ["demo-head", "demo-worker-1"]

    module.caller("192.0.2.7/32", run_id="r2")
    assert module.changes() == {}
    assert set(module.changes("-replace=terraform_data.caller")) == {"terraform_data.caller"}
    module.caller()  # as in a bare clone
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []


def told(module, expression):
    """Return a value of the module, which the state and the variables give."""
    run = subprocess.run(
        [*terraform_binary.find().argv, "console"], cwd=module.workdir.terraform, env=module.env, text=True,
        input=f"jsonencode({expression})\n", capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(json.loads(run.stdout))


def test_what_gets_in_is_told_to_the_machines(module, cloudless):  # noqa: F811
    module.render(ACCESS)
    module.init()
    module.terraform("test")
    module.apply()
    ssh = [CALLER, "198.51.100.0/24"]
    assert told(module, "local.firewall") == [
        {"first": 22, "last": 22, "cidrs": ssh},
        {"first": 8080, "last": 8080, "cidrs": ssh},
        {"first": 8443, "last": 8443, "cidrs": ["192.0.2.0/24"]},
        {"first": 9000, "last": 9010, "cidrs": ssh},
    ]
    module.destroy()


def test_another_key_is_for_new_machines_and_another_type_is_another_machine(module, cloudless):  # noqa: F811
    module.render(HEAD)
    module.init()
    module.apply()
    (key,) = cloudless.ledger.entries("lambdalabs_ssh_key")
    assert key.name.startswith("demo-")
    assert key.attributes["public_key"] == KEY
    types = {entry.name: entry.attributes["instance_type_name"] for entry in cloudless.ledger.entries(MACHINE)}
    assert types == {"demo-head": "cpu_4x_general", "demo-worker-1": "gpu_1x_a10"}
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    written = json.loads(tfvars.read_text())

    tfvars.write_text(json.dumps({**written, "public_key": KEY.replace("Golden", "Silver")}))
    assert sorted(module.changes().values()) == [["create"], ["delete"]]
    assert all(address.startswith("lambdalabs_ssh_key.login[") for address in module.changes())

    written["groups"][1]["instance_type"] = "gpu_1x_a100"
    tfvars.write_text(json.dumps(written))
    assert module.changes() == {
        'terraform_data.type["demo-worker-1"]': ["update"],
        f'{MACHINE}.machine["demo-worker-1"]': ["delete", "create"],
    }
    module.apply()
    types = {entry.name: entry.attributes["instance_type_name"] for entry in cloudless.ledger.entries(MACHINE)}
    assert types == {"demo-head": "cpu_4x_general", "demo-worker-1": "gpu_1x_a100"}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_nothing_is_made_over_the_budget_or_without_capacity(module, cloudless):  # noqa: F811
    module.render(ACCESS)
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    written = json.loads(tfvars.read_text())
    tfvars.write_text(json.dumps({**written, "budget_hourly_usd": 0.01}))
    module.init()
    assert "over the budget of 0.01 USD" in module.apply(code=1)
    assert cloudless.ledger.entries() == []
    tfvars.write_text(json.dumps(written))
    cloudless.fail("no_capacity", MACHINE)
    assert "Not enough capacity" in module.apply(code=1)
    assert cloudless.ledger.entries(MACHINE) == []


def test_the_schema_of_the_provider_has_all_that_is_used(module, cloudless):  # noqa: F811
    cloudless.schemas("shared")
    module.render(ACCESS)
    module.init()
    assert module.changes()
