"""A small cluster on each of the other clouds: made, unchanged by a second plan, grown, shrunk, destroyed."""

import pytest

from tests.unit.cloudless.terraform import Terraform


@pytest.fixture
def terraform(cloudless, tmp_path, request):
    cloudless.addresses({"c1-w0": {"private": "10.7.0.2", "public": "10.8.0.2"}})
    return Terraform(request.param, tmp_path / "module", cloudless)


@pytest.fixture
def hosts(terraform, cloudless):
    """Give the hosts of an applied cluster of two, and see to it that nothing is left of it."""
    terraform.apply()
    assert terraform.changes() == {}
    yield terraform.outputs()["hosts"]
    terraform.destroy()
    assert len(cloudless.ledger) == 0


def machines(kind: str, action: str, *ranks: int) -> dict[str, str]:
    return {f'{kind}.this["c1-w{rank}"]': action for rank in ranks}


@pytest.mark.parametrize("terraform", ["google"], indirect=True)
def test_google(terraform, hosts, cloudless):
    machine = "google_compute_instance"
    images = "https://www.googleapis.com/compute/v1/projects/ubuntu-os-cloud/global/images"
    assert hosts["c1-w0"] == {
        "id": "projects/styx-tests/zones/us-central1-b/instances/c1-w0",
        "private": "10.7.0.2",
        "public": "10.8.0.2",
        "labels": {"styx-cluster": "c1", "goog-terraform-provisioned": "true"},
        "image": f"{images}/ubuntu-2404-noble-amd64-v20250819",  # the newest of the family that was asked for
    }
    assert hosts["c1-w1"]["private"].startswith("10.1.1.")  # its subnetwork's
    assert terraform.changes(machines=3) == machines(machine, "create", 2)
    assert terraform.changes(caller="198.51.100.9/32") == {"google_compute_firewall.ssh": "update"}
    assert terraform.changes(labels={"styx-cluster": "c2"}) == machines(machine, "update", 0, 1)
    assert terraform.changes(image="debian-cloud/debian-12") == machines(machine, "replace", 0, 1)
    newer = {"self_link": f"{images}/new", "name": "new", "_version": "2099"}
    cloudless.have("google_compute_image", family="ubuntu-2404-lts-amd64", **newer)
    assert terraform.changes() == {}
    assert 'doesn\'t match regexp "^[-_a-z0-9]{0,63}$"' in terraform.refused("plan", '-var=labels={"a":"B"}')


@pytest.mark.parametrize("terraform", ["azurerm"], indirect=True)
def test_azure(terraform, hosts, cloudless):
    machine = "azurerm_linux_virtual_machine"
    group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/c1"
    assert hosts["c1-w0"] == {
        "id": f"{group}/providers/Microsoft.Compute/virtualMachines/c1-w0",
        "private": "10.7.0.2",
        "nic": "10.7.0.2",
        "public": "10.8.0.2",
        "version": "24.04.202508190",
    }
    with_it = [machine, "azurerm_network_interface", "azurerm_public_ip"]
    assert terraform.changes(machines=1) == {key: "delete" for kind in with_it for key in machines(kind, "", 1)}
    assert terraform.changes(caller="198.51.100.9/32") == {"azurerm_network_security_group.this": "update"}
    assert terraform.changes(size="Standard_D8s_v5") == machines(machine, "update", 0, 1)
    assert terraform.changes(public_key="ssh-rsa AAAA") == machines(machine, "replace", 0, 1)
    newer = {"version": "24.04.209901010", "_version": "24.04.209901010"}
    cloudless.have("azurerm_platform_image", publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", **newer)
    assert terraform.changes() == machines(machine, "replace", 0, 1)


@pytest.mark.parametrize("terraform", ["nebius"], indirect=True)
def test_nebius(terraform, hosts):
    machine = "nebius_compute_v1_instance"
    assert terraform.outputs()["region"] == "eu-north1"
    assert hosts["c1-w0"]["id"].startswith("computeinstance-e00")
    assert hosts["c1-w0"]["private"] == "10.7.0.2/32"
    assert hosts["c1-w0"]["public"] == "10.8.0.2/32"
    assert hosts["c1-w1"]["public"] == ""  # it asked for none
    assert hosts["c1-w0"]["image"] == "computeimage-e00ubuntu24.04-driverless"
    assert terraform.changes(caller="198.51.100.9/32") == {"nebius_vpc_v1_security_rule.ssh": "update"}
    assert terraform.changes(preset="8vcpu-32gb") == machines(machine, "update", 0, 1)
    assert terraform.changes(spot=True) == machines(machine, "replace", 0, 1)


@pytest.mark.parametrize("terraform", ["lambdalabs"], indirect=True)
def test_lambda(terraform, hosts):
    machine = "lambdalabs_instance"
    assert hosts["c1-w0"]["public"] == "10.8.0.2"
    assert terraform.changes(machines=3) == machines(machine, "create", 2)
    another = "-var=instance_type=gpu_8x_h100_sxm5"
    assert "Unsupported Method" in terraform.refused("apply", "-auto-approve", another)
    # its API lists no file systems as an empty list, which a configuration without any does not say
    assert terraform.changes(file_system_names="null") == machines(machine, "update", 0, 1)
