"""A real host that switches itself off when nobody uses it, with nobody else alive."""

import json
import os

import pytest

from tests.cloudless.fixtures import Cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.user import CACHE, Styx
from tests.hosts import farm as farms

pytestmark = [pytest.mark.root, pytest.mark.hosts]

SPEC = """
resources:
  infra: aws/us-east-1
  cpus: 4
  autostop: {idle_minutes: 1, wait_for: jobs_and_ssh, hook: "echo gone > ~/gone"}
setup: echo ready
styx: {ray: false}
"""


@pytest.fixture
def farm(tmp_path):
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path / "farm", CACHE / "hosts", number=31)
    try:
        found.start(1)
        yield found
    finally:
        found.close()


def test_it_goes_by_itself_and_not_before_the_last_session_has_ended(farm, tmp_path, cloudless_images):  # noqa: F811
    cloudless = Cloudless(tmp_path / "cloud", cloudless_images)
    (tmp_path / "work").mkdir()
    extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32", "STYX_SWEEP": "false"}
    styx = Styx(tmp_path / "work", tmp_path / "home", extra=extra)
    spec = styx.spec(SPEC, "demo.yaml")
    styx("render", spec)
    (node,) = farm.nodes
    node.let_in(json.loads((styx.folder / "infra" / "demo" / "styx.lock.json").read_text())["public_key"], "ubuntu")
    cloudless.addresses({"demo-head": node.address})
    looks = styx.folder / "infra" / "demo" / "ansible" / "host_vars" / "demo-head.yml"
    looks.parent.mkdir()
    looks.write_text("autostop_every_s: 5\n")
    styx("apply", spec, "--yes")
    assert styx.json("apply", spec, "--yes")["hosts_changed"] == 0
    assert all(check["passed"] for check in styx.json("verify", "demo"))
    styx("autostop", "demo", "--cancel")
    told = styx("ssh", "demo", "--", "sudo cat /var/lib/styx-autostop/settings.json")[0]
    assert (json.loads(told)["idle_s"], json.loads(told)["hook"]) == (0, "echo gone > ~/gone")
    styx("autostop", "demo", "--idle", "1m")
    # A session longer than that: each look finds the machine in use.
    assert styx("ssh", "demo", "--", "sleep 75; echo here")[0].endswith("here\n")
    assert node.process.wait(timeout=400) is not None
    assert (node.root / "home" / "ubuntu" / "gone").read_text() == "gone\n"
    styx("destroy", "demo", "--yes")
    assert cloudless.ledger.entries() == []
