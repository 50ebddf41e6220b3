"""Ubuntu as it comes from its archive: from a bare host to a verified Ray cluster, and again without a change."""

import json
import os

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.user import CACHE
from tests.hosts import farm as farms
from tests.hosts import rootfs, wheels

pytestmark = [pytest.mark.root, pytest.mark.hosts]

SPEC = """
resources: {infra: aws/us-east-1, cpus: 4}
file_mounts: {~/data/notes: notes}
setup: echo "setup on $(. /etc/os-release; echo $VERSION_ID)" > ~/ready
run: |
  echo "run on $(. /etc/os-release; echo $VERSION_ID), $(cat ~/ready), $(cat ~/data/notes)"
  python -c 'import ray; print("with Ray", ray.__version__)'
"""


@pytest.fixture(params=[("22.04", rootfs.UBUNTU_22), ("24.04", rootfs.UBUNTU_24)], ids=lambda param: param[0])
def ubuntu(request, tmp_path):
    """Give the version and a farm of one host that has it."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    version, system = request.param
    found = farms.Farm(tmp_path / "farm", CACHE / "hosts", number=27, system=system)
    try:
        found.start(1)
        with wheels.served(found, CACHE / "hosts"):
            yield version, found
    finally:
        found.close()


def test_from_a_bare_host_to_a_verified_cluster(ubuntu, cloudless, styx):  # noqa: F811
    version, farm = ubuntu
    (node,) = farm.nodes
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    cloudless.addresses({"demo-head": node.address})
    (styx.folder / "notes").write_text("notes of mine\n")
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    key = json.loads((styx.folder / "infra" / "demo" / "styx.lock.json").read_text())["public_key"]
    node.let_in(key, "ubuntu")

    out, _ = styx("apply", spec, "--yes")
    assert f"run on {version}, setup on {version}, notes of mine" in out
    assert f"with Ray {wheels.ray_version()}" in out
    assert json.loads(styx("apply", spec, "--yes", "--no-run", "--json")[0])["hosts_changed"] == 0
    checks = styx.json("verify", "demo")
    assert {"base", "hardening", "python_env", "workspace", "ray", "job"} <= {check["role"] for check in checks}
    assert [check for check in checks if not check["passed"]] == []
