"""The module of Azure, run by the real Terraform against a cloud that is none."""

import json
import shlex
import subprocess
import sys

import pytest

from styx import files
from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, Module, code_lines

pytestmark = pytest.mark.emulated

PLAIN = "resources: {infra: azure/eastus, cpus: 4}\nrun: echo hi\nnum_nodes: %d\n"

EVERYTHING = """
num_nodes: 3
resources:
  infra: azure/eastus/2
  accelerators: T4:1
  use_spot: true
  ports: [8080, "9000-9010"]
  disk_tier: high
  network_tier: best
  volumes: [{path: /data, disk_size: 200}, {path: /slow, disk_size: 10, disk_tier: low}]
run: nvidia-smi
styx:
  budget: {hourly: 100}
  tags: {"team: Ärger": "${file(\\"/etc/hostname\\")}"}
  ray: {head: {cpus: 4}}
  network: {allow: [198.51.100.0/24], ports: {8443: [192.0.2.0/24]}, egress: [10.0.0.0/8, 192.0.2.0/24]}
"""

PRIVATE = "resources: {infra: azure/eastus, cpus: 4}\nstyx: {network: {tunnel: bastion}}\n"

EXISTING = """
resources: {infra: azure/eastus, instance_type: Standard_D4s_v6, image_id: "%s", volumes: [{path: /data}]}
styx: {network: {vpc: platform/platform, subnet: nodes, %s}}
"""

IMAGE = "subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i"
"""A resource id as a spec has it: without the slash before."""

AZ = """\
import socket, sys
words = sys.argv[1:]
assert words[:3] == ["network", "bastion", "tunnel"], words
told = dict(zip(words[3::2], words[4::2], strict=True))
print(told["--target-resource-id"], told["--subscription"], flush=True)
with socket.create_server(("127.0.0.1", int(told["--port"]))) as server:
    client, _ = server.accept()
    while data := client.recv(4096):
        client.sendall(data.upper())
"""
"""Azure's program as far as it matters here: a port that answers in capitals."""


@pytest.fixture
def module(tmp_path, cloudless, request):  # noqa: F811 - the fixture of that name
    cloudless.schemas(getattr(request, "param", "own"))
    return Module(tmp_path / "infra", cloudless.env)


both_schemas = pytest.mark.parametrize("module", ["own", "shared"], indirect=True)
"""With our own cuts of the provider's schema, and with the whole of it where that is at hand."""


def workers(*numbers):
    """Return the addresses of what these machines are made of."""
    kinds = ("linux_virtual_machine", "network_interface", "public_ip")
    return {f'azurerm_{kind}.machine["demo-worker-{number}"]' for number in numbers for kind in kinds}


def all_of(cloud, kind):
    """Return what exists of a kind, by name."""
    return {entry.name: entry.attributes for entry in cloud.ledger.entries(f"azurerm_{kind}")}


def test_one_to_four_to_two_machines_touches_only_the_difference(module, cloudless):  # noqa: F811
    bundle = module.render(PLAIN % 1)
    assert code_lines(bundle) < 200
    assert max(text.count("\n") for path, text in bundle.items() if path.endswith(".tf")) <= 150
    module.init()
    module.apply()
    assert module.changes() == {}
    (host,) = module.hosts()
    assert (host["role"], host["rank"], host["user"]) == ("head", 0, "azureuser")
    assert host["image"] == "Canonical:ubuntu-24_04-lts:server:24.04.202508190"
    assert host["public_address"] != host["private_address"]
    machine = all_of(cloudless, "linux_virtual_machine")["demo-head"]
    hardened = {"secure_boot_enabled": True, "vtpm_enabled": True, "allow_extension_operations": False}
    hardened |= {"admin_password": None, "boot_diagnostics": [], "identity": []}
    assert {name: machine[name] for name in hardened} == hardened
    assert machine["os_disk"][0]["storage_account_type"] == "StandardSSD_LRS"

    before = {path: text for path, text in bundle.items() if path != "styx.lock.json"}
    more = module.render(PLAIN % 4)
    differing = [path for path, text in before.items() if more[path] != text]
    assert differing == ["terraform/terraform.tfvars.json"]
    lines = zip(before[differing[0]].splitlines(), more[differing[0]].splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 1
    cloudless.have(
        "azurerm_platform_image", publisher="Canonical", offer="ubuntu-24_04-lts", sku="server",
        version="24.04.299901010", _version="24.04.299901010",
    )  # fmt: skip
    assert module.changes() == {address: ["create"] for address in workers(1, 2, 3)}  # a newer image replaces nothing
    module.apply()
    assert [host["image"][-9:] for host in module.hosts()] == ["202508190", *3 * ["299901010"]]
    module.render(PLAIN % 2)
    assert module.changes() == {address: ["delete"] for address in workers(2, 3)}
    module.apply()
    assert [host["rank"] for host in module.hosts()] == [0, 1]

    cloudless.remove("azurerm_linux_virtual_machine", "demo-worker-1")  # as Azure does with a spot machine
    assert module.changes() == {'azurerm_linux_virtual_machine.machine["demo-worker-1"]': ["create"]}
    module.caller("192.0.2.7/32", run_id="r2")
    module.apply()
    assert module.changes() == {}
    changed = module.changes("-replace=terraform_data.caller")
    assert set(changed) == {"terraform_data.caller", "azurerm_network_security_group.cluster"}
    module.caller()  # as in a bare clone
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []


@both_schemas
def test_everything_at_once(module, cloudless):  # noqa: F811
    module.render(EVERYTHING)
    module.init()
    module.terraform("test")
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    told = tfvars.read_text()
    tfvars.write_text(json.dumps({**json.loads(told), "budget_hourly_usd": 0.01}))
    assert "over the budget of 0.01 USD" in module.apply(code=1)
    assert cloudless.ledger.entries() == []
    tfvars.write_text(told)
    module.apply()
    assert module.changes() == {}

    machines = all_of(cloudless, "linux_virtual_machine")
    assert [machines[name]["size"] for name in sorted(machines)] == ["Standard_D4as_v5", *2 * ["Standard_NC4as_T4_v3"]]
    for name, machine in machines.items():
        market = ("Regular", None) if name == "demo-head" else ("Spot", "Delete")
        assert (machine["priority"], machine["eviction_policy"]) == market
        assert machine["zone"] == "2"
        assert machine["proximity_placement_group_id"]
        assert machine["secure_boot_enabled"] is (name == "demo-head")  # drivers of GPUs are not signed
        assert machine["os_disk"][0]["storage_account_type"] == "Premium_LRS"
        assert machine["tags"]["team: Ärger"] == '${file("/etc/hostname")}'
        assert {"styx-cluster", "styx-run", "styx-owner"} <= set(machine["tags"])
    for entry in cloudless.ledger.entries():
        assert entry.attributes.get("tags", machines["demo-head"]["tags"]) == machines["demo-head"]["tags"]
    assert all(one["accelerated_networking_enabled"] for one in all_of(cloudless, "network_interface").values())
    disks = all_of(cloudless, "managed_disk").values()
    assert sorted((disk["disk_size_gb"], disk["storage_account_type"], disk["zone"]) for disk in disks) == [
        *3 * [(10, "Standard_LRS", "2")], *3 * [(200, "Premium_LRS", "2")],
    ]  # fmt: skip
    head = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    assert head["styx_volumes"] == [
        {"path": "/data", "device": "/dev/disk/azure/scsi1/lun0"},
        {"path": "/slow", "device": "/dev/disk/azure/scsi1/lun1"},
    ]

    rules = all_of(cloudless, "network_security_group")["machines"]["security_rule"]
    rules.sort(key=lambda rule: rule["priority"])
    let_in = [rule for rule in rules if rule["direction"] == "Inbound"]
    assert {rule["destination_port_range"]: set(rule["source_address_prefixes"]) for rule in let_in} == {
        "22": {CALLER, "198.51.100.0/24"},
        "8080": {CALLER, "198.51.100.0/24"},
        "9000-9010": {CALLER, "198.51.100.0/24"},
        "8443": {"192.0.2.0/24"},
    }
    let_out = [rule for rule in rules if rule["direction"] == "Outbound"]
    assert [rule["access"] for rule in let_out] == ["Allow", "Allow", "Deny"]
    assert set(let_out[0]["destination_address_prefixes"]) == {"10.0.0.0/8", "192.0.2.0/24"}
    assert [rule["destination_address_prefix"] for rule in let_out[1:]] == ["VirtualNetwork", "*"]
    assert len({(rule["direction"], rule["priority"]) for rule in rules}) == len(rules)
    module.destroy()
    assert cloudless.ledger.entries() == []


@both_schemas
def test_private_machines_are_reached_through_a_bastion(module, cloudless, tmp_path):  # noqa: F811
    module.render(PRIVATE)
    module.init()
    module.apply()
    assert module.changes() == {}
    assert set(all_of(cloudless, "public_ip")) == {"bastion", "egress"}
    assert set(all_of(cloudless, "subnet_nat_gateway_association")) != set()
    assert module.hosts()[0]["public_address"] == ""
    head = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    assert head["ansible_host"] == head["styx_address"]

    program = tmp_path / "bin" / "az"  # a script that starts the program, as the real one is
    files.write(tmp_path / "bin" / "az.py", AZ)
    files.write(program, f'#!/bin/sh\n"{sys.executable}" "$0.py" "$@"\n', 0o755)
    option, command = shlex.split(head["ansible_ssh_common_args"])[1].split("=", 1)
    assert option == "ProxyCommand"
    env = {**module.env, "PATH": f"{program.parent}:{module.env['PATH']}"}
    command = ["sh", "-c", f"exec {command}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, bufsize=0) as proxy:
        proxy.stdin.write(b"hello")
        heard = proxy.stdout.read(5)
        rest, said = proxy.communicate(timeout=60)  # until az, too, has closed what it says things to
    (machine,) = all_of(cloudless, "linux_virtual_machine").values()
    assert heard + rest == b"HELLO"
    assert said.split()[:2] == [machine["id"].encode(), module.env["ARM_SUBSCRIPTION_ID"].encode()]
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_a_network_that_stands_is_used_as_it_is(module, cloudless):  # noqa: F811
    module.render(EXISTING % (IMAGE, "allow: [192.0.2.0/24]"))
    module.init()
    module.apply()
    assert module.changes() == {}
    (interface,) = all_of(cloudless, "network_interface").values()
    assert interface["ip_configuration"][0]["subnet_id"].endswith("/virtualNetworks/platform/subnets/nodes")
    (machine,) = all_of(cloudless, "linux_virtual_machine").values()
    assert machine["source_image_id"] == module.hosts()[0]["image"] == f"/{IMAGE}"
    assert (machine["disk_controller_type"], machine["secure_boot_enabled"]) == ("NVMe", False)
    rules = all_of(cloudless, "network_security_group")["machines"]["security_rule"]
    denied = [rule for rule in rules if rule["access"] == "Deny"]
    assert [rule["source_address_prefix"] for rule in denied] == ["VirtualNetwork"]
    assert not all_of(cloudless, "virtual_network")

    # Another firewall takes the place of ours.
    module.render(EXISTING % (IMAGE, "public_ip: false, security_groups: [platform/platform]"))
    module.apply()
    assert module.changes() == {}
    (association,) = all_of(cloudless, "network_interface_security_group_association").values()
    assert association["network_security_group_id"].endswith("/platform")
    left = {"network_security_group", "application_security_group", "public_ip"}
    assert not any(all_of(cloudless, kind) for kind in left)

    module.render(EXISTING % (IMAGE, "security_groups: [platform/a, platform/b]"))
    assert "takes one network security group" in module.terraform("plan", "-no-color", code=1)
    module.render((EXISTING % (IMAGE, "tunnel: bastion")).replace("platform/platform", "x"))
    said = module.terraform("plan", "-no-color", code=1).replace("\n", " ")
    assert "GROUP/NETWORK" in said
    assert "Bastion only in a network of its own" in said
    module.render(EXISTING % (IMAGE, "public_ip: false, security_groups: [platform/platform]"))
    module.destroy()
    assert cloudless.ledger.entries() == []
