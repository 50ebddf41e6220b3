"""The sweep on an EC2 that is emulated, with AWS's real provider: no name keeps a second machine from being made."""

import os
import platform
import signal
import time
from pathlib import Path

import pytest

from tests.e2e import emulated_ec2 as ec2
from tests.e2e.test_emulated_ec2 import IMAGE, Account

pytestmark = [
    pytest.mark.emulated,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="that provider is for x86_64 alone"),
]

SPEC = "resources: {infra: aws/us-east-1, cpus: 4}\nstyx: {ray: false}\n"


@pytest.fixture(scope="module")
def address():
    with ec2.emulated_ec2([IMAGE]) as found:
        yield found


@pytest.fixture
def user(styx, address, tmp_path):
    """Give a user whose AWS is the emulator, for Terraform and for boto3."""
    styx.extra = {
        **ec2.configuration(tmp_path),
        "AWS_ENDPOINT_URL": address,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "STYX_CALLER_CIDRS": "203.0.113.4/32",
        "STYX_SWEEP_SETTLE_S": "2",
    }
    return styx


def programs(folder):
    """Return what works in a folder: pid → what it is called."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "cwd").resolve() == folder:
                    found[int(process.name)] = (process / "comm").read_text().strip()
            except (OSError, ProcessLookupError):
                continue
    return found


def test_a_machine_that_a_killed_terraform_left_is_ended_before_its_like_is_made(user, address):
    account = Account(address)
    spec = user.spec(SPEC)
    user("render", spec)
    terraform = user.folder / "infra" / "task" / "terraform"
    (terraform / "emulated_override.tf").write_text(ec2.OVERRIDE.format(version=ec2.VERSION, address=address))
    with user.start("apply", spec, "--yes") as applying:
        while not account.machines():
            assert applying.poll() is None, applying.communicate()
            time.sleep(0.05)
        (forgotten,) = account.machines().values()
        for pid in programs(terraform.resolve()):
            os.kill(pid, signal.SIGKILL)
        _, err = applying.communicate(timeout=120)
    assert applying.returncode == 6, err
    _, err = user("apply", spec, "--yes")
    assert f"ending what nobody knows of: machine task-head ({forgotten['InstanceId']}" in err
    (machine,) = account.machines().values()
    assert machine["InstanceId"] != forgotten["InstanceId"]
    out, _ = user("destroy", "task", "--yes")
    assert "nothing is left" in out
    assert account.made() == {}
