"""The sweep, end to end: what a killed Terraform leaves in the cloud is found, ended and never made twice."""

import getpass
import shutil
import signal
import time

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.state_server import state_server

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: 2\nresources: {infra: gcp/us-central1, cpus: 4+}\nstyx: {ray: false}\n"
MACHINE = "google_compute_instance"


@pytest.fixture
def api(cloudless):  # noqa: F811
    return cloudless.api("gcp")


@pytest.fixture
def user(cloudless, api, styx):  # noqa: F811
    """Give a user whose cloud is none, but for its API."""
    waits = {"STYX_SWEEP_SETTLE_S": "4", "STYX_SWEEP_PATIENCE_S": "60"}
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32", **waits}
    yield styx
    api.refused.clear()


def cut_off(user, cloudless, name="task-worker-1", text=SPEC):  # noqa: F811
    """Apply with a Terraform that is killed while the cloud makes a machine."""
    spec = user.spec(text)
    cloudless.fail("terraform_killed", MACHINE, name, times=1)
    user.extra["STYX_PARALLELISM"] = "1"
    user("apply", spec, "--yes", code=6)
    assert name in cloudless.ledger.names(MACHINE)
    return spec


def made(cloudless, name):  # noqa: F811
    return [call for call in cloudless.calls("create", MACHINE) if call["name"] == name]


def test_what_a_killed_terraform_left_is_ended_before_its_like_is_made(user, cloudless, api):  # noqa: F811
    api.hidden_s = 2  # seconds that it is there and not listed
    spec = cut_off(user, cloudless)
    _, err = user("apply", spec, "--yes")
    assert "ending what nobody knows of: machine task-worker-1" in err
    assert cloudless.ledger.names(MACHINE) == ["task-head", "task-worker-1"]
    assert "task-worker-1" in [call["name"] for call in cloudless.calls("swept")]
    assert len(made(cloudless, "task-worker-1")) == 2
    out, _ = user("plan", spec, "--detailed-exitcode")
    assert "0 to add, 0 to change, 0 to destroy" in out
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_a_remote_state_that_was_never_written_is_no_hindrance(user, cloudless, api):  # noqa: F811
    with state_server() as states:
        backend = f"{{ray: false, backend: {{type: http, address: '{states.address}', retry_max: 0}}}}"
        spec = cut_off(user, cloudless, text=SPEC.replace("{ray: false}", backend))
        states.locks.clear()  # as `terraform force-unlock` does
        user("apply", spec, "--yes")
        assert cloudless.ledger.names(MACHINE) == ["task-head", "task-worker-1"]
        assert "task-worker-1" in [call["name"] for call in cloudless.calls("swept")]
        user("destroy", "task", "--yes")
        assert cloudless.ledger.entries() == []


def test_destroy_ends_it_too(user, cloudless, api):  # noqa: F811
    cut_off(user, cloudless)
    out, _ = user("destroy", "task", "--yes")
    assert "nothing is left" in out
    assert cloudless.ledger.entries() == []
    assert user.json("status") == []


def test_a_destroy_that_cannot_look_keeps_the_cluster_and_says_how_to(user, cloudless, api):  # noqa: F811
    cut_off(user, cloudless)
    hidden = user.extra.pop("GOOGLE_OAUTH_ACCESS_TOKEN")
    nobody = {"GOOGLE_APPLICATION_CREDENTIALS": str(user.folder / "none.json")}
    _, err = user("destroy", "task", "--yes", code=9, **nobody)
    assert "gcloud compute instances list --filter=labels.styx-cluster=task" in err
    assert [record["name"] for record in user.json("status")] == ["task"]
    user.extra["GOOGLE_OAUTH_ACCESS_TOKEN"] = hidden
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_without_credentials_nothing_is_created_unless_that_is_said(user, cloudless, api):  # noqa: F811
    del user.extra["GOOGLE_OAUTH_ACCESS_TOKEN"]
    nobody = {"GOOGLE_APPLICATION_CREDENTIALS": str(user.folder / "none.json")}
    spec = user.spec(SPEC)
    _, err = user("apply", spec, "--yes", code=5, **nobody)
    assert "--no-sweep" in err
    assert cloudless.calls("create") == []
    user("apply", spec, "--yes", "--no-sweep", **nobody)
    user("destroy", "task", "--yes", **nobody)
    assert cloudless.ledger.entries() == []


def test_when_the_runner_is_gone_with_all_it_knew_its_machines_are_named(user, cloudless, api):  # noqa: F811
    spec = user.spec(SPEC)
    user("apply", spec, "--yes")
    there = cloudless.ledger.entries()
    shutil.rmtree(user.folder / "infra")
    shutil.rmtree(user.home / "state")
    before = len(cloudless.calls("create"))
    _, err = user("apply", spec, "--yes", code=9)
    assert "machine task-head" in err
    assert "styx reap --cluster task --yes" in err
    assert len(cloudless.calls("create")) == before
    assert cloudless.ledger.entries() == there
    listed = user.json("reap", "--plan", "--cloud", "gcp")
    assert {row["name"] for row in listed["orphans"] if row["kind"] == "machine"} == {"task-head", "task-worker-1"}
    assert not [row for row in listed["orphans"] if row["made_here"] or row["end"]]
    out, _ = user("reap", "--yes", "--cloud", "gcp")
    assert "made elsewhere" in out
    assert cloudless.ledger.entries() == there
    out, _ = user("reap", "--cloud", "gcp", "--cluster", "task", "--yes")
    assert "ended and seen gone" in out
    assert cloudless.ledger.entries() == []
    assert user("reap", "--plan", "--cloud", "gcp")[0].startswith("nothing was forgotten")


def test_what_is_anothers_is_left_alone(user, cloudless, api):  # noqa: F811
    labels = {"styx-cluster": "task", "styx-owner": "somebody-else", "styx-run": "r1"}
    home = "projects/styx-tests/zones/us-east1-b/instances/theirs"
    cloudless.ledger.put(MACHINE, home, {"id": home, "name": "theirs", "labels": labels})
    spec = user.spec(SPEC)
    _, err = user("apply", spec, "--yes")
    assert "a cluster of the same name belongs to somebody-else: left alone" in err
    user("destroy", "task", "--yes")
    assert cloudless.ledger.names(MACHINE) == ["theirs"]
    assert getpass.getuser() != "somebody-else"


def test_an_end_that_is_refused_is_named_and_nothing_more_is_made(user, cloudless, api):  # noqa: F811
    spec = cut_off(user, cloudless)
    api.refused["instances/task-worker-1"] = (403, {"error": {"message": "its deletion is forbidden"}})
    before = len(cloudless.calls("create"))
    _, err = user("apply", spec, "--yes", code=9, STYX_SWEEP_PATIENCE_S="1")
    assert "machine task-worker-1" in err
    assert "its deletion is forbidden" in err
    assert len(cloudless.calls("create")) == before
    api.refused.clear()
    user("apply", spec, "--yes")
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_reap_leaves_alone_what_an_apply_is_making(user, cloudless, api):  # noqa: F811
    spec = user.spec(SPEC)
    cloudless.slow(600, MACHINE)
    with user.start("apply", spec, "--yes") as applying:
        while len(cloudless.ledger.names(MACHINE)) < 2:  # both exist, and are in no state yet
            assert applying.poll() is None, applying.communicate()
            time.sleep(0.05)
        _, err = user("reap", "--cloud", "gcp", "--yes", code=4)
        assert "apply" in err
        assert cloudless.calls("swept") == []
        applying.send_signal(signal.SIGINT)
        applying.communicate(timeout=120)
    assert applying.returncode == 130
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []
