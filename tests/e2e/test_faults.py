"""Faults of the lifecycle and of integrity, made for real: interrupts, a held lock, a changed plan, an open folder."""

import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.tally import TALLY

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: {nodes}\nresources: {{infra: gcp/us-central1, cpus: 4+}}\nstyx: {{ray: false}}\n"
MACHINE = "google_compute_instance"


@pytest.fixture
def user(cloudless, styx):  # noqa: F811
    """Give a user whose cloud is none, but for its API."""
    cloudless.api("gcp")
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32", "STYX_SWEEP_SETTLE_S": "0"}
    yield styx
    cloudless.heal()


def wait_until(happened, running):
    """Wait as long as a loaded machine may need; fail early where it cannot happen any more."""
    for _ in range(6000):
        if happened():
            return
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.02)
    pytest.fail("it did not happen")


def nothing_is_left(user, cloudless):  # noqa: F811
    user("destroy", "task", "--yes")
    TALLY["leaks"] += len(cloudless.ledger)
    assert cloudless.ledger.entries() == []


@pytest.mark.parametrize("interrupts", [1, 2])
def test_one_interrupt_ends_in_order_and_two_name_what_may_remain(user, cloudless, interrupts):  # noqa: F811
    spec = user.spec(SPEC.format(nodes=1))
    cloudless.slow(600, MACHINE)
    running = user.start("apply", spec, "--yes")
    wait_until(lambda: cloudless.ledger.names(MACHINE), running)
    if interrupts == 2:
        for provider in children(*children(running.pid)):
            os.kill(provider, signal.SIGSTOP)  # Terraform waits for its answer
    running.send_signal(signal.SIGINT)
    if interrupts == 2:
        wait_until(lambda: "nterrupt" in log(user), running)
        running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=240)
    assert running.returncode == {1: 130, 2: 9}[interrupts], err
    if interrupts == 2:
        assert 'google_compute_instance.machine["task-head"]' in err, err
    state = json.loads((user.folder / "infra" / "task" / "terraform" / "terraform.tfstate").read_text())
    assert state["resources"]
    cloudless.heal()
    user("apply", spec, "--yes")  # nobody holds a lock
    assert cloudless.ledger.names(MACHINE) == ["task-head"]
    nothing_is_left(user, cloudless)


def children(*pids):
    """Return those that any thread of `pids` has started: Go starts processes from whichever it is in."""
    found = [path.read_text().split() for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for each in found for child in each]


def log(user):
    return "".join(path.read_text() for path in user.home.glob("state/logs/task/*/terraform.log"))


def test_a_plan_that_was_changed_after_it_was_shown_is_not_applied(user, cloudless):  # noqa: F811
    changes = {
        "plan": lambda: rezip(user.home / "state" / "plans" / "task.tfplan"),
        "folder": lambda: (user.folder / "infra/task/terraform/more.tf").write_text('output "more" { value = 1 }\n'),
        "spec": lambda: spec.write_text(spec.read_text() + "# another\n"),
    }
    for name, change in changes.items():
        spec = user.spec(SPEC.format(nodes=1))
        code, said = asked(user, spec, change)
        assert code == 8, said
        assert "changed after the plan was shown, so nothing was run" in said, name
        assert cloudless.calls("create") == []


def rezip(plan):
    """Write a plan anew with what it holds, and something of one's own."""
    with zipfile.ZipFile(plan) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(plan, "w") as archive:
        for name, text in {**texts, "canary": b"x"}.items():
            archive.writestr(name, text)


def asked(user, spec, change):
    """Apply on a terminal; between the question and the yes, let something change."""
    words = ["script", "-qec", f"{Path(os.sys.executable).with_name('styx')} apply {spec}", "/dev/null"]
    with subprocess.Popen(
        words, cwd=user.folder, env=user.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        said = ""
        while "[y/N]" not in said:
            letter = running.stdout.read(1)
            assert letter, said
            said += letter
        change()
        said += running.communicate("y\n", timeout=240)[0]
    return running.returncode, said


@pytest.mark.parametrize("fault", ["link", "open", "open inside"])
def test_a_rendered_folder_that_others_can_change_is_refused(user, cloudless, fault):  # noqa: F811
    spec = user.spec(SPEC.format(nodes=1))
    user("apply", spec, "--yes")
    folder = user.folder / "infra" / "task"
    if fault == "link":
        folder.rename(user.folder / "elsewhere")
        folder.symlink_to(user.folder / "elsewhere")
    else:
        (folder / "terraform" if "inside" in fault else folder).chmod(0o777)
    calls = len(cloudless.calls())
    for words in (("plan", spec), ("apply", spec, "--yes"), ("apply", folder, "--yes"), ("destroy", "task", "--yes")):
        _, err = user(*words, code=8)
        assert "is a symbolic link" in err or "can be written by everyone" in err
    assert len(cloudless.calls()) == calls
    if fault == "link":
        folder.unlink()
        (user.folder / "elsewhere").rename(folder)
    else:
        (folder / "terraform" if "inside" in fault else folder).chmod(0o700)
    nothing_is_left(user, cloudless)


def test_of_twenty_applies_at_once_one_goes_on_and_the_others_name_it(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(nodes=1))
    cloudless.slow(600, MACHINE)
    first = user.start("apply", spec, "--yes")
    wait_until(lambda: cloudless.ledger.names(MACHINE), first)
    others = [user.start("apply", spec, "--yes", "--lock-timeout", "0.2") for _ in range(19)]
    for other in others:
        _, err = other.communicate(timeout=240)
        assert other.returncode == 4, err
        assert f"pid {first.pid} of " in err
        assert f"on {os.uname().nodename}, since 2" in err
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=240)
    assert len(cloudless.calls("create", MACHINE)) == 1
    cloudless.heal()
    nothing_is_left(user, cloudless)


@pytest.fixture
def small_disk(user):
    """Put the user's state on a disk of 3 MiB."""
    state = user.home / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs", state], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.strip()}")
    yield state
    subprocess.run(["umount", "--lazy", state], check=True)


@pytest.mark.root
def test_a_disk_that_is_full_at_any_write_loses_nothing(user, cloudless, small_disk):  # noqa: F811
    spec = user.spec(SPEC.format(nodes=1) + "secrets: {TOKEN: canary-4711}\n")
    codes = []
    for free_kib in (0, 8, 40, 80, 160):
        fill(small_disk / "ballast", free_kib)
        run = user.run("apply", spec, "--yes")
        codes.append(run.returncode)
        assert "Traceback" not in run.stderr
        assert "canary-4711" not in run.stdout + run.stderr
        (small_disk / "ballast").unlink()
    assert codes[0] not in (0, 2)
    user("apply", spec, "--yes")
    assert cloudless.ledger.names(MACHINE) == ["task-head"]
    nothing_is_left(user, cloudless)


def fill(ballast, free_kib):
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            stream.truncate(max(0, stream.tell() - free_kib * 1024))
