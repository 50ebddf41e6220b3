"""Azure's sweep, with the real azure-identity and azure-core, over TLS, against an API that pages and is busy."""

import ssl

import pytest

from styx.clouds.azure.sweep import account
from styx.clouds.sweeping import clear
from styx.errors import CredentialError
from tests.cloudless.api import Api, serve
from tests.cloudless.azure_api import TENANT, answer
from tests.cloudless.world import World

ID = "22222222-2222-2222-2222-222222222222"


@pytest.fixture
def azure(tmp_path, certificate, monkeypatch):
    (tmp_path / "world").mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key_file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate.file)
    api = Api(World(tmp_path / "world"), answer)
    server = serve(api, context)
    yield api
    server.shutdown()
    server.server_close()


@pytest.fixture
def env(azure):
    host = azure.url.removeprefix("https://")
    known = {"ARM_METADATA_HOSTNAME": host, "ARM_SUBSCRIPTION_ID": ID, "ARM_TENANT_ID": TENANT}
    return known | {"ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": "s"}


def put(azure, kind, path, **more):
    azure.world.ledger.put(f"azurerm_{kind}", path, {"id": path, "name": path.rpartition("/")[2], **more})


def make(azure, cluster):
    """Make what the module makes, and what Azure makes with it: a disk without tags."""
    tags = {"styx-cluster": cluster, "styx-owner": "ada", "styx-run": "r1"}
    home = f"/subscriptions/{ID}/resourceGroups/styx-{cluster}"
    compute, network = f"{home}/providers/Microsoft.Compute", f"{home}/providers/Microsoft.Network"
    put(azure, "resource_group", home, tags=tags)
    for name in ("head", "worker-1"):
        machine = f"{compute}/virtualMachines/{cluster}-{name}"
        put(azure, "linux_virtual_machine", machine, tags=tags)
        put(azure, "managed_disk", f"{compute}/disks/{cluster}-{name}_OsDisk_1", managedBy=machine)
        put(azure, "network_interface", f"{network}/networkInterfaces/{cluster}-{name}", tags=tags)
        put(azure, "public_ip", f"{network}/publicIPAddresses/{cluster}-{name}", tags=tags)
    put(azure, "network_security_group", f"{network}/networkSecurityGroups/machines", tags=tags)
    put(azure, "virtual_network", f"{network}/virtualNetworks/cluster", tags=tags)
    return home


def test_all_that_a_cluster_is_made_of_is_found_ended_and_seen_gone_and_nothing_else(azure, env):
    make(azure, "train")
    other = make(azure, "train-2")
    opened = account(env)
    first = list(opened.find("train", []))
    azure.busy = 3
    found = list(opened.find("train", []))
    assert found == first
    kinds = sorted(one.kind for one in found)
    assert kinds == sorted([*["machine", "disk", "interface", "address"] * 2, "firewall", "network", "group"])
    disk = next(one for one in found if one.kind == "disk")
    assert (disk.owner, disk.holds_data, disk.part_of.rpartition("/")[2]) == ("ada", True, "train-head")
    assert disk.created.startswith("20")
    assert clear(opened, "train", [], {one.id for one in found}, 300) == []
    left = {entry.id for entry in azure.world.ledger.entries()}
    assert left
    assert all(path.startswith(other) for path in left)


def test_every_cluster_is_found_but_not_what_is_somebody_elses(azure, env):
    make(azure, "train")
    make(azure, "other")
    put(azure, "resource_group", f"/subscriptions/{ID}/resourceGroups/own", tags={"team": "research"})
    assert {one.cluster for one in account(env).find("", [])} == {"train", "other"}


def test_a_group_with_something_of_somebody_else_is_kept(azure, env):
    home = make(azure, "train")
    put(azure, "public_ip", f"{home}/providers/Microsoft.Network/publicIPAddresses/mine")
    found = list(account(env).find("train", []))
    assert "mine" not in {one.name for one in found}
    group = next(one for one in found if one.kind == "group")
    assert "it still holds" in account(env).remove(group)


def test_what_is_refused_is_left_with_the_reason(azure, env):
    home = make(azure, "train")
    locked = {"error": {"code": "ScopeLocked", "message": "the scope is locked"}}
    azure.refused["virtualMachines/train-head"] = (409, locked)
    path = f"{home}/providers/Microsoft.Compute/virtualMachines/train-head"
    ((found, why),) = clear(account(env), "train", [], {path}, 0)
    assert (found.id, why) == (path, "the scope is locked")


def test_without_a_subscription(env):
    del env["ARM_SUBSCRIPTION_ID"]
    with pytest.raises(CredentialError, match="ARM_SUBSCRIPTION_ID is not set"):
        account(env)


def test_nobody_answers(env):
    env["ARM_METADATA_HOSTNAME"] = "127.0.0.1:1"
    with pytest.raises(CredentialError, match="Azure"):
        account(env)
