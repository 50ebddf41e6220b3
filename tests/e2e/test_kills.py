"""Kills at every step and at random moments: the next command carries on, nothing leaks, nothing is made twice.

Three ways to die: `styx` alone, as kill -9 does; all of its processes at once, as a power cut does; Terraform alone.
STYX_KILLS says how many random kills there are, STYX_KILLS_SEED which: the seed of a run is printed.
"""

import json
import os
import random
import secrets
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from styx.run import process_tree
from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.tally import TALLY

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: 2\nresources: {infra: gcp/us-central1, cpus: 4+}\nstyx: {ray: false}\n"
MACHINE = "google_compute_instance"
NAMES = ["task-head", "task-worker-1"]
KILLS = int(os.environ.get("STYX_KILLS", "20"))
IN_A_ROW = 5
"""Kills before a command is left alone."""
WAYS = ("styx", "all of it", "terraform")
LONGEST_S = 240


@pytest.fixture
def user(cloudless, styx):  # noqa: F811
    """Give a user whose cloud is none, but for its API."""
    cloudless.api("gcp")
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32", "STYX_SWEEP_SETTLE_S": "0"}
    return styx


def journal(user):
    file = user.home / "state" / "journal" / "task.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def killed(running, how):
    """Kill what a `styx` in the background runs; return when it has ended."""
    if how == "all of it":
        process_tree.end(running.pid)
    elif how == "styx":
        running.kill()
    else:
        for pid in children(running.pid):
            if "terraform" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]:
                os.kill(pid, signal.SIGKILL)
    running.communicate(timeout=LONGEST_S)


def children(pid):
    try:
        found = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(child) for each in found for child in each]
    except FileNotFoundError:
        return []


def check_stands(user, cloudless):  # noqa: F811
    """Check that what is recorded stands, once, and nothing else."""
    found = cloudless.ledger.names(MACHINE)
    TALLY["duplicates"] += len(found) - len(set(found))
    assert found == NAMES
    (record,) = user.json("status")
    assert (record["status"], [host["name"] for host in record["hosts"]]) == ("up", NAMES)
    stands = [one.attributes["network_interface"][0]["network_ip"] for one in cloudless.ledger.entries(MACHINE)]
    assert [host["private_address"] for host in record["hosts"]] == stands  # it is these, not others of their name


def check_gone(user, cloudless):  # noqa: F811
    left = cloudless.ledger.entries()
    TALLY["leaks"] += len(left)
    assert left == []
    assert user.json("status") == []


def check_written_down(user, cloudless, acknowledged):  # noqa: F811
    """Check that nothing was made before the journal said so, and that each run that ended well is in it."""
    events = journal(user)
    if cloudless.calls("create"):
        assert any((event["what"], event["phase"]) == ("rung", "begin") for event in events)
    ended = [event for event in events if (event["what"], event["phase"]) == ("run", "end")]
    whole = Counter(event["verb"] for event in ended if event["detail"]["exit_code"] == 0)
    lost = Counter(acknowledged) - whole  # one may be killed when it has written its end, and not yet exited
    TALLY["losses"] += lost.total()
    assert not lost


@pytest.mark.parametrize(
    ("after", "how"),
    [
        ("choose", "styx"),
        ("render", "all of it"),
        ("terraform plan", "all of it"),
        ("mid-apply", "styx"),
        ("mid-apply", "all of it"),
        ("terraform apply", "all of it"),
    ],
)
def test_a_kill_after_each_step_is_made_good_by_the_next_apply(user, cloudless, after, how):  # noqa: F811
    spec = user.spec(SPEC)
    if after == "mid-apply":
        cloudless.slow(2, MACHINE)
    running = user.start("apply", spec, "--yes")
    if after == "mid-apply":
        wait_until(lambda: cloudless.ledger.names(MACHINE), running)
    else:
        assert any(line.startswith(f"{after}: ok") for line in running.stderr)
    killed(running, how)
    TALLY["kills"] += 1
    cloudless.heal()
    user("apply", spec, "--yes")
    check_stands(user, cloudless)
    user("destroy", "task", "--yes")
    check_gone(user, cloudless)
    check_written_down(user, cloudless, ["apply", "destroy"])


def test_a_kill_in_mid_play_is_made_good_by_the_next_apply(styx, tmp_path):
    go = tmp_path / "go"
    text = f"name: duo\nnum_nodes: 2\nresources: {{infra: local}}\nsetup: test -e {go} || sleep 4321\n"
    spec = styx.spec(text + "styx: {ray: false}\n")
    running = styx.start("apply", spec, "--yes")
    wait_until(lambda: len(sleepers()) == 2, running)
    running.kill()
    running.communicate(timeout=LONGEST_S)
    TALLY["kills"] += 1
    wait_until(lambda: not sleepers())
    assert [record["status"] for record in styx.json("status")] == ["applying"]
    go.touch()
    styx("apply", spec, "--yes")
    assert styx.machines() == ["duo-head", "duo-worker-1"]
    assert [record["status"] for record in styx.json("status")] == ["up"]
    styx("destroy", "duo", "--yes")
    assert styx.machines() == []


def sleepers():
    found = subprocess.run(["pgrep", "--exact", "--full", "sleep 4321"], capture_output=True, text=True, check=False)
    return found.stdout.split()


def wait_until(happened, running=None):
    """Wait as long as a loaded machine may need; fail early where it cannot happen any more."""
    for _ in range(LONGEST_S * 50):
        if happened():
            return
        assert running is None or running.poll() is None, running.stderr.read()
        time.sleep(0.02)
    pytest.fail("it did not happen")


class Killer:
    """Runs verbs, and kills them as the dice say."""

    def __init__(self, user, verbs, seed):
        self.user, self.verbs, self.dice = user, verbs, random.Random(seed)
        self.takes_s, self.acknowledged = {}, []

    def whole(self, verb):
        """Run a verb to its end, and learn how long that takes here and now: the kills meet all of it."""
        began = time.monotonic()
        run = self.user.run(*self.verbs[verb])
        self.takes_s[verb] = time.monotonic() - began
        gone_before = verb == "destroy" and "there is no cluster" in run.stderr
        assert run.returncode == 0 or gone_before, f"styx {verb} gave {run.returncode}\n{run.stdout}\n{run.stderr}"
        self.acknowledged += [verb] * (run.returncode == 0)

    def killed(self, verb):
        """Run a verb and kill it at a random moment, or in a random way."""
        how, moment_s = self.dice.choice(WAYS), self.dice.uniform(0, self.takes_s[verb])
        running = self.user.start(*self.verbs[verb])
        time.sleep(moment_s)
        killed(running, how)
        TALLY["kills"] += 1
        self.acknowledged += [verb] * (running.returncode == 0)


def test_kills_at_random_moments(user, cloudless):  # noqa: F811
    seed = os.environ.get("STYX_KILLS_SEED") or secrets.token_hex(4)
    print(f"\n{KILLS} kills, STYX_KILLS_SEED={seed}")
    verbs = {"apply": ("apply", user.spec(SPEC), "--yes"), "destroy": ("destroy", "task", "--yes")}
    checks = {"apply": check_stands, "destroy": check_gone}
    killer = Killer(user, verbs, seed)
    for verb in verbs:
        killer.whole(verb)
    for number in range(KILLS):
        verb = ("apply", "destroy")[number // IN_A_ROW % 2]
        killer.killed(verb)
        if number % IN_A_ROW == IN_A_ROW - 1 or number == KILLS - 1:
            killer.whole(verb)
            checks[verb](user, cloudless)
            check_written_down(user, cloudless, killer.acknowledged)
    killer.whole("destroy")
    check_gone(user, cloudless)
