"""Lambda's sweep, against an API of its shapes: whose a machine is tell its name and its key."""

import hashlib
import importlib

import pytest

from styx.clouds.sweeping import clear
from styx.errors import CredentialError

account = importlib.import_module("styx.clouds.lambda.sweep").account
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGolden"


@pytest.fixture
def cloud(api):
    return api("lambda")


def opened(cloud):
    return account({"LAMBDALABS_API_KEY": "k"}, cloud.url)


def make(cloud, cluster, comment=None):
    """Make what the module makes; return the name of the key."""
    public = f"{PUBLIC} {comment or cluster}"
    key = f"{cluster}-{hashlib.sha256(public.encode()).hexdigest()[:8]}"
    cloud.world.ledger.put(
        "lambdalabs_ssh_key", f"{cluster}-k", {"id": f"{cluster}-k", "name": key, "public_key": public}
    )
    for name in ("head", "worker-1"):
        machine(cloud, f"{cluster}-{name}", key)
    return key


def machine(cloud, name, *keys):
    row = {"id": name, "name": name, "region_name": "us-east-1", "ssh_key_names": list(keys)}
    cloud.world.ledger.put("lambdalabs_instance", name, row)


def test_machines_and_key_of_a_cluster_are_found_and_ended_and_nobody_elses(cloud):
    make(cloud, "train")
    make(cloud, "train-2")
    machine(cloud, "train-own", "laptop")
    cloud.busy = 2
    found = list(opened(cloud).find("train", []))
    assert [(one.kind, one.id, one.region) for one in found] == [
        ("machine", "train-head", "us-east-1"), ("machine", "train-worker-1", "us-east-1"), ("key", "train-k", ""),
    ]  # fmt: skip
    assert [one.holds_data for one in found] == [True, True, False]
    assert clear(opened(cloud), "train", [], {one.id for one in found}, 300) == []
    left = {entry.id for entry in cloud.world.ledger.entries()}
    assert left == {"train-2-head", "train-2-worker-1", "train-own", "train-2-k"}


def test_a_key_that_only_looks_like_one_of_styx_is_none(cloud):
    row = {"id": "own", "name": "laptop-20240101", "public_key": PUBLIC}
    cloud.world.ledger.put("lambdalabs_ssh_key", "own", row)
    assert list(opened(cloud).find("", [])) == []


def test_what_is_gone_already_is_no_error(cloud):
    make(cloud, "train")
    first = next(iter(opened(cloud).find("train", [])))
    assert opened(cloud).remove(first) == ""
    assert opened(cloud).remove(first) == ""


def test_a_refused_key(cloud):
    cloud.answer = lambda _api, _asked: (401, {"error": {"message": "API key was invalid, expired, or deleted."}})
    with pytest.raises(CredentialError, match="invalid, expired"):
        list(opened(cloud).find("", []))


def test_no_key():
    with pytest.raises(CredentialError, match="LAMBDALABS_API_KEY is not set"):
        account({}, "http://127.0.0.1:1")


def test_nobody_answers():
    with pytest.raises(CredentialError, match="cannot be reached"):
        list(account({"LAMBDALABS_API_KEY": "k"}, "http://127.0.0.1:1").find("", []))
