"""The role nvidia on a real host with a pretended NVIDIA: apt, the restart and the order are real."""

import json
import os
import threading

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e import nvidia_repository
from tests.e2e.user import CACHE
from tests.hosts import farm as farms

pytestmark = pytest.mark.root

SPEC = """
resources: {infra: aws/us-east-1, accelerators: "H100:8"}
setup: nvcc --version > ~/said; echo $CUDA_HOME >> ~/said
styx:
  ray: false
  environment: {driver: "570", cuda: "12.8", cudnn: "9.1"}
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """One host, which is started again when it asks for that."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", number=26)
    try:
        found.start(1)
        yield found
    finally:
        found.close()


@pytest.fixture
def variables(farm):
    """Return the role's variables for this host."""
    with nvidia_repository.served(farm) as found:
        yield {**found, **nvidia_repository.pretend(farm.nodes[0])}


@pytest.fixture
def restarts(farm):
    """Start the host again whenever it restarts; gives how often it did."""
    (node,) = farm.nodes
    done, times = threading.Event(), []

    def watch():
        while not done.wait(0.1):
            if node.process and node.process.poll() == farms.RESTART:
                times.append(1)
                node.boot()

    thread = threading.Thread(target=watch)
    thread.start()
    yield times
    done.set()
    thread.join()


def test_a_driver_is_installed_once_with_all_that_belongs_to_it(farm, cloudless, styx, variables, restarts):  # noqa: F811
    (node,) = farm.nodes
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    cloudless.addresses({"demo-head": node.address})
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    folder = styx.folder / "infra" / "demo"
    node.let_in(json.loads((folder / "styx.lock.json").read_text())["public_key"], "ubuntu")
    (folder / "ansible" / "host_vars").mkdir()
    (folder / "ansible" / "host_vars" / "demo-head.json").write_text(json.dumps(variables))

    told = json.loads(styx("apply", spec, "--yes", "--json")[0])
    assert told["hosts_changed"] > 0
    assert restarts == [1]
    assert "release 12.8" in node.run("cat said", user="ubuntu")
    assert "/usr/local/cuda-12.8" in node.run("cat said", user="ubuntu")
    shown = "dpkg-query --show --showformat '${Package} ${Version}\\n' 'nvidia-*' 'libcudnn*' | sort"
    assert node.run(shown).splitlines() == [
        "libcudnn9-cuda-12 9.1.1-1",
        "libcudnn9-dev-cuda-12 9.1.1-1",
        "nvidia-fabricmanager-570 570.124.06-1",
        "nvidia-open-570 570.124.06-0ubuntu1",
    ]
    assert node.run("systemctl is-active nvidia-fabricmanager").strip() == "active"

    assert json.loads(styx("apply", spec, "--yes", "--json")[0])["hosts_changed"] == 0
    assert restarts == [1]
    assert {"nvidia"} <= {check["role"] for check in styx.json("verify", "demo")}

    other = styx.spec(SPEC.replace('cuda: "12.8", cudnn: "9.1"', 'cuda: "13.0"'), "demo.yaml")
    _, err = styx("apply", other, "--yes", code=7)
    assert "CUDA 13.0 needs driver 580 or newer, and 570 works here and is left as it is" in err
