"""What a change does to machines that stand is said before it is made, on the cloud that is none."""

import os
import pty
import subprocess

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.user import STYX

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: {nodes}\nresources: {{infra: aws/us-east-1, instance_type: {type}}}\nstyx: {{ray: false}}\n"


@pytest.fixture
def user(cloudless, styx):  # noqa: F811
    """Give a user whose two machines stand in the cloud that is none."""
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    styx("apply", styx.spec(SPEC.format(nodes=2, type="m6i.large")), "--yes")
    return styx


def change(user, nodes=2, machine="m6i.large"):
    return user.spec(SPEC.format(nodes=nodes, type=machine))


def answered(user, answer, *words):
    """Run `styx words` on a terminal, give one answer; return its exit code and all it said."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen([STYX, *map(str, words)], cwd=user.folder, env=user.environment, stdin=theirs, stdout=theirs,
                           stderr=theirs)  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said = b""
    while chunk := _read(ours):
        said += chunk
    os.close(ours)
    return run.wait(), said.decode()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


def test_each_change_is_labelled_and_what_is_forbidden_is_refused_by_name(user, cloudless):  # noqa: F811
    (planned,) = user.json("plan", change(user, machine="m6i.xlarge"))
    assert {(one["label"], *one["causes"]) for one in planned["impacts"]} == {("restart", "instance_type")}
    out, _ = user("plan", change(user, nodes=1, machine="m6i.xlarge"))
    assert '~ aws_instance.machine["task-head"]  restart (instance_type)' in out
    assert '- aws_instance.machine["task-worker-1"]  data-loss (no longer asked for)' in out
    before = cloudless.ledger.entries()
    for verb, *more in (("plan",), ("apply", "--yes")):
        _, err = user(verb, change(user, nodes=1, machine="m6i.xlarge"), "--forbid", "replace", *more, code=3)
        assert 'data-loss: aws_instance.machine["task-worker-1"]' in err
        assert "task-head" not in err
    _, err = user("plan", change(user, machine="m6i.xlarge"), code=3, STYX_FORBID="restart")
    assert 'restart: aws_instance.machine["task-head"] (instance_type)' in err
    assert cloudless.ledger.entries() == before
    user("apply", change(user, nodes=3), "--yes", "--forbid", "restart")
    user("destroy", "task", "--yes")


def test_a_machine_taken_away_is_made_again_and_loses_nothing(user, cloudless):  # noqa: F811
    cloudless.remove("aws_instance", "task-worker-1")
    user("apply", change(user), "--yes", "--forbid", "restart")
    assert len(cloudless.ledger.entries("aws_instance")) == 2
    user("destroy", "task", "--yes")


def test_a_machine_with_data_is_ended_only_by_name(user, cloudless):  # noqa: F811
    code, said = answered(user, "y", "apply", change(user, nodes=1))
    assert "This ends task-worker-1, and what is on the disks is lost. Type task to go on:" in said
    assert code == 0
    assert len(cloudless.ledger.entries("aws_instance")) == 2
    code, said = answered(user, "task", "apply", change(user, nodes=1))
    assert code == 0, said
    assert [one.name for one in cloudless.ledger.entries("aws_instance")] == ["task-head"]
    _, said = answered(user, "yes", "destroy", "task")
    assert "This ends task-head on AWS" in said
    assert len(cloudless.ledger.entries("aws_instance")) == 1
    answered(user, "task", "destroy", "task")
    assert cloudless.ledger.entries() == []
