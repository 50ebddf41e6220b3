"""A guarded command's whole tree ends with it, and with whoever asked for it."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from styx import paths

GUARD = paths.playbooks() / "roles" / "workspace" / "files" / "guard.py"


@pytest.fixture
def run(load, tmp_path):
    guard = load("workspace/files/guard.py")

    def start(*argv):
        return guard.Guarded(argv, env=dict(os.environ), cwd=tmp_path)

    return start


@pytest.fixture
def mark():
    return f"86400.{secrets.randbelow(10**9)}"


def alive(mark):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0] == b"sleep" and mark.encode() in words:
                found.append(int(process.name))
    return found


def eventually(is_so, timeout_s=8):
    limit = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.02)


def outcome(command):
    values = list(command.read())
    codes = [value for value in values if isinstance(value, int)]
    assert len(codes) == 1
    return b"".join(value for value in values if isinstance(value, bytes)), codes[0]


@pytest.mark.parametrize(
    ("text", "code"), [("true", 0), ("exit 7", 7), ("exit 255", 255), ("kill -9 $$", 137), ("kill -TERM $$", 143)]
)
def test_the_exit_code_is_the_command_s(run, text, code):
    assert outcome(run("bash", "-c", text)) == (b"", code)


def test_both_streams_come_as_they_are(run):
    printed, code = outcome(run("bash", "-c", r"printf '\xff\x00\n'; printf no-newline >&2"))
    assert (printed, code) == (b"\xff\x00\nno-newline", 0)


def test_a_program_that_is_not_there_ends_with_127(run):
    printed, code = outcome(run("no-such-program"))
    assert b"no-such-program: No such file" in printed
    assert code == 127


def test_a_broken_pipe_ends_a_writer_as_in_any_shell(run):
    assert outcome(run("bash", "-c", "yes | head -1; echo ${PIPESTATUS[0]}")) == (b"y\n141\n", 0)


def test_what_a_command_leaves_ends_with_it(run, mark):
    text = f"nohup setsid sleep {mark} > /dev/null & (trap '' TERM; exec sleep {mark}) & echo done; exit 3"
    assert outcome(run("bash", "-c", text)) == (b"done\n", 3)
    assert alive(mark) == []


def test_the_code_comes_before_what_is_left_has_ended(run, mark):
    command = run("bash", "-c", f"(trap '' TERM; exec sleep {mark}) & sleep 0.2; exit 5")
    assert next(value for value in command.read() if isinstance(value, int)) == 5
    eventually(lambda: alive(mark))
    eventually(lambda: not alive(mark))


def test_end_ends_the_whole_tree(run, mark):
    command = run("bash", "-c", f"setsid sleep {mark} & sleep {mark}")
    eventually(lambda: len(alive(mark)) == 2)
    command.end()
    command.end()
    assert outcome(command) == (b"", 143)
    assert alive(mark) == []


def test_the_tree_ends_when_its_owner_is_killed(mark, tmp_path):
    text = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from guard import Guarded\n"
        "Guarded(['bash', '-c', sys.argv[2]], env={'PATH': '/usr/bin:/bin'}, cwd='/'); time.sleep(60)"
    )
    shell = f"nohup setsid sleep {mark} & sleep {mark}"
    owner = subprocess.Popen([sys.executable, "-c", text, str(GUARD.parent), shell])
    eventually(lambda: len(alive(mark)) == 2)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    eventually(lambda: not alive(mark))


def test_a_killed_guard_is_told_as_killed(run, mark):
    command = run("bash", "-c", f"echo $PPID; exec sleep {mark}")
    values = command.read()
    os.kill(int(next(values)), signal.SIGKILL)
    eventually(lambda: alive(mark))  # the shell has become the sleep
    [shell] = alive(mark)
    os.kill(shell, signal.SIGKILL)
    assert list(values) == [137]
