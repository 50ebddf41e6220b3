"""The lock of a cluster, with real processes."""

import json
import os
import signal
import threading
import time

import pytest

from styx.errors import LockedError, UsageError
from styx.state import RunLock

_HOLD = """
import sys
from pathlib import Path
from styx.state import RunLock
with RunLock("hello", verb="apply", run_id="r-1", folder=Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("free", flush=True)
"""


def test_holder_is_named(folder, python):
    child = python(_HOLD, folder)
    assert child.stdout.readline() == "held\n"
    begin = time.monotonic()
    with pytest.raises(LockedError) as caught, RunLock("hello", verb="destroy", folder=folder):
        pass
    assert time.monotonic() - begin < 1
    message = str(caught.value)
    content = json.loads((folder / "locks/hello.lock").read_text())
    for part in ("styx apply", f"pid {child.pid}", os.uname().nodename, content["since"], content["user"]):
        assert part in message
    assert content["run_id"] == "r-1"
    assert "--lock-timeout" in caught.value.hint
    with RunLock("other", verb="apply", folder=folder):
        pass


def test_kernel_frees_the_lock_of_a_killed_holder(folder, python):
    child = python(_HOLD, folder)
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert json.loads((folder / "locks/hello.lock").read_text())["pid"] == child.pid
    with RunLock("hello", verb="apply", folder=folder):
        assert json.loads((folder / "locks/hello.lock").read_text())["pid"] == os.getpid()
    assert (folder / "locks/hello.lock").read_text() == ""


def test_waits_for_the_holder_within_the_timeout(folder, python):
    child = python(_HOLD, folder)
    child.stdout.readline()
    threading.Timer(0.4, lambda: (child.stdin.write("\n"), child.stdin.flush())).start()
    begin = time.monotonic()
    with RunLock("hello", verb="apply", timeout_s=10, folder=folder):
        assert 0.3 < time.monotonic() - begin < 5


def test_gives_up_after_the_timeout(folder):
    with RunLock("hello", verb="apply", folder=folder):
        begin = time.monotonic()
        with (
            pytest.raises(LockedError, match=r"after 0.3 s"),
            RunLock("hello", verb="apply", timeout_s=0.3, folder=folder),
        ):
            pass
        assert 0.3 <= time.monotonic() - begin < 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "\x00" * 5000])
def test_unreadable_content_hinders_nobody(folder, content):
    (folder / "locks").mkdir(parents=True)
    path = folder / "locks/hello.lock"
    path.write_text(content)
    with RunLock("hello", verb="apply", folder=folder):
        assert json.loads(path.read_text())["verb"] == "apply"
        path.write_text(content)
        with pytest.raises(LockedError, match="another run"), RunLock("hello", verb="apply", folder=folder):
            pass


def test_body_that_fails_frees_the_lock(folder):
    with pytest.raises(ZeroDivisionError), RunLock("hello", verb="apply", folder=folder):
        _ = 1 / 0
    with RunLock("hello", verb="apply", folder=folder):
        pass


def test_hostile_name_is_refused(folder):
    with pytest.raises(UsageError):
        RunLock("../x", verb="apply", folder=folder)


_COMPETE = """
import sys
from pathlib import Path
from styx.errors import LockedError
from styx.state import RunLock
sys.stdin.readline()
try:
    with RunLock("hello", verb="apply", folder=Path(sys.argv[1])):
        print("won", flush=True)
        sys.stdin.readline()
except LockedError as error:
    print(error, flush=True)
    sys.exit(error.exit_code)
"""


def test_one_of_twenty_wins_and_the_others_name_it(folder, python):
    children = [python(_COMPETE, folder) for _ in range(20)]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    said = {child.pid: child.stdout.readline() for child in children}
    (winner,) = [pid for pid, line in said.items() if line == "won\n"]
    assert all(f"pid {winner} " in line for pid, line in said.items() if pid != winner)
    for child in children:
        child.communicate("end\n" if child.pid == winner else None)
    assert sorted(child.returncode for child in children) == [0] + [4] * 19
