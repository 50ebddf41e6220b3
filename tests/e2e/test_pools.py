"""Hosts that stand already: looked at, leased to one cluster at a time, used like any other, and given back clean."""

import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.user import CACHE, Styx
from tests.hosts import farm as farms

pytestmark = [pytest.mark.root, pytest.mark.hosts]

NUMBER = 22
FARM = f"10.231.{NUMBER}"

RAY = """
num_nodes: 2
resources: {infra: ssh/lab}
setup: echo ready on $STYX_SETUP_NODE_RANK > ~/ready
run: |
  echo "rank $STYX_NODE_RANK of $STYX_NUM_NODES on $(hostname): $(cat ~/ready)"
"""

PLAIN = """
num_nodes: {nodes}
resources: {{infra: ssh/lab}}
file_mounts: {{~/data/notes: data}}
styx: {{ray: false}}
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Two hosts, for the tests of this file one after another."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", NUMBER)
    try:
        found.start(2)
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def key(farm, tmp_path_factory):
    """Let a user of its own in to both hosts, to the second only through the first."""
    path = tmp_path_factory.mktemp("key") / "alice"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    first, second = farm.nodes
    for node in farm.nodes:
        node.run("sudo", "useradd", "-m", "-s", "/bin/bash", "alice")
        node.run("echo 'alice ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/alice")
        node.let_in(path.with_suffix(".pub").read_text(), "alice")
    only = f"AllowUsers *@{first.address}"
    second.run(f"echo '{only}' | sudo tee /etc/ssh/sshd_config.d/jump.conf && sudo systemctl reload ssh")
    return path


@pytest.fixture
def lab(farm, key, styx):
    """Give the user of the command line the pool `lab`, and return what writes others."""
    first, second = farm.nodes
    lab = {"user": "alice", "key": str(key), "hosts": [
        {"name": "n1", "address": first.address}, {"name": "n2", "address": second.address, "jump": "n1"},
    ]}  # fmt: skip
    pools(styx, lab=lab)
    return lab


def pools(user, **named):
    folder = user.home / "config"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "pools.yaml").write_text(json.dumps(named))


def lease(node):
    path = node.root / "var/lib/styx-lease/lease.json"
    return json.loads(path.read_text()) if path.exists() else None


def marks(node):
    """Return what a cluster could leave on a host."""
    places = ("home/alice", "etc/systemd/system", "etc/systemd/system/multi-user.target.wants", "etc/apt/apt.conf.d",
              "etc/security/limits.d", "etc/ssh/sshd_config.d", "var/lib")  # fmt: skip
    listed = {f"{place}/{name}" for place in places for name in os.listdir(node.root / place)}
    return {name for name in listed if "styx" in name or name.startswith("home/")}


def test_what_is_wrong_with_which_host(farm, lab, styx):
    first, _ = farm.nodes
    first.run("sudo useradd -m bob; sudo rm -f /etc/sudoers.d/bob")
    first.let_in(farm.public_key, "bob")
    good, address = {"user": "alice", "key": lab["key"]}, first.address
    pools(
        styx,
        lab=lab,
        odd={
            "hosts": [
                {**good, "name": "closed", "address": address, "port": 2222},
                {**good, "name": "stranger", "address": address, "user": "nobody-here"},
                {"name": "powerless", "address": address, "user": "bob", "key": str(farm.key)},
                {**good, "name": "keyless", "address": address, "key": "/nowhere/key"},
                {**good, "name": "changed", "address": address, "host_key": farm.public_key.strip()},
                {**good, "name": "unknown", "address": "no-such-host.invalid"},
            ]
        },
    )
    (found,) = styx.json("check", "ssh/lab")["clouds"]
    assert found["ready"]
    assert [one["name"] for one in found["findings"]] == ["lab/n1", "lab/n2"]
    assert all("debian 12" in one["said"] and one["said"].endswith("free") for one in found["findings"])
    (found,) = styx.json("check", "ssh/odd", code=5)["clouds"]
    said = {one["name"].removeprefix("odd/"): (one["said"], one["mend"]) for one in found["findings"]}
    assert "nothing listens" in said["closed"][0]
    assert "ssh-copy-id -i" in said["stranger"][1]
    assert said["powerless"][0] == "sudo asks for a password"
    assert said["keyless"][0] == "there is no key /nowhere/key"
    assert "another host key" in said["changed"][0]
    assert "ssh-keygen -R odd-changed" in said["changed"][1]
    assert "the name of no host" in said["unknown"][0]


def test_a_cluster_of_a_pool_goes_the_whole_way_and_leaves_nothing(farm, lab, styx):
    first, second = farm.nodes
    (first.root / "home/alice/notes").write_text("mine\n")
    workdir = second.root / "home/alice/workdir"
    workdir.mkdir()
    shutil.chown(workdir, (second.root / "home/alice").stat().st_uid)
    (workdir / "mine").write_text("mine\n")
    before = [marks(node) for node in farm.nodes]
    spec = styx.spec(RAY, "demo.yaml")

    out, err = styx("plan", spec)
    assert "demo-head is lab/n1" in err
    assert lease(first) is None

    out, _ = styx("apply", spec, "--yes")
    assert "rank 0 of 2 on n1: ready on 0" in out
    assert "rank 1 of 2 on n2: ready on 1" in out
    assert [lease(node)["cluster"] for node in farm.nodes] == ["demo", "demo"]
    applied = styx.json("apply", spec, "--yes", "--no-run")
    assert applied["hosts_changed"] == 0
    assert [host["id"] for host in applied["hosts"]] == ["lab/n1", "lab/n2"]
    told = styx("ssh", "demo", "--all", "--", "echo $STYX_NODE_RANK")[0]
    assert sorted(told.splitlines()) == ["demo-head: 0", "demo-worker-1: 1"]
    out, _ = styx("exec", "demo", "--", "echo", "again")
    assert "again" in out
    assert styx.json("verify", "demo")

    _, err = styx("apply", styx.spec(RAY, "other.yaml"), "--yes", code=3)
    assert "lab/n1: leased to demo of " in err

    styx("destroy", "demo", "--yes")
    assert [lease(node) for node in farm.nodes] == [None, None]
    ready = {"home/alice/ready"}  # what the task's own setup did
    assert [marks(node) - ready for node in farm.nodes] == before
    assert "ray" not in first.run("ps", "-eo", "args")
    assert (workdir / "mine").read_text() == "mine\n"
    assert (first.root / "home/alice/notes").read_text() == "mine\n"


def test_two_users_at_once_want_both_hosts_and_one_gets_them(farm, lab, styx, tmp_path):
    folder = tmp_path / "second"
    folder.mkdir()
    other = Styx(folder, tmp_path / "second-home")
    pools(other, lab=lab)
    users = (styx, other)
    for user in users:
        (user.folder / "data").write_text("ours\n")
    specs = [user.spec(PLAIN.format(nodes=2), "demo.yaml") for user in users]
    with ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda user, spec: user.run("apply", spec, "--yes"), users, specs))
    assert sorted(run.returncode for run in runs) == [0, 3], [run.stderr for run in runs]
    won, lost = sorted(users, key=lambda user: runs[users.index(user)].returncode)
    assert len({lease(node)["id"] for node in farm.nodes}) == 1
    shutil.copytree(won.folder / "infra", lost.folder / "infra", dirs_exist_ok=True)
    _, err = lost("destroy", "demo", "--yes", code=9)
    assert "leased elsewhere" in err
    shutil.rmtree(lost.folder / "infra")
    won("destroy", "demo", "--yes")
    assert [lease(node) for node in farm.nodes] == [None, None]


def test_a_host_that_is_no_longer_needed_is_given_back_and_a_lost_lease_is_broken(farm, lab, styx):
    first, second = farm.nodes
    (styx.folder / "data").write_text("ours\n")
    styx("apply", styx.spec(PLAIN.format(nodes=2), "demo.yaml"), "--yes")
    assert (second.root / "home/alice/data/notes").read_text() == "ours\n"
    styx("apply", styx.spec(PLAIN.format(nodes=1), "demo.yaml"), "--yes")
    assert (lease(first)["cluster"], lease(second)) == ("demo", None)
    assert not (second.root / "home/alice/data").exists()
    (found,) = styx.json("check", "ssh/lab")["clouds"]
    assert "leased to demo of " in found["findings"][0]["said"]
    _, err = styx("release", "lab/n1", "--yes", code=2)
    assert "styx destroy demo" in err
    path = first.root / "var/lib/styx-lease/lease.json"
    path.write_text(json.dumps({**lease(first), "id": "somebody else's"}))
    styx("release", "lab/n1", "--yes")
    assert lease(first) is None
    assert not (first.root / "home/alice/.styx").exists()
    styx("destroy", "demo", "--yes")


def test_an_apply_killed_as_it_leases_is_forgotten_by_no_host(farm, lab, styx):
    (styx.folder / "data").write_text("ours\n")
    running = styx.start("apply", styx.spec(PLAIN.format(nodes=2), "demo.yaml"), "--yes")
    end = time.monotonic() + 60
    while lease(farm.nodes[0]) is None:
        assert time.monotonic() < end
        assert running.poll() is None
    running.kill()
    running.communicate()
    styx("destroy", "demo", "--yes")
    assert [lease(node) for node in farm.nodes] == [None, None]
    assert styx.json("status") == []


def test_fifty_hosts_that_only_answer_ssh(farm, lab, styx):
    first, _ = farm.nodes
    first.run("echo MaxStartups 200 | sudo tee /etc/ssh/sshd_config.d/many.conf && sudo systemctl reload ssh")
    addresses = [f"{FARM}.{number}" for number in range(101, 151)]
    for address in addresses:
        subprocess.run(["ip", "-n", first.namespace, "addr", "add", f"{address}/24", "dev", "host0"], check=True)
    pools(styx, many={**lab, "hosts": addresses})
    (found,) = styx.json("check", "ssh/many")["clouds"]
    assert found["ready"]
    assert len(found["findings"]) == 50
