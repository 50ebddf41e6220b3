"""A command is executed with its own environment, and ends with all it started: in time, when asked, with its agent."""

import os
import subprocess
import threading
import time

import pytest

from styx.agent import execution
from styx.agent.command import Prepared
from styx.agent.execution import Execution
from styx.agent.output import Output

PATH = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def run(tmp_path, *argv, timeout_s=20.0, during=None):
    """Run `argv`; return its code, what it printed, and the execution."""
    started = Execution(Prepared(argv, PATH, ()), tmp_path, timeout_s)
    output = Output(tmp_path / "log", [])
    if during:
        threading.Thread(target=during, args=(started,)).start()
    code = started.run(output)
    output.close()
    return code, (tmp_path / "log").read_text(), started


def running(mark):
    return subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True).stdout != b""


@pytest.mark.parametrize(
    ("argv", "code", "printed"),
    [
        (("sh", "-c", "echo a; echo b >&2; exit 5"), 5, "a\nb\n"),
        (("sh", "-c", "kill -9 $$"), 137, ""),
        (("env",), 0, f"PATH={os.environ['PATH']}\nLC_ALL=C.UTF-8\n"),
        (("no-such-program",), 127, "styx: cannot start no-such-program: no such command\n"),
        (("",), 127, "styx: cannot start : no such command\n"),
        (("pwd",), 0, None),
    ],
)
def test_what_comes_of_it(tmp_path, argv, code, printed):
    found, text, _ = run(tmp_path, *argv)
    assert (found, text) == (code, f"{tmp_path}\n" if printed is None else printed)


def test_it_has_no_input(tmp_path):
    assert run(tmp_path, "cat")[:2] == (0, "")


def test_what_it_leaves_behind_is_ended(tmp_path):
    mark = f"61{os.getpid()}"
    begin = time.monotonic()
    assert run(tmp_path, "sh", "-c", f"sleep {mark} & echo gone")[:2] == (0, "gone\n")
    assert time.monotonic() - begin < 5
    assert not running(mark)


def test_one_that_takes_too_long_is_interrupted(tmp_path):
    code, text, started = run(tmp_path, "sh", "-c", "trap 'echo saved; exit 1' INT; while :; do sleep 0.1; done",
                              timeout_s=0.5)  # fmt: skip
    assert (code, text, started.ending) == (124, "saved\n", "timeout")


def test_one_that_does_not_listen_is_killed_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(execution, "GRACE_S", 0.5)
    mark = f"62{os.getpid()}"

    def cancel(started):
        time.sleep(0.7)
        started.end("cancelled")

    code, _, started = run(tmp_path, "sh", "-c", f"trap '' INT; setsid sleep {mark} & sleep {mark}", during=cancel)
    assert code
    assert started.ending == "cancelled"
    assert not running(mark)


def test_a_closed_output_is_no_end(tmp_path):
    assert run(tmp_path, "sh", "-c", "echo a; exec >&- 2>&-; sleep 0.3; exit 4")[:2] == (4, "a\n")
