"""Google Cloud's sweep, with the real google-auth, against an API that pages, is busy and shows things late."""

import pytest

from styx.clouds.gcp.sweep import account
from styx.clouds.sweeping import clear
from styx.errors import CredentialError

PROJECT = "projects/p"
ZONE = f"{PROJECT}/zones/us-central1-a"


@pytest.fixture
def gcp(api):
    return api("gcp")


def env(gcp):
    url = f"{gcp.url}/compute/v1/"
    return {"GOOGLE_PROJECT": "p", "GOOGLE_OAUTH_ACCESS_TOKEN": "t", "GOOGLE_COMPUTE_CUSTOM_ENDPOINT": url}


def put(gcp, kind, path, **more):
    gcp.world.ledger.put(f"google_compute_{kind}", path, {"id": path, "name": path.rpartition("/")[2], **more})


def labels(cluster):
    return {"styx-cluster": cluster, "styx-owner": "ada", "styx-run": "r1"}


def make(gcp, cluster):
    """Make what the module makes."""
    net = f"{cluster}-net"
    network, subnet = f"{PROJECT}/global/networks/{net}", f"{PROJECT}/regions/us-central1/subnetworks/{net}"
    for number in range(3):
        put(gcp, "instance", f"{ZONE}/instances/{cluster}-{number}", labels=labels(cluster), subnetwork=subnet)
        put(gcp, "disk", f"{ZONE}/disks/{cluster}-{number}-data", labels=labels(cluster))
    put(gcp, "network", network)
    put(gcp, "subnetwork", subnet, network=network)
    put(gcp, "router", f"{PROJECT}/regions/us-central1/routers/{net}", network=network)
    put(gcp, "resource_policy", f"{PROJECT}/regions/us-central1/resourcePolicies/{cluster}-close")
    for name in ("inside", "port-22", "port-8000-8010", "egress", "tunnel"):
        tags = {"source_tags": [net], "target_tags": [net]} if name == "inside" else {"target_tags": [net]}
        put(gcp, "firewall", f"{PROJECT}/global/firewalls/{cluster}-{name}", network=network, **tags)


def test_all_that_a_cluster_is_made_of_is_found_ended_and_seen_gone_and_nothing_else(gcp):
    for cluster in ("train", "train-2", "train-port"):
        make(gcp, cluster)
    gcp.busy = 3
    found = list(account(env(gcp)).find("train", ["us-central1"]))
    kinds = sorted(one.kind for one in found)
    assert kinds == sorted(
        [*["machine"] * 3, *["disk"] * 6, *["firewall"] * 5, "network", "subnet", "gateway", "group"]
    )
    machine = next(one for one in found if one.kind == "machine")
    assert (machine.zone, machine.region, machine.owner) == ("us-central1-a", "us-central1", "ada")
    assert machine.created.startswith("20")
    boot = {one.part_of for one in found if one.kind == "disk"} - {""}
    assert boot == {one.id for one in found if one.kind == "machine"}
    before = len(gcp.world.ledger)
    assert clear(account(env(gcp)), "train", [], {one.id for one in found}, 300) == []
    assert len(gcp.world.ledger) == before - len(found) + 3  # boot disks end with their machines
    assert not [entry for entry in gcp.world.ledger.entries() if entry.name in ("train-net", "train-0")]


def test_every_cluster_is_found_also_where_only_its_network_is_left(gcp):
    make(gcp, "train")
    make(gcp, "other")
    for entry in gcp.world.ledger.entries("google_compute_instance", "google_compute_disk"):
        if entry.name.startswith("other"):
            gcp.end(entry)
    put(gcp, "network", f"{PROJECT}/global/networks/somebodys-net")
    found = list(account(env(gcp)).find("", []))
    assert {one.cluster for one in found} == {"train", "other"}
    assert {one.kind for one in found if one.cluster == "other"} == {
        "firewall", "network", "subnet", "gateway", "group",
    }  # fmt: skip


def test_what_is_refused_is_left_with_the_reason(gcp):
    make(gcp, "train")
    gcp.refused["instances/train-1"] = (403, {"error": {"message": "it is protected"}})
    path = f"{ZONE}/instances/train-1"
    ((found, why),) = clear(account(env(gcp)), "train", [], {path}, 0)
    assert (found.id, why) == (path, "it is protected")


def test_a_project_that_does_not_let_us_in(gcp):
    gcp.answer = lambda _api, _asked: (403, {"error": {"message": "Compute Engine API has not been used"}})
    with pytest.raises(CredentialError, match="has not been used"):
        list(account(env(gcp)).find("train", []))


def test_a_service_that_stays_busy(gcp):
    gcp.busy = 1000
    with pytest.raises(CredentialError, match=r"does not list instances: (busy|slow down)"):
        list(account(env(gcp)).find("train", []))


@pytest.mark.parametrize("lacking", ["GOOGLE_PROJECT", "GOOGLE_OAUTH_ACCESS_TOKEN"])
def test_without_project_or_credentials(gcp, lacking, tmp_path, monkeypatch):
    given = env(gcp)
    del given[lacking]
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(CredentialError):
        account(given)
