"""What must not stop a fleet: hosts that are away, full, locked or cut off; a rerun does only what is left."""

import json
import os
import re
import subprocess
import time

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.user import CACHE
from tests.hosts import farm as farms

pytestmark = [pytest.mark.root, pytest.mark.hosts]

SPEC = """
num_nodes: 3
resources: {infra: aws/us-east-1, cpus: 4}
setup: |
  touch ~/started
  until [ -e ~/go ]; do sleep 0.1; done
  echo ran >> ~/runs
styx: {ray: false}
"""
NAMES = ("demo-head", "demo-worker-1", "demo-worker-2")
HOST_VARS = """
base_packages: [systemd-timesyncd, less]
base_apt_lock_timeout_s: 1
# As the cluster's own connections are, but for their patience.
ansible_ssh_extra_args: -o ControlPath=none -o ServerAliveInterval=2 -o ServerAliveCountMax=3 -o ConnectTimeout=3
"""
HOLD = 'import fcntl, time; lock = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(lock, 2); time.sleep(1000)'


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Three hosts, for the tests of this file one after another."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", number=23)
    try:
        found.start(3)
        yield found
    finally:
        found.close()


@pytest.fixture
def fleet(farm, cloudless, styx):  # noqa: F811
    """Hand a cluster's machines these hosts; give (spec, hosts)."""
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32", "STYX_BOOT_TIMEOUT_S": "4"}
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    folder = styx.folder / "infra" / "demo"
    key = json.loads((folder / "styx.lock.json").read_text())["public_key"]
    (folder / "ansible" / "host_vars").mkdir()
    for node, name in zip(farm.nodes, NAMES, strict=True):
        node.let_in(key, "ubuntu")
        (folder / "ansible" / "host_vars" / f"{name}.yml").write_text(HOST_VARS)
    cloudless.addresses({name: node.address for name, node in zip(NAMES, farm.nodes, strict=True)})
    return spec, farm.nodes


def link(node, state):
    """Cut the host's network, or mend it: nothing is told to either side."""
    subprocess.run(["ip", "link", "set", f"v{node.farm.number}{node.name}", state], check=True)


def until(node, test):
    end = time.monotonic() + 120
    while "yes" not in node.run(f"{test} && echo yes", user="ubuntu", check=False):
        assert time.monotonic() < end, f"{node.name}: {test} does not come true"
        time.sleep(0.2)


def told(said, name):
    """Return the one line that an error has on a host: its name, the task, what happened; what to do."""
    (line,) = [line.strip() for line in said.split("error: ")[1].splitlines() if line.strip().startswith(f"{name}:")]
    return line


def changed(styx):
    """Return how many tasks changed something in the last run, by host."""
    log = max((styx.home / "state" / "logs" / "demo").glob("*/ansible.log"), key=lambda path: path.stat().st_mtime)
    return {name: int(count) for name, count in re.findall(r"^(\S+) +: .*changed=(\d+)", log.read_text(), re.MULTILINE)}


def runs(nodes):
    return [node.run("cat runs", user="ubuntu", check=False) for node in nodes]


def test_hosts_that_are_away_locked_or_full_hold_up_nobody(fleet, styx):
    spec, nodes = fleet
    first, second, _ = nodes
    for node in nodes:
        node.run("touch go", user="ubuntu")

    link(first, "down")
    second.run("sudo mv /etc/sudoers.d/ubuntu /root/")
    _, said = styx("apply", spec, "--yes", code=7)
    link(first, "up")
    second.run("sudo mv /root/ubuntu /etc/sudoers.d/")
    assert "demo-head: Gathering Facts: " in told(said, "demo-head")
    assert told(said, "demo-head").endswith("see that it runs, and that its network lets SSH in")
    assert "demo-worker-1: base : " in told(said, "demo-worker-1")
    assert told(said, "demo-worker-1").endswith("let its login user become root with sudo and no password")
    assert runs(nodes) == ["", "", "ran\n"]

    first.run(f"sudo systemd-run --quiet --unit=holder python3 -c '{HOLD}'")
    second.run("sudo install -d -o ubuntu /home/ubuntu/.styx")
    second.run("sudo mount -t tmpfs -o size=8k,mode=700,uid=$(id -u ubuntu) none /home/ubuntu/.styx")
    _, said = styx("apply", spec, "--yes", code=7)
    first.run("sudo systemctl stop holder")
    second.run("sudo umount /home/ubuntu/.styx")
    assert "demo-head: base : Install the system's packages: " in told(said, "demo-head")
    assert told(said, "demo-head").endswith("another program installs packages there: wait for its end, or end it")
    assert "demo-worker-1: workspace : " in told(said, "demo-worker-1")
    assert told(said, "demo-worker-1").endswith("make room on its disk, or ask for a larger one with disk_size")
    assert "demo-worker-2" not in said.split("error: ")[1]
    assert runs(nodes) == ["", "", "ran\n"]

    styx("apply", spec, "--yes")
    assert runs(nodes) == ["ran\n"] * 3
    assert changed(styx)["demo-worker-2"] == 0
    styx("apply", spec, "--yes")
    assert changed(styx) == dict.fromkeys(NAMES, 0)


def test_a_cut_link_and_a_power_cut_in_mid_play_cost_only_what_they_cut(fleet, styx):
    spec, nodes = fleet
    first, second, third = nodes
    for node in nodes:
        node.run("rm -f go runs started", user="ubuntu")

    with styx.start("apply", spec, "--yes") as applying:
        for node in nodes:
            until(node, "test -e started")
        link(first, "down")
        second.cut()
        third.run("touch go", user="ubuntu")
        said = applying.communicate(timeout=180)[1]
    assert applying.returncode == 7, said
    for name in NAMES[:2]:
        assert f"{name}: workspace : Run setup: " in told(said, name)
        assert told(said, name).endswith("see that it runs, and that its network lets SSH in")
    assert NAMES[2] not in said.split("error: ")[1]
    link(first, "up")
    second.boot()
    second.wait()
    assert runs(nodes) == ["", "", "ran\n"]

    # What the cut left running on the first is waited for; the second begins anew.
    with styx.start("apply", spec, "--yes") as applying:
        second.run("rm -f started", user="ubuntu")
        until(second, "test -e started")
        for node in (first, second):
            node.run("touch go", user="ubuntu")
        assert applying.wait(timeout=120) == 0, applying.communicate()[1]
    assert runs(nodes) == ["ran\n"] * 3
    assert changed(styx)["demo-worker-2"] == 0
