"""What a spec's environment asks for is on the hosts, and setup and run are in it: containers, conda, GPUs' software."""

import json
import os

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e import registry
from tests.e2e.user import CACHE
from tests.hosts import farm as farms

pytestmark = pytest.mark.root


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
        yield found
    finally:
        found.close()


@pytest.fixture
def on_hosts(farm, cloudless, styx):  # noqa: F811
    """Write a spec whose machines will be the farm's hosts; return its path."""
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}

    def write(text, name, host_vars=None):
        spec = styx.spec(text, f"{name}.yaml")
        styx("render", spec)
        folder = styx.folder / "infra" / name
        key = json.loads((folder / "styx.lock.json").read_text())["public_key"]
        names = (f"{name}-head", f"{name}-worker-1")
        for node in farm.nodes:
            node.let_in(key, "ubuntu")
        cloudless.addresses({name: node.address for name, node in zip(names, farm.nodes, strict=True)})
        for host in names if host_vars else ():
            (folder / "ansible" / "host_vars").mkdir(exist_ok=True)
            (folder / "ansible" / "host_vars" / f"{host}.json").write_text(json.dumps(host_vars))
        return spec

    return write


IN_A_CONTAINER = """
num_nodes: 2
resources: {{infra: aws/us-east-1, cpus: 4, image_id: docker:{image}}}
envs: {{STYX_DOCKER_SERVER: {server}, STYX_DOCKER_USERNAME: {user}, LINES: "a\\nb $HOME"}}
secrets: {{STYX_DOCKER_PASSWORD: null}}
workdir: ./code
setup: |
  echo "$FROM_THE_IMAGE $STYX_SETUP_NODE_RANK" > /made_by_setup
  touch made_by_root
run: |
  echo "rank $STYX_NODE_RANK: $(cat /made_by_setup), $(cat file.txt), $LINES, ${{#STYX_DOCKER_PASSWORD}} letters"
  setsid sleep 4711 & setsid sleep 4711 &
  exit $((STYX_NODE_RANK * 7))
"""


def test_setup_and_run_are_in_the_container(farm, on_hosts, styx):
    server = registry.serve(farm.nodes[0])
    text = IN_A_CONTAINER.format(image=registry.IMAGE, server=server, user=registry.USER)
    (styx.folder / "code").mkdir()
    (styx.folder / "code" / "file.txt").write_text("from the workdir")
    spec = on_hosts(text, "boxed", {"docker_settings": {"insecure-registries": [server]}})
    secret = ("--secret", f"STYX_DOCKER_PASSWORD={registry.PASSWORD}")

    out, _ = styx("apply", spec, "--yes", *secret, code=10)
    for rank in (0, 1):
        told = f"rank {rank}: yes {rank}, from the workdir, a\n(rank {rank}) b $HOME, {len(registry.PASSWORD)} letters"
        assert told in out
    assert "rank 1 on" in out and "ended with exit code 7" in out
