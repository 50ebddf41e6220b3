import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from styx.run import process_tree


def wait_for(path: Path, lines: int) -> list[int]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        words = path.read_text().split() if path.exists() else []
        if len(words) >= lines:
            return [int(word) for word in words]
        time.sleep(0.02)
    raise AssertionError(f"{path} has fewer than {lines} lines")


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def all_end(pids: list[int]) -> bool:
    deadline = time.monotonic() + 5
    while any(map(runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(runs, pids))


def test_children_below_other_sessions_and_orphans_of_a_session_end(tmp_path):
    pids = tmp_path / "pids"
    # A shell with a child; one in a session of its own with a child; and one that has lost its parent.
    script = f"echo $$ >> {pids}; sleep 300 & echo $! >> {pids}; "
    script += f"setsid sh -c 'echo $$ >> {pids}; sleep 300 & echo $! >> {pids}; wait' & "
    script += f"sh -c 'sleep 300 & echo $! >> {pids}' ; wait"
    process = subprocess.Popen(["sh", "-c", script], start_new_session=True)
    found = wait_for(pids, 5)
    process_tree.end(process.pid)
    assert process.wait(5) == -signal.SIGKILL
    assert all_end(found)


def test_a_daemon_with_its_own_session_lives_on(tmp_path):
    pids = tmp_path / "pids"
    script = f"(setsid sh -c 'echo $$ >> {pids}; exec sleep 300' &) ; sleep 300"
    process = subprocess.Popen(["sh", "-c", script], start_new_session=True)
    (daemon,) = wait_for(pids, 1)
    while Path(f"/proc/{daemon}/stat").read_text().rpartition(")")[2].split()[1] == str(process.pid):
        time.sleep(0.02)
    process_tree.end(process.pid)
    process.wait(5)
    assert runs(daemon)
    os.kill(daemon, signal.SIGKILL)


def test_a_tree_that_grows_while_it_is_ended(tmp_path):
    # Each shell starts the next one and ends: only a frozen one cannot run away.
    pids = tmp_path / "pids"
    (tmp_path / "grow").write_text(f"echo $$ >> {pids}\nsleep 0.005\nsh {tmp_path}/grow &\n")
    process = subprocess.Popen(["sh", "-c", f"sh {tmp_path}/grow; sleep 300"], start_new_session=True)
    wait_for(pids, 5)
    process_tree.end(process.pid)
    process.wait(5)
    time.sleep(0.1)
    count = len(pids.read_text().split())
    time.sleep(0.2)
    assert len(pids.read_text().split()) == count


def test_what_is_not_there_is_no_error():
    process = subprocess.Popen(["true"])
    process.wait()
    process_tree.end(process.pid)


def test_a_child_is_found_by_its_mark():
    env = {**os.environ, "STYX_TEST_MARK": "here-i-am"}
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env=env)
    try:
        deadline = time.monotonic() + 5
        while process_tree.children_marked("STYX_TEST_MARK=here-i-am") != [process.pid]:
            assert time.monotonic() < deadline
        assert process_tree.children_marked("STYX_TEST_MARK=not-here") == []
    finally:
        process.kill()
        process.wait()
