"""What must not stop a fleet: hosts that are away, full, locked or cut off; a rerun does only what is left."""

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass

import pytest

from styx.host import Host
from styx.run import ansible, ssh_config
from styx.run.ansible_values import Playbook
from styx.run.ssh import Ssh
from styx.run.ssh_config import Login
from tests.cloudless.fixtures import Cloudless, cloudless_images  # noqa: F401 - a fixture
from tests.e2e.user import CACHE, Styx
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
AGAIN = SPEC.replace("ran", "again")
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


@dataclass
class Fleet:
    """A cluster of three, and whoever makes it."""

    styx: Styx
    cloudless: Cloudless
    nodes: list[farms.Node]
    key: str = ""

    def spec(self, text):
        return self.styx.spec(text, "demo.yaml")

    def apply(self, text, **options):
        """Apply a spec; return what was said."""
        return self.styx("apply", self.spec(text), "--yes", **options)[1]

    @property
    def changed(self):
        """How many tasks changed something in the last run, by host."""
        logs = (self.styx.home / "state" / "logs" / "demo").glob("*/ansible.log")
        log = max(logs, key=lambda path: path.stat().st_mtime).read_text()
        return {name: int(count) for name, count in re.findall(r"^(\S+) +: .*changed=(\d+)", log, re.MULTILINE)}

    @property
    def runs(self):
        """What setup has written on each host."""
        return [node.run("cat runs", user="ubuntu", check=False) for node in self.nodes]


@pytest.fixture(scope="module")
def fleet(farm, cloudless_images, tmp_path_factory):  # noqa: F811
    """Hand a cluster's machines these hosts."""
    styx = Styx(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("user") / "home")
    made = Fleet(styx, Cloudless(tmp_path_factory.mktemp("cloud") / "cloudless", cloudless_images), farm.nodes)
    caller = {"STYX_CALLER_CIDRS": f"{farm.address}/32", "STYX_BOOT_TIMEOUT_S": "4"}
    styx.extra = {**made.cloudless.env, **caller}
    styx("render", made.spec(SPEC))
    folder = styx.folder / "infra" / "demo"
    made.key = json.loads((folder / "styx.lock.json").read_text())["public_key"]
    (folder / "ansible" / "host_vars").mkdir()
    for node, name in zip(farm.nodes, NAMES, strict=True):
        node.let_in(made.key, "ubuntu")
        (folder / "ansible" / "host_vars" / f"{name}.yml").write_text(HOST_VARS)
    made.cloudless.addresses({name: node.address for name, node in zip(NAMES, farm.nodes, strict=True)})
    yield made
    styx("destroy", "demo", "--yes")
    assert made.cloudless.ledger.entries() == []


def link(node, state):
    """Cut the host's network, or mend it: nothing is told to either side."""
    subprocess.run(["ip", "link", "set", f"v{node.farm.number}{node.name}", state], check=True)


def until(node, test):
    end = time.monotonic() + 600
    while "yes" not in node.run(f"{test} && echo yes", user="ubuntu", check=False):
        assert time.monotonic() < end, f"{node.name}: {test} does not come true"
        time.sleep(0.2)


def told(said, name):
    """Return the one line that an error has on a host: its name, the task, what happened; what to do."""
    (line,) = [line.strip() for line in said.split("error: ")[1].splitlines() if line.strip().startswith(f"{name}:")]
    return line


def test_hosts_that_are_away_locked_or_full_hold_up_nobody(fleet):
    first, second, _ = fleet.nodes
    for node in fleet.nodes:
        node.run("touch go", user="ubuntu")

    link(first, "down")
    second.run("sudo mv /etc/sudoers.d/ubuntu /root/")
    said = fleet.apply(SPEC, code=7)
    link(first, "up")
    second.run("sudo mv /root/ubuntu /etc/sudoers.d/")
    assert "demo-head: Gathering Facts: " in told(said, "demo-head")
    assert told(said, "demo-head").endswith("see that it runs, and that its network lets SSH in")
    assert "demo-worker-1: base : " in told(said, "demo-worker-1")
    assert told(said, "demo-worker-1").endswith("let its login user become root with sudo and no password")
    assert fleet.runs == ["", "", "ran\n"]

    first.run(f"sudo systemd-run --quiet --unit=holder python3 -c '{HOLD}'")
    second.run("sudo install -d -o ubuntu /home/ubuntu/.styx")
    second.run("sudo mount -t tmpfs -o size=8k,mode=700,uid=$(id -u ubuntu) none /home/ubuntu/.styx")
    said = fleet.apply(SPEC, code=7)
    first.run("sudo systemctl stop holder")
    second.run("sudo umount /home/ubuntu/.styx")
    assert "demo-head: base : Install the system's packages: " in told(said, "demo-head")
    assert told(said, "demo-head").endswith("another program installs packages there: wait for its end, or end it")
    assert "demo-worker-1: workspace : " in told(said, "demo-worker-1")
    assert told(said, "demo-worker-1").endswith("make room on its disk, or ask for a larger one with disk_size")
    assert "demo-worker-2" not in said.split("error: ")[1]
    assert fleet.runs == ["", "", "ran\n"]
    assert fleet.changed["demo-worker-2"] == 0
    assert fleet.changed["demo-worker-1"] > 0  # it went on from where its fault had stopped it


def test_a_cut_link_a_power_cut_and_a_lost_machine_cost_only_what_they_are(fleet, farm):
    first, second, third = fleet.nodes
    spec = fleet.spec(AGAIN)
    for node in fleet.nodes:
        node.run("rm -f go runs started", user="ubuntu")

    with fleet.styx.start("apply", spec, "--yes") as applying:
        for node in fleet.nodes:
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
    assert fleet.runs == ["", "", "again\n"]

    # What the cut left running on the first is waited for, the second begins anew; the third is another machine now.
    fleet.cloudless.remove("aws_instance", NAMES[2])
    farm.renew(third)
    third.let_in(fleet.key, "ubuntu")
    third.run("touch go", user="ubuntu")
    second.run("rm started", user="ubuntu")
    with fleet.styx.start("apply", spec, "--yes") as applying:
        until(second, "test -e started")
        for node in (first, second):
            node.run("touch go", user="ubuntu")
        said = applying.communicate(timeout=180)[1]
    assert applying.returncode == 0, said
    assert fleet.runs == ["again\n"] * 3
    assert [fleet.changed[name] for name in NAMES[:2]] == [0, 1]
    assert fleet.changed[NAMES[2]] > 3


def test_ctrl_c_ends_what_runs_on_the_hosts_too(fleet):
    for node in fleet.nodes:
        node.run("rm -f go runs started", user="ubuntu")
    spec = fleet.spec(SPEC.replace("ran", "third"))
    with fleet.styx.start("apply", spec, "--yes") as applying:
        for node in fleet.nodes:
            until(node, "test -e started")
        applying.send_signal(signal.SIGINT)
        said = applying.communicate(timeout=180)[1]
    assert applying.returncode == 130, said
    for node in fleet.nodes:
        until(node, "! pgrep -f [.]styx/setup[.]sh")
        node.run("touch go", user="ubuntu")
    fleet.apply(SPEC.replace("ran", "third"))
    assert fleet.runs == ["third\n"] * 3


FIFTY = 50
BARRIER = """mktemp /tmp/here.XXXXXX > /dev/null
for second in $(seq 120); do
  [ $(ls /tmp/here.* | wc -l) -ge 50 ] && exit
  sleep 1
done
exit 1
"""
"""Ends well when fifty are in it at the same time."""


@pytest.fixture
def fifty(farm, tmp_path):
    """Fifty hosts that answer SSH and do little else: addresses of one; gives the configuration of SSH."""
    node = farm.nodes[0]
    last = [f"10.231.{farm.number}.{100 + number}" for number in range(FIFTY)]
    node.run("; ".join(f"sudo ip addr add {address}/24 dev host0" for address in last))
    node.run("echo MaxStartups 200 | sudo tee /etc/ssh/sshd_config.d/00-many.conf; sudo systemctl reload ssh")
    hosts = [
        Host(f"h{number}", "worker", number, "w", f"id-{number}", address, user="debian")
        for number, address in enumerate(last)
    ]
    login = Login(tmp_path / "fifty", farm.key)
    ssh_config.write(login, "fifty", hosts)
    (tmp_path / "inventory.yml").write_text(json.dumps({"all": {"hosts": {host.name: {} for host in hosts}}}))
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"name": "Meet", "ansible.builtin.raw": BARRIER}]}
    (tmp_path / "site.yml").write_text(json.dumps([play]))
    return login.config


def test_fifty_hosts_are_worked_on_at_once(farm, fifty, tmp_path):
    names = [f"h{number}" for number in range(FIFTY)]
    done = Ssh(fifty).everywhere(names, [BARRIER], lambda _host, _line: None, timeout_s=150)
    assert {one.code for one in done.values()} == {0}

    farm.nodes[0].run("rm /tmp/here.*")
    playbook = Playbook(
        tmp_path, forks=ansible.forks_for(FIFTY), timeout_s=150,
        env={"ANSIBLE_SSH_ARGS": f"-F {fifty}", "ANSIBLE_HOST_KEY_CHECKING": "True"},
    )  # fmt: skip
    report = ansible.run_playbook(playbook, log=tmp_path / "log")
    assert [host.ok for host in report.hosts] == [1] * FIFTY
