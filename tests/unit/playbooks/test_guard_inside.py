"""In a container the guard takes variables from its stdin, and ends the tree when that ends."""

import json
import os
import subprocess
import sys
import time

import pytest

from styx import paths

GUARD = paths.playbooks() / "roles" / "workspace" / "files" / "guard.py"


@pytest.fixture
def start(tmp_path):
    (tmp_path / "workdir").mkdir()

    def inside(text, variables):
        command = subprocess.Popen(
            [sys.executable, "-IS", GUARD, "inside", tmp_path, "bash", "-c", text],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path / "workdir",
        )  # fmt: skip
        command.stdin.write(json.dumps(variables).encode() + b"\n")
        command.stdin.flush()
        return command

    return inside


def test_variables_of_any_text_reach_the_command_and_its_code_comes_back(start):
    command = start('echo "$A"; exit 7', {"A": 'line\n"two" $(id)'})
    assert command.stdout.read().decode() == 'line\n"two" $(id)\n'
    assert command.wait() == 7


def test_a_signal_is_shown_as_a_shell_shows_it(start):
    command = start("kill -9 $$", {})
    assert command.wait() == 137


def test_the_tree_ends_when_nobody_listens_any_more(start, tmp_path):
    command = start("setsid sleep 4713 & echo $!; sleep 4713", {})
    left = int(command.stdout.readline())
    command.stdin.close()
    assert command.wait() == 143
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{left}"):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_command_reads_nothing_of_what_the_guard_reads(start):
    command = start("cat; echo end", {})
    assert command.stdout.read() == b"end\n"
    assert command.wait() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files to give back")
def test_what_root_wrote_is_given_back(load, tmp_path):
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (home / "folder" / "file").touch()
    (home / "link").symlink_to("/etc/passwd")
    (home / "theirs").touch()
    os.chown(home, 1234, 1235)
    os.chown(home / "theirs", 77, 77)
    load("workspace/files/guard.py").give_back(str(home))
    owners = {name: os.lstat(home / name).st_uid for name in ("folder", "folder/file", "link", "theirs")}
    assert owners == {"folder": 1234, "folder/file": 1234, "link": 1234, "theirs": 77}
    assert os.stat("/etc/passwd").st_uid == 0
