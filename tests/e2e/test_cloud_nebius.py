"""The module of Nebius, run by the real Terraform against a cloud that is none."""

import json

import pytest
import yaml

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, KEY, Module, code_lines

pytestmark = pytest.mark.emulated

MACHINE, DISK, RULE = "nebius_compute_v1_instance", "nebius_compute_v1_disk", "nebius_vpc_v1_security_rule"

PLAIN = "resources: {infra: nebius/eu-north1, cpus: 4}\nrun: echo hi\nnum_nodes: %d\n"

EVERYTHING = """
num_nodes: 2
resources:
  infra: nebius/eu-north1
  accelerators: H200:8
  use_spot: true
  network_tier: best
  disk_tier: high
  ports: [8080, "9000-9010"]
  volumes: [{path: /data, disk_size: 200, disk_tier: medium}, {path: /scratch, disk_size: 100}]
run: nvidia-smi
styx:
  ray: {head: {cpus: 4}}
  tags: {team: research}
  network: {allow: [198.51.100.0/24], ports: {8443: [192.0.2.0/24]}, egress: [10.0.0.0/8]}
"""

EXISTING = """
resources: {infra: nebius/eu-north1, cpus: 4, image_id: computeimage-e00mine}
run: echo hi
styx:
  network:
    vpc: vpcnetwork-e00existing
    subnet: vpcsubnet-e00existing
    security_groups: [vpcsecuritygroup-e00a, vpcsecuritygroup-e00b]
    public_ip: false
"""

PRIVATE = """
num_nodes: 16
resources: {infra: nebius/eu-north1, cpus: 4, volumes: [{path: /data, disk_size: 200}]}
run: echo hi
styx: {network: {proxy_jump: me@bastion.example}}
"""


class Nebius(Module):
    """A module that is told its project, as whoever runs Styx tells it."""

    project = "project-e00styxtests"

    def caller(self, *networks, run_id="r1", **more):
        super().caller(*networks, run_id=run_id)
        told = json.loads(self.workdir.run_variables.read_text())
        project = {"project_id": self.project} if self.project else {}
        self.workdir.run_variables.write_text(json.dumps({**told, **project}))


@pytest.fixture
def module(tmp_path, cloudless):  # noqa: F811 - the fixture of that name
    return Nebius(tmp_path / "infra", {**cloudless.env, "NEBIUS_IAM_TOKEN": "secret_styx_tests"})


def made(name, action):
    """Return what a plan does with one machine and its disk."""
    return {f'{MACHINE}.machine["{name}"]': [action], f'{DISK}.boot["{name}"]': [action]}


def test_one_to_four_to_two_machines_touches_only_the_difference(module, cloudless):  # noqa: F811
    bundle = module.render(PLAIN % 1)
    assert code_lines(bundle) < 200
    assert max(text.count("\n") for path, text in bundle.items() if path.endswith(".tf")) <= 150
    module.init()
    module.apply()
    assert module.changes() == {}
    (host,) = module.hosts()
    assert (host["role"], host["rank"], host["user"]) == ("head", 0, "ubuntu")
    assert host["image"] == "computeimage-e00ubuntu24.04-driverless"
    assert "/" not in host["private_address"] + host["public_address"]
    assert host["private_address"] != host["public_address"]

    module.render(PLAIN % 4)
    assert module.changes() == {**made("demo-worker-1", "create"), **made("demo-worker-2", "create"),
                                **made("demo-worker-3", "create")}  # fmt: skip
    module.apply()
    module.render(PLAIN % 2)
    assert module.changes() == {**made("demo-worker-2", "delete"), **made("demo-worker-3", "delete")}
    module.apply()
    assert [entry.name for entry in cloudless.ledger.entries(MACHINE)] == ["demo-head", "demo-worker-1"]

    module.caller("192.0.2.7/32", run_id="r2")
    assert module.changes() == {}
    changed = module.changes("-replace=terraform_data.caller")
    assert set(changed) == {"terraform_data.caller", f'{RULE}.cluster["tcp-22-0"]'}
    module.project = ""
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

    machines = {entry.name: entry.attributes for entry in cloudless.ledger.entries(MACHINE)}
    head, worker = machines["demo-head"], machines["demo-worker-1"]
    assert (head["resources"]["platform"], head["resources"]["preset"]) == ("cpu-d3", "4vcpu-16gb")
    assert worker["resources"]["platform"] == "gpu-h200-sxm"
    assert (head["gpu_cluster"], head["preemptible"]) == (None, None)
    assert worker["preemptible"] == {"on_preemption": "STOP", "priority": 1}
    (cluster,) = cloudless.ledger.entries("nebius_compute_v1_gpu_cluster")
    assert worker["gpu_cluster"]["id"] == cluster.id
    assert cluster.attributes["infiniband_fabric"] == "fabric-7"
    for machine in machines.values():
        assert machine["recovery_policy"] == "FAIL"
        assert {"team", "styx-cluster", "styx-run", "styx-owner"} <= set(machine["labels"])
        assert machine["service_account_id"] is None
        first, _, text = machine["cloud_init_user_data"].partition("\n")
        assert (first, yaml.safe_load(text)["users"][0]["ssh_authorized_keys"]) == ("#cloud-config", [KEY])

    disks = {entry.name: entry.attributes for entry in cloudless.ledger.entries(DISK)}
    assert len(disks) == 6
    assert disks["demo-head"]["type"] == "NETWORK_SSD_IO_M3"
    assert disks["demo-head"]["size_gibibytes"] % 93 == 0
    assert disks["demo-head"]["disk_encryption"] == {"type": "DISK_ENCRYPTION_MANAGED"}
    assert (disks["demo-head-data"]["type"], disks["demo-head-data"]["size_gibibytes"]) == ("NETWORK_SSD", 200)
    mounts = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]["styx_volumes"]
    devices = {mount["path"]: mount["device"].removeprefix("/dev/disk/by-id/virtio-") for mount in mounts}
    assert devices["/data"] == "data"
    assert set(devices.values()) == {disk["device_id"] for disk in head["secondary_disks"]}

    rules = {entry.name: entry.attributes for entry in cloudless.ledger.entries(RULE)}
    ssh = [CALLER, "198.51.100.0/24"]
    opened = [(rule["ingress"]["destination_ports"], rule["ingress"]["source_cidrs"])
              for name, rule in sorted(rules.items()) if name.startswith("tcp-")]  # fmt: skip
    assert opened == [
        ([22], ssh),
        ([8080], ssh),
        ([8443], ["192.0.2.0/24"]),
        (list(range(9000, 9008)), ssh),
        ([9008, 9009, 9010], ssh),
    ]
    assert rules["to-0"]["egress"]["destination_cidrs"] == ["10.0.0.0/8"]
    assert {name for name, rule in rules.items() if rule["egress"]} == {"to-0", "to-each-other"}
    assert {rule["access"] for rule in rules.values()} == {"ALLOW"}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_an_existing_network_is_used_as_it_is(module, cloudless):  # noqa: F811
    module.render(EXISTING)
    module.init()
    module.apply()
    (machine,) = [entry.attributes for entry in cloudless.ledger.entries(MACHINE)]
    (interface,) = machine["network_interfaces"]
    assert interface["subnet_id"] == "vpcsubnet-e00existing"
    assert interface["security_groups"] == [{"id": "vpcsecuritygroup-e00a"}, {"id": "vpcsecuritygroup-e00b"}]
    assert interface["public_ip_address"] is None
    (host,) = module.hosts()
    assert (host["public_address"], host["image"]) == ("", "computeimage-e00mine")
    assert {entry.type for entry in cloudless.ledger.entries()} == {MACHINE, DISK}
    assert module.changes() == {}

    module.render(EXISTING.replace("vpc: vpcnetwork-e00existing", "vpc: vpcnetwork-e00other"))
    assert "is of the network vpcnetwork-e00existing,\nnot of the one that is named." in module.apply(code=1)
    module.render(EXISTING.replace("computeimage-e00mine", "project-e00styxtests/mine"))
    assert module.changes() == {}  # the machine stands


def test_sixteen_private_machines_are_reached_through_a_jump_host(module, cloudless):  # noqa: F811
    module.render(PRIVATE)
    module.init()
    module.apply()
    assert module.changes() == {}
    hosts = module.hosts()
    assert [host["rank"] for host in hosts] == list(range(16))
    assert {host["public_address"] for host in hosts} == {""}
    assert len({host["private_address"] for host in hosts}) == 16
    assert {len(entry.attributes["secondary_disks"]) for entry in cloudless.ledger.entries(MACHINE)} == {1}
    head = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    assert head["ansible_host"] == hosts[0]["private_address"]
    assert head["ansible_ssh_common_args"] == "-o ProxyJump=me@bastion.example"


def test_a_project_is_named_once_and_is_in_the_region(module, cloudless):  # noqa: F811
    module.project = ""
    module.caller(CALLER)
    module.render(PLAIN % 1)
    module.init()
    assert "Say which project" in module.terraform("plan", "-no-color", code=1)
    module.project = "project-u00styxtests"
    module.caller(CALLER)
    assert "is in us-central1, the files are for nebius/eu-north1" in " ".join(module.apply(code=1).split())
    assert cloudless.ledger.entries() == []


def test_without_capacity_the_others_stand(module, cloudless):  # noqa: F811
    module.render(EVERYTHING)
    module.init()
    cloudless.fail("no_capacity", MACHINE, "demo-worker-*")
    assert "Not enough resources" in module.apply(code=1)
    assert [entry.name for entry in cloudless.ledger.entries(MACHINE)] == ["demo-head"]
    cloudless.heal()
    module.apply()
    assert module.changes() == {}


def test_the_schema_of_the_provider_has_all_that_is_used(module, cloudless):  # noqa: F811
    cloudless.schemas("shared")
    module.render(EVERYTHING)
    module.init()
    assert module.changes()
