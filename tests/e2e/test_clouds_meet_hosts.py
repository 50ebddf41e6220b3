"""From a spec for a cloud to a job on real hosts: only the cloud's own API is not there."""

import json
import os
from pathlib import Path

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.user import CACHE
from tests.hosts import farm as farms
from tests.hosts import wheels

pytestmark = pytest.mark.root

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


def test_a_spec_for_aws_goes_the_whole_way(farm, cloudless, styx):  # noqa: F811
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    key = json.loads((styx.folder / "infra" / "demo" / "styx.lock.json").read_text())["public_key"]
    names = ("demo-head", "demo-worker-1")
    for node in farm.nodes:
        node.let_in(key, "ubuntu")
    cloudless.addresses({name: node.address for name, node in zip(names, farm.nodes, strict=True)})

    out, _ = styx("apply", spec, "--yes")
    assert "rank 0 of 2: ready on 0" in out
    assert "rank 1 of 2: ready on 1" in out
    assert Path(styx.home, "state", "keys", "demo", "id_ed25519").stat().st_mode & 0o077 == 0
    out, _ = styx("apply", spec, "--yes")
    told = styx("ssh", "demo", "--all", "--", "echo $STYX_NODE_RANK")[0]
    assert sorted(told.splitlines()) == ["demo-head: 0", "demo-worker-1: 1"]
    assert styx.json("verify", "demo")
    styx("destroy", "demo", "--yes")
    assert cloudless.ledger.entries() == []
