"""A folder is a machine: its services start, are kept up, and end with everything that they started."""

import ast
import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from styx import paths

PROGRAM = paths.templates() / "terraform" / "local" / "machine.py"


def alive(mark):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def eventually(is_so, timeout_s=8):
    limit = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.02)


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.runtime = Path(f"/tmp/styx-{os.geteuid()}", hashlib.sha256(os.fsencode(folder)).hexdigest()[:8])

    def run(self, verb, *words, **environment):
        return subprocess.run(
            [sys.executable, PROGRAM, verb, self.folder, *words],
            env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    def __call__(self, verb, *words, **environment):
        done = self.run(verb, *words, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def refuses(self, verb, *words):
        done = self.run(verb, *words)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        return done.stderr

    def service(self, name):
        return json.loads(self("status", name))["services"][name]


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path / "deep" / "machine")
    made("create")
    yield made
    made("remove")
    assert not made.folder.exists()
    assert not made.runtime.exists()


@pytest.fixture
def mark():
    return f"86400.{secrets.randbelow(10**9)}"


def test_it_needs_no_newer_python_than_hosts_have():
    ast.parse(PROGRAM.read_text(), feature_version=(3, 8))


def test_create_again_changes_nothing(machine):
    assert machine("create") == "ok"
    (machine.folder / "machine.py").write_text("an older one")
    assert machine("create") == "changed"


def test_everything_is_private_under_any_umask(tmp_path, mark):
    machine = Machine(tmp_path / "a" / "b" / "machine")
    old = os.umask(0)
    try:
        machine("create")
        machine("start", "s", "--", "sleep", mark)
    finally:
        os.umask(old)
    for path in (machine.folder, machine.folder.parent, machine.runtime, *machine.folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    machine("remove")


def test_the_runtime_folder_is_short_enough_for_sockets(machine):
    told = json.loads((machine.folder / "machine.json").read_text())
    assert told["runtime"] == str(machine.runtime)
    assert len(told["runtime"] + "/ray") <= 39


def test_a_link_is_no_machine(tmp_path, machine):
    link = Machine(tmp_path / "link")
    link.folder.symlink_to(machine.folder)
    for verb in ("create", "remove", "status"):
        assert "is a link" in link.refuses(verb)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    assert "holds other things" in Machine(folder).refuses("create")
    assert "is no machine" in Machine(folder).refuses("remove")
    assert (folder / "thesis.txt").exists()


def test_a_runtime_folder_that_another_made_is_refused(tmp_path):
    machine = Machine(tmp_path / "machine")
    machine.runtime.parent.mkdir(mode=0o700, exist_ok=True)
    machine.runtime.symlink_to(tmp_path)
    assert "is a link" in machine.refuses("create")
    machine.runtime.unlink()
    machine.runtime.mkdir(mode=0o777)
    machine.runtime.chmod(0o777)
    assert "open to other users" in machine.refuses("create")
    machine.runtime.chmod(0o700)
    machine("create")
    machine("remove")


def test_remove_again_and_of_nothing_is_fine(tmp_path):
    machine = Machine(tmp_path / "machine")
    assert machine("remove") == "ok"
    machine("create")
    assert machine("remove") == "changed"
    assert machine("remove") == "ok"


def test_remove_follows_no_link(tmp_path, machine):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (machine.folder / "link").symlink_to(outside)
    (machine.folder / "folder").mkdir()
    (machine.folder / "folder" / "link").symlink_to(outside)
    machine("remove")
    assert (outside / "kept").exists()
    machine("create")


def test_start_says_what_it_did(machine, mark):
    assert machine("start", "s", "--", "sleep", mark) == "changed"
    eventually(lambda: len(alive(mark)) == 2)  # the supervisor names it too
    first = machine.service("s")
    assert first["state"] == "running"
    assert machine("start", "s", "--", "sleep", mark) == "ok"
    assert machine.service("s")["pid"] == first["pid"]
    assert machine("start", "s", "--", "sleep", mark, "0") == "changed"
    assert machine.service("s")["pid"] != first["pid"]


def test_another_environment_restarts_it_and_the_caller_s_does_not(machine, mark, tmp_path):
    file = tmp_path / "env"
    file.write_text("# comment\nA=1 = $HOME\n")
    words = ("start", "s", "--env-file", str(file), "--", "sleep", mark)
    assert machine(*words, AWS_SECRET_ACCESS_KEY="canary", LANG="C") == "changed"
    environment = Path(f"/proc/{machine.service('s')['pid']}/environ").read_bytes().split(b"\0")
    assert b"A=1 = $HOME" in environment
    assert not any(b"canary" in variable for variable in environment)
    assert machine(*words, LANG="C.UTF-8") == "ok"
    file.write_text("A=2\n")
    assert machine(*words) == "changed"


def test_a_program_that_is_not_there_is_told(machine):
    assert "no-such-program: No such file" in machine.refuses("start", "s", "--", "no-such-program")
    assert machine.service("s")["state"] == "stopped"


@pytest.mark.parametrize("name", ["../s", ".s", "a/b"])
def test_a_service_s_name_is_no_path(machine, name):
    assert "cannot be the name" in machine.refuses("start", name, "--", "true")


def test_stop_ends_what_left_the_session(machine, mark):
    machine(
        "start", "s", "--", "bash", "-c", f"nohup setsid sleep {mark} & (trap '' TERM; sleep {mark}) & sleep {mark}"
    )
    eventually(lambda: len(alive(mark)) == 3)
    assert machine("stop", "s") == "changed"
    assert alive(mark) == []
    assert machine.service("s")["state"] == "stopped"
    assert machine("stop", "s") == "ok"


def test_a_killed_supervisor_leaves_nothing_that_start_or_remove_cannot_end(machine, mark):
    command = ("start", "s", "--", "bash", "-c", f"nohup setsid sleep {mark} & env -i sleep {mark}")
    machine(*command)
    eventually(lambda: len(alive(mark)) == 2)
    for restart in (True, False):
        os.kill(machine.service("s")["supervisor"], signal.SIGKILL)
        assert len(alive(mark)) == 2
        if restart:
            machine(*command)
            eventually(lambda: len(alive(mark)) == 2)
    machine("remove")
    assert alive(mark) == []
    machine("create")


def test_services_end_when_the_folder_was_deleted_by_hand(machine, mark):
    machine("start", "s", "--", "sleep", mark)
    subprocess.run(["rm", "-rf", machine.folder], check=True)
    assert machine("remove") == "changed"
    assert alive(mark) == []
    machine("create")


def test_a_failing_service_is_started_again_later_and_later(machine):
    machine("start", "s", "--", "bash", "-c", "echo again; exit 3")
    log = machine.folder / "log" / "s.log"
    eventually(lambda: log.read_text().count("again\n") == 2)
    assert "ended with 3, restart 1 of 10" in log.read_text()
    eventually(lambda: machine.service("s")["state"] == "restarting")
    assert machine("stop", "s") == "changed"


def test_a_service_that_ends_well_is_not_started_again(machine):
    machine("start", "s", "--", "true")
    eventually(lambda: machine.service("s")["state"] == "stopped")
    assert machine.service("s")["exit_code"] == 0


def test_wait_waits_for_the_address(machine):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        words = [sys.executable, PROGRAM, "start", machine.folder, "s", "--wait", address, "--", "sleep", "60"]
        waiting = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        assert waiting.poll() is None
        assert not (machine.folder / "services").exists()
        listener.listen()
        assert waiting.communicate(timeout=10)[0] == "changed\n"


def test_machines_do_not_touch_each_other(tmp_path, machine, mark):
    other = Machine(tmp_path / "deep" / "machine2")  # one name begins with the other's
    other("create")
    other("start", "s", "--", "sleep", mark)
    machine("start", "s", "--", "sleep", "86400")
    machine("stop", "s")
    machine("remove")
    assert other.service("s")["state"] == "running"
    other("remove")
    machine("create")
