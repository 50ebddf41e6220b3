"""What a spec's environment asks for is on the hosts, and setup and run are in it: a container, then conda."""

import json
import os
import subprocess
import time
from dataclasses import dataclass

import pytest

from tests.cloudless.fixtures import Cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e import conda_standin, registry
from tests.e2e.user import CACHE, STYX, Styx
from tests.hosts import farm as farms
from tests.hosts import wheels

pytestmark = [pytest.mark.root, pytest.mark.hosts]

NAMES = ("demo-head", "demo-worker-1")
LEFT_BEHIND = "setsid sleep 4711 & sleep 4711 & "
WRONG = ("--secret", "STYX_DOCKER_PASSWORD=wrong horse")
RIGHT = ("--secret", f"STYX_DOCKER_PASSWORD={registry.PASSWORD}")

IN_A_CONTAINER = """
num_nodes: 2
resources: {{infra: aws/us-east-1, cpus: 4, image_id: docker:{image}}}
envs: {{STYX_DOCKER_SERVER: "{server}", STYX_DOCKER_USERNAME: {user}, LINES: "a\\nb $HOME"}}
secrets: {{STYX_DOCKER_PASSWORD: null}}
workdir: ./code
setup: |
  echo "$FROM_THE_IMAGE $STYX_SETUP_NODE_RANK" > /made_by_setup
  touch made_by_root
run: |
  echo "rank $STYX_NODE_RANK: $(cat /made_by_setup), $(cat file.txt), $LINES, ${{#STYX_DOCKER_PASSWORD}} letters"
"""

WITH_CONDA = """
num_nodes: 2
resources: {infra: aws/us-east-1, cpus: 4}
setup: |
  conda create -n theirs -y tool=7
  conda activate theirs
  echo "setup has $(tool)" > ~/said
run: |
  active=$CONDA_DEFAULT_ENV
  conda activate theirs
  ray=$(python -c 'import ray; print("Ray")')
  echo "rank $STYX_NODE_RANK: $active has $(other), $(cat ~/said), run has $(tool) on $ray"
styx: {environment: {conda: {file: environment.yml}, python: "3.11", packages: [tree]}}
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Two hosts, for the tests of this file one after another."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", number=21)
    try:
        found.start(2)
        with wheels.served(found, CACHE / "hosts"):
            yield found
    finally:
        found.close()


@dataclass
class Cluster:
    """A cluster on the farm's hosts, and whoever makes it."""

    styx: Styx
    farm: farms.Farm

    def apply(self, text, *words, **options):
        """Apply a spec; return what was printed on both sides."""
        return self.styx("apply", self.styx.spec(text, "demo.yaml"), "--yes", *words, **options)

    def on_hosts(self, *words):
        """Return what a command prints on each host itself."""
        return [node.run(*words, user="ubuntu", check=False).strip() for node in self.farm.nodes]

    def wait_for(self, count, *words):
        """Wait until a command prints so many lines on each host."""
        end = time.monotonic() + 30
        found = self.on_hosts(*words)
        while any(len(said.split()) != count for said in found):
            assert time.monotonic() < end, found
            time.sleep(0.1)
            found = self.on_hosts(*words)


@pytest.fixture(scope="module")
def cluster(farm, tmp_path_factory, cloudless_images):  # noqa: F811
    """Give a user whose machines of AWS are the farm's hosts; nothing stands yet."""
    styx = Styx(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("user") / "home")
    cloud = Cloudless(tmp_path_factory.mktemp("cloud") / "cloudless", cloudless_images)
    styx.extra = {**cloud.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    cloud.addresses({name: node.address for name, node in zip(NAMES, farm.nodes, strict=True)})
    styx("render", styx.spec("num_nodes: 2\nresources: {infra: aws/us-east-1, cpus: 4}\n", "demo.yaml"))
    for node in farm.nodes:
        node.let_in(json.loads((styx.folder / "infra/demo/styx.lock.json").read_text())["public_key"], "ubuntu")
    (styx.folder / "code").mkdir()
    (styx.folder / "code" / "file.txt").write_text("from the workdir")
    (styx.folder / "environment.yml").write_text("name: mine\ndependencies:\n  - other=3\n")
    with conda_standin.served(farm) as variables:
        server = registry.serve(farm.nodes[0])
        (styx.folder / "infra/demo/ansible/host_vars").mkdir()
        more = {**variables, "docker_settings": {"insecure-registries": [server]}}
        for name in NAMES:
            (styx.folder / f"infra/demo/ansible/host_vars/{name}.json").write_text(json.dumps(more))
        yield Cluster(styx, farm)
    subprocess.run([STYX, "destroy", "demo", "--yes"], cwd=styx.folder, env=styx.environment, check=True)


@pytest.fixture(scope="module")
def boxed(cluster):
    """Give the cluster whose jobs are in a container, its spec and what its first job printed."""
    server = f"{cluster.farm.nodes[0].address}:{registry.PORT}"
    spec = IN_A_CONTAINER.format(image=registry.IMAGE, server=server, user=registry.USER)
    _, refused = cluster.apply(spec, *WRONG, code=7)
    assert "demo-head: docker : Run the container: the container of tests/tiny:1 cannot be run:" in refused
    assert "401 Unauthorized" in refused
    assert "wrong horse" not in refused
    out, _ = cluster.apply(spec, *RIGHT)
    return cluster, spec, out


def test_setup_and_run_are_in_the_container(boxed):
    _, _, out = boxed
    for rank in (0, 1):
        told = f"rank {rank}: yes {rank}, from the workdir, a\n(rank {rank}) b $HOME, {len(registry.PASSWORD)} letters"
        assert told in out


def test_what_root_of_the_container_wrote_is_the_users(boxed):
    cluster, _, _ = boxed
    assert cluster.on_hosts("stat --format %U workdir/made_by_root") == ["ubuntu", "ubuntu"]


def test_nobody_stays_logged_in_to_the_registry(boxed):
    cluster, _, _ = boxed
    server = f"{cluster.farm.nodes[0].address}:{registry.PORT}"
    assert all(
        server not in said for said in cluster.on_hosts("sudo cat .docker/config.json /root/.docker/config.json")
    )


def test_the_second_time_nothing_changes(boxed):
    cluster, spec, _ = boxed
    told = cluster.apply(spec, "--no-run", "--json", *RIGHT)[0]
    assert json.loads(told)["hosts_changed"] == 0


def test_a_rank_takes_its_whole_tree_along_and_ends_the_others(boxed):
    cluster, _, _ = boxed
    command = f"{LEFT_BEHIND} echo $FROM_THE_IMAGE; [ $STYX_NODE_RANK = 1 ] && exit 7; sleep 4711"
    out, err = cluster.styx("exec", "demo", "--num-nodes", "2", "--", command, code=10)
    assert "(rank 1) yes" in out
    assert "exit code 7" in err
    cluster.wait_for(0, "pgrep --full [4]711")


def test_a_cancelled_job_leaves_nothing_in_the_container(boxed):
    cluster, _, _ = boxed
    cluster.styx("exec", "demo", "--num-nodes", "2", "--detach", "--", f"{LEFT_BEHIND} sleep 4711")
    cluster.wait_for(3, "pgrep --exact --full 'sleep 4711'")
    newest = cluster.styx.json("queue", "demo")[-1]["id"]
    cluster.styx("cancel", "demo", newest)
    cluster.wait_for(0, "pgrep --full [4]711")


def test_a_shell_is_in_the_container(boxed):
    cluster, _, _ = boxed
    out, _ = cluster.styx("ssh", "demo", "--all", "--", "echo $FROM_THE_IMAGE $STYX_NODE_RANK ${PWD##*/}")
    assert sorted(out.splitlines()) == ["demo-head: yes 0 workdir", "demo-worker-1: yes 1 workdir"]
    cluster.styx("ssh", "demo", "--", "exit 9", code=9)


def test_the_container_is_verified(boxed):
    cluster, _, _ = boxed
    told = cluster.styx.json("verify", "demo")
    assert {"docker"} <= {check["role"] for check in told}


def test_conda_instead_of_the_container(cluster):
    out, _ = cluster.apply(WITH_CONDA)
    for rank in (0, 1):
        assert f"rank {rank}: mine has 3, setup has 7, run has 7 on Ray" in out
    assert cluster.on_hosts("which tree") == ["/usr/bin/tree"] * 2
    assert json.loads(cluster.apply(WITH_CONDA, "--no-run", "--json")[0])["hosts_changed"] == 0
    assert cluster.styx("ssh", "demo", "--", "other")[0] == "3\n"
    told = cluster.styx.json("verify", "demo")
    assert {"conda"} <= {check["role"] for check in told}


def test_an_environment_that_cannot_be_made_is_told(cluster):
    (cluster.styx.folder / "environment.yml").write_text("name: mine\ndependencies:\n  - ghost=none\n")
    _, err = cluster.apply(WITH_CONDA, "--no-run", code=7)
    assert "the conda environment mine cannot be made: PackagesNotFoundError" in err
    assert "ghost" in err
