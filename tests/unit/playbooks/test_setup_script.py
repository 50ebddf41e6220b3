"""Setup runs when it changed where it comes from, and again after any that failed or was interrupted."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from styx import paths

ROLE = paths.playbooks() / "roles" / "workspace"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "workdir").mkdir()
    (tmp_path / ".styx" / "bin").mkdir(parents=True)
    for name in ("guard.py", "contained.py", "setup_lock.py"):
        (tmp_path / ".styx" / "bin" / name).write_text((ROLE / "files" / name).read_text())
    return tmp_path


def start(home, script, **arguments):
    """Start the module as Ansible does."""
    given = {"script": script, "home": str(home), "environment": {"PATH": os.environ["PATH"]}, **arguments}
    program = [sys.executable, ROLE / "library" / "setup_script.py"]
    module = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    module.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": given}))
    module.stdin.close()
    return module


def run(home, script, **arguments):
    """Return whether setup ran; None when it failed."""
    with start(home, script, **arguments) as module:
        answer = json.loads(module.stdout.read())
    return None if answer.get("failed") else answer["changed"]


def test_it_runs_when_it_changed(home):
    assert run(home, "echo >> ran")
    assert not run(home, "echo >> ran")
    assert run(home, "echo >> ran", digest="other files")
    assert run(home, "echo >> ran", secrets={"S": "1"})
    assert run(home, "echo >> ran")
    assert (home / "workdir" / "ran").read_text() == "\n" * 4


def test_the_setup_of_another_origin_is_no_change_of_this_one(home):
    assert run(home, "true", origin="cluster")
    assert run(home, "echo other", origin="exec")
    assert not run(home, "true", origin="cluster")
    assert not run(home, "echo other", origin="exec")


def test_after_a_failed_setup_the_old_one_runs_again(home):
    assert run(home, "true")
    assert run(home, "exit 3") is None
    assert not (home / ".styx" / "setup.json").exists()
    assert run(home, "true")


def test_after_an_interrupted_setup_the_old_one_runs_again(home):
    assert run(home, "true")
    with start(home, "touch up; sleep 86400") as module:
        while not (home / "workdir" / "up").exists():
            assert module.poll() is None
            time.sleep(0.02)
        module.send_signal(signal.SIGKILL)
    assert run(home, "true")


def test_the_mark_is_in_its_environment_and_no_reason_to_run_it_again(home):
    assert run(home, 'echo "$MARK" > mark', mark={"MARK": "here"})
    assert (home / "workdir" / "mark").read_text() == "here\n"
    assert not run(home, 'echo "$MARK" > mark', mark={"MARK": "there"})


def until(path):
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.02)


def test_one_that_still_runs_is_waited_for(home):
    script = "echo >> ran; until [ -e go ]; do sleep 0.05; done"
    with start(home, script) as first:
        until(home / "workdir" / "ran")
        with start(home, script) as second:
            time.sleep(0.5)
            assert second.poll() is None
            (home / "workdir" / "go").touch()
            assert json.loads(first.stdout.read())["changed"]
            assert not json.loads(second.stdout.read())["changed"]
    assert (home / "workdir" / "ran").read_text() == "\n"


def test_one_that_is_out_of_date_is_ended_first(home):
    with start(home, "touch started; sleep 1000; touch late") as first:
        until(home / "workdir" / "started")
        assert run(home, "echo new")
        assert first.wait(timeout=10) == -signal.SIGTERM
    assert not (home / "workdir" / "late").exists()


def test_whoever_asked_for_it_can_end_it_with_all_that_it_started(home):
    program = [sys.executable, home / ".styx" / "bin" / "setup_lock.py"]
    subprocess.run(program, check=True)  # none ever ran
    with start(home, "echo $$ > started; sleep 1000") as module:
        until(home / "workdir" / "started")
        subprocess.run(program, check=True)
        assert module.wait(timeout=10) == -signal.SIGTERM
    shell = int((home / "workdir" / "started").read_text())
    end = time.monotonic() + 20
    while os.path.exists(f"/proc/{shell}"):
        assert time.monotonic() < end
        time.sleep(0.02)
    subprocess.run(program, check=True)  # none does now
