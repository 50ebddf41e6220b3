"""From a spec for a cloud to a job on real hosts: only the cloud's own API is not there."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cloudless.fixtures import Cloudless, cloudless_images  # noqa: F401 - a fixture
from tests.e2e.user import CACHE, Styx
from tests.hosts import farm as farms
from tests.hosts import wheels

pytestmark = pytest.mark.root

NAMES = ("demo-head", "demo-worker-1")
SPEC = """
num_nodes: 2
resources: {infra: aws/us-east-1, cpus: 4}
setup: echo ready on $STYX_SETUP_NODE_RANK > ~/ready
run: |
  echo "rank $STYX_NODE_RANK of $STYX_NUM_NODES: $(cat ~/ready)"
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Two hosts, for the tests of this file one after another."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts")
    try:
        found.start(2)
        with wheels.served(found, CACHE / "hosts"):
            yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def cluster(farm, cloudless_images, tmp_path_factory):  # noqa: F811
    """A user with a cluster of both hosts, and what the first apply printed."""
    styx = Styx(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("user") / "home")
    cloudless = Cloudless(tmp_path_factory.mktemp("cloud") / "cloudless", cloudless_images)
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    key = json.loads((styx.folder / "infra" / "demo" / "styx.lock.json").read_text())["public_key"]
    for node in farm.nodes:
        node.let_in(key, "ubuntu")
    cloudless.addresses({name: node.address for name, node in zip(NAMES, farm.nodes, strict=True)})
    out, _ = styx("apply", spec, "--yes")
    yield styx, spec, out
    styx("destroy", "demo", "--yes")
    assert cloudless.ledger.entries() == []


def test_a_spec_for_aws_goes_the_whole_way(cluster):
    styx, spec, out = cluster
    assert "rank 0 of 2: ready on 0" in out
    assert "rank 1 of 2: ready on 1" in out
    assert Path(styx.home, "state", "keys", "demo", "id_ed25519").stat().st_mode & 0o077 == 0
    told = json.loads(styx("apply", spec, "--yes", "--no-run", "--json")[0])
    assert told["hosts_changed"] == 0
    assert [check for check in styx.json("verify", "demo") if not check["passed"]] == []


def test_commands_and_files_reach_every_host(cluster):
    styx, _, _ = cluster
    told = styx("ssh", "demo", "--all", "--", "echo $STYX_NODE_RANK")[0]
    assert sorted(told.splitlines()) == ["demo-head: 0", "demo-worker-1: 1"]
    styx("ssh", "demo", "--rank", "1", "--", "exit 9", code=9)
    (styx.folder / "notes").write_text("from here\n")
    styx("rsync", "up", "demo", "notes", "notes")
    told = styx("ssh", "demo", "--all", "--", "cat notes; echo back > result")[0]
    assert sorted(told.splitlines()) == ["demo-head: from here", "demo-worker-1: from here"]
    styx("rsync", "down", "demo", "result", "fetched", "--rank", "1")
    assert (styx.folder / "fetched").read_text() == "back\n"
    styx("ssh", "demo", "--config")
    (names,) = styx.home.glob("state/ssh/demo/names")  # what ~/.ssh/config includes
    done = subprocess.run(["ssh", "-F", names, "demo", "hostname"], capture_output=True, text=True, check=True)
    assert done.stdout == "n1\n"


def test_the_dashboard_comes_through_a_tunnel_and_asks_for_the_token(cluster):
    styx, _, _ = cluster
    with styx.start("dashboard", "demo") as tunnel:
        url = tunnel.stdout.readline().strip()
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{url}/api/jobs/", timeout=60)
        tunnel.send_signal(signal.SIGINT)
        tunnel.communicate(timeout=60)


def test_logs_by_rank_and_cancel(cluster):
    styx, _, _ = cluster
    styx("exec", "demo", "--num-nodes", "2", "--", "echo rank $STYX_NODE_RANK is here")
    assert styx("logs", "demo", "--rank", "1")[0] == "rank 1 is here\n"
    styx("exec", "demo", "--num-nodes", "2", "--detach", "--", "sleep 4711")
    newest = styx.json("queue", "demo")[-1]["id"]
    assert styx.json("cancel", "demo", newest)["state"] == "cancelled"


def test_a_worker_that_dies_under_a_job_is_told_and_mended_by_apply(cluster, farm):
    styx, spec, _ = cluster
    worker = farm.nodes[1]
    command = "touch ~/at-work; sleep 4711"
    with styx.start("exec", "demo", "--num-nodes", "2", "--", command) as running:
        end = time.monotonic() + 120
        while not (worker.root / "home/ubuntu/at-work").exists():
            assert time.monotonic() < end
            assert running.poll() is None, running.communicate()
            time.sleep(0.1)
        worker.cut()
        out, err = running.communicate(timeout=240)
    assert running.returncode == 10, (out, err)
    assert f"rank 1 on {worker.address} was lost" in out + err
    worker.boot()
    worker.wait()
    out, _ = styx("apply", spec, "--yes")
    assert "rank 1 of 2: ready on 1" in out
