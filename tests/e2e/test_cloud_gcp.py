"""The module of Google Cloud, run by the real Terraform against a cloud that is none."""

import json

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import CALLER, Module, code_lines

pytestmark = pytest.mark.emulated

PLAIN = "resources: {infra: gcp/us-central1, cpus: 4}\nrun: echo hi\nnum_nodes: %d\n"

EVERYTHING = """
num_nodes: 2
resources:
  infra: gcp/us-central1
  accelerators: T4:1
  use_spot: true
  ports: [8080, "9000-9010"]
  disk_tier: high
  volumes: [{path: /data, disk_size: 200}]
run: nvidia-smi
file_mounts: {/in: {source: "gs://books", mode: COPY}, /out: {source: "gs://sums", mode: MOUNT}}
styx:
  budget: {hourly: 100}
  tags: {team: research}
  network: {allow: [198.51.100.0/24, "2001:db8::/32"], ports: {8443: [192.0.2.0/24]}, egress: [10.0.0.0/8]}
"""

PRIVATE = """
resources: {infra: gcp/us-central1, instance_type: c2-standard-60, network_tier: best}
styx: {network: {tunnel: iap}}
"""

EXISTING = """
resources: {infra: gcp/us-central1, instance_type: n4d-standard-4, disk_tier: high}
styx: {network: {vpc: platform, subnet: platform-nodes, security_groups: [ml, ssh], public_ip: false}}
"""
"""The catalog knows no zone of that machine type."""


@pytest.fixture
def module(tmp_path, cloudless):  # noqa: F811 - the fixture of that name
    return Module(tmp_path / "infra", cloudless.env)


def made(cloud, kind):
    """Return name → attributes of what exists of a kind."""
    return {entry.attributes["name"]: entry.attributes for entry in cloud.ledger.entries(kind)}


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
    assert host["zone"].startswith("us-central1-")

    module.render(PLAIN % 4)
    workers = [f'google_compute_instance.machine["demo-worker-{n}"]' for n in (1, 2, 3)]
    assert module.changes() == {worker: ["create"] for worker in workers}
    module.apply()
    module.render(PLAIN % 2)
    assert module.changes() == {worker: ["delete"] for worker in workers[1:]}
    module.apply()
    assert [host["name"] for host in module.hosts()] == ["demo-head", "demo-worker-1"]

    module.caller("192.0.2.7/32", run_id="r2")
    assert module.changes() == {}
    changed = module.changes("-replace=terraform_data.caller")
    assert set(changed) == {"terraform_data.caller", 'google_compute_firewall.port["22"]'}

    tagged = module.render(PLAIN % 2 + "styx: {tags: {team: research}}\n")
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    newer = tagged["terraform/terraform.tfvars.json"].replace("ubuntu-2404-lts-amd64", "ubuntu-2604-lts-amd64")
    tfvars.write_text(newer.replace("AAAA", "BBBB"))  # another key, too
    machines = [f'google_compute_instance.machine["demo-{name}"]' for name in ("head", "worker-1")]
    assert module.changes() == {machine: ["update"] for machine in machines}
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_everything_at_once(module, cloudless):  # noqa: F811
    module.render(EVERYTHING)
    module.init()
    module.terraform("test")
    module.apply()
    assert module.changes() == {}
    machines = made(cloudless, "google_compute_instance")
    assert set(machines) == {"demo-head", "demo-worker-1"}
    for machine in machines.values():
        assert machine["machine_type"].startswith("n1-")
        assert [(gpu["type"], gpu["count"]) for gpu in machine["guest_accelerator"]] == [("nvidia-tesla-t4", 1)]
        (scheduling,) = machine["scheduling"]
        assert scheduling["provisioning_model"] == "SPOT"
        assert scheduling["instance_termination_action"] == "DELETE"
        assert scheduling["on_host_maintenance"] == "TERMINATE"
        assert scheduling["automatic_restart"] is False
        assert machine["boot_disk"][0]["initialize_params"][0]["type"] == "pd-ssd"
        assert machine["shielded_instance_config"][0]["enable_vtpm"] is True
        assert {"team", "styx-cluster", "styx-run", "styx-owner"} <= set(machine["labels"])
        (account,) = machine["service_account"]
        assert account["email"].startswith("styx-")
    rules = made(cloudless, "google_compute_firewall")
    opened = {
        name.removeprefix("demo-port-"): set(rule["source_ranges"])
        for name, rule in rules.items()
        if name.startswith("demo-port-")
    }
    ours = {CALLER, "198.51.100.0/24"}
    assert opened == {"22": ours, "8080": ours, "9000-9010": ours, "8443": {"192.0.2.0/24"}}
    assert set(rules["demo-egress"]["destination_ranges"]) == {"10.77.0.0/16", "10.0.0.0/8"}
    assert rules["demo-no-egress"]["deny"][0]["protocol"] == "all"
    assert (rules["demo-egress"]["priority"], rules["demo-no-egress"]["priority"]) == (None, 65534)
    roles = [entry.attributes for entry in cloudless.ledger.entries("google_storage_bucket_iam_member")]
    assert {role["bucket"]: role["role"] for role in roles} == {
        "books": "roles/storage.objectViewer",
        "sums": "roles/storage.objectUser",
    }
    assert set(made(cloudless, "google_compute_disk")) == {"demo-head-data", "demo-worker-1-data"}
    host = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    assert host["styx_volumes"] == [{"path": "/data", "device": "/dev/disk/by-id/google-data"}]
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_over_the_budget_nothing_is_made(module, cloudless):  # noqa: F811
    module.render(EVERYTHING)
    tfvars = module.workdir.terraform / "terraform.tfvars.json"
    tfvars.write_text(json.dumps({**json.loads(tfvars.read_text()), "budget_hourly_usd": 0.01}))
    module.init()
    assert "over the budget of 0.01 USD" in module.apply(code=1)
    assert cloudless.ledger.entries() == []


def test_another_project_is_not_the_one_of_the_state(module, cloudless):  # noqa: F811
    module.render(PLAIN % 1)
    module.init()
    module.apply()
    first = module.env["GOOGLE_PROJECT"]
    module.env["GOOGLE_PROJECT"] = "another-project"
    said = " ".join(module.terraform("plan", "-no-color", code=1).split())
    assert f"demo-head stands in the project {first}, and GOOGLE_PROJECT says another-project" in said
    module.env["GOOGLE_PROJECT"] = first
    assert module.changes() == {}


def test_a_shared_network_has_its_rules_where_it_is(module, cloudless):  # noqa: F811
    shared = "projects/host/regions/us-central1/subnetworks/nodes"
    network = "https://www.googleapis.com/compute/v1/projects/host/global/networks/shared"
    cloudless.have(
        "google_compute_subnetwork", id=shared, name="nodes", project="host", network=network,
        ip_cidr_range="10.42.0.0/20",
        self_link=f"https://www.googleapis.com/compute/v1/{shared}",
    )  # fmt: skip
    module.render(f"resources: {{infra: gcp/us-central1, cpus: 4}}\nstyx: {{network: {{subnet: {shared}}}}}\n")
    module.init()
    module.apply()
    rules = made(cloudless, "google_compute_firewall")
    assert set(rules) == {"demo-inside", "demo-port-22"}
    assert {(rule["project"], rule["network"]) for rule in rules.values()} == {("host", network)}
    assert module.changes() == {}


def test_private_machines_are_reached_through_a_tunnel_and_are_close(module, cloudless):  # noqa: F811
    module.render(PRIVATE)
    module.init()
    module.apply()
    assert module.changes() == {}
    (machine,) = made(cloudless, "google_compute_instance").values()
    assert machine["network_interface"][0]["access_config"] == []
    assert machine["network_interface"][0]["nic_type"] == "GVNIC"
    assert machine["network_performance_config"][0]["total_egress_bandwidth_tier"] == "TIER_1"
    assert machine["resource_policies"]
    assert cloudless.ledger.entries("google_compute_router_nat")
    assert made(cloudless, "google_compute_firewall")["demo-tunnel"]["source_ranges"] == ["35.235.240.0/20"]
    host = module.inventory()["all"]["children"]["head"]["hosts"]["demo-head"]
    assert "gcloud compute start-iap-tunnel demo-head 22 --listen-on-stdin" in host["ansible_ssh_common_args"]
    assert host["ansible_host"] == machine["network_interface"][0]["network_ip"]
    module.destroy()
    assert cloudless.ledger.entries() == []


def test_an_existing_network_is_used_and_a_zone_that_sells_the_type(module, cloudless):  # noqa: F811
    kind = "google_compute_machine_types"
    for zone in "abcf":
        sold = [{"name": "n4d-standard-4"}] if zone in "cf" else []
        cloudless.have(kind, zone=f"us-central1-{zone}", machine_types=sold)
    module.render(EXISTING.replace("vpc: platform", "vpc: default"))
    module.init()
    said = " ".join(module.apply(code=1).split())
    assert "The subnet platform-nodes is of the network platform, not of default." in said
    module.render(EXISTING)
    module.apply()
    (machine,) = made(cloudless, "google_compute_instance").values()
    assert machine["zone"] == module.hosts()[0]["zone"] == "us-central1-c"
    assert machine["boot_disk"][0]["initialize_params"][0]["type"] == "hyperdisk-balanced"
    assert machine["network_interface"][0]["subnetwork"].endswith("/subnetworks/platform-nodes")
    assert sorted(machine["tags"]) == ["ml", "ssh"]
    assert {entry.type for entry in cloudless.ledger.entries()} == {"google_compute_instance"}
    cloudless.lack(kind, zone="us-central1-a", machine_types=[])
    cloudless.have(kind, zone="us-central1-a", machine_types=[{"name": "n4d-standard-4"}])
    assert module.changes() == {}
    module.destroy()
    assert cloudless.ledger.entries() == []
