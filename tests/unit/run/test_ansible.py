import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from styx.errors import AnsibleError, HostError
from styx.run import ansible as runner
from styx.run import process_tree
from styx.run.ansible import Watcher, run_playbook
from styx.run.ansible_errors import PlayError, PlayTimeoutError, StoppedPlayError, UnreachableError
from styx.run.ansible_private import private_folder
from styx.run.ansible_values import HostReport, Playbook, TaskEvent

HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"


@pytest.fixture(autouse=True)
def _private_folders(tmp_path, monkeypatch):
    """Let every temporary folder be made below tmp_path, so that what is left over can be seen."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


@pytest.fixture
def log(tmp_path):
    return tmp_path / "logs" / "ansible.log"


@pytest.fixture
def playbook(tmp_path):
    """Write a playbook from its tasks, for hosts of connection local, and return it; keywords go to Playbook."""

    def make(tasks: str, hosts: tuple[str, ...] = ("n0",), lost: tuple[str, ...] = (), **options) -> Playbook:
        folder = tmp_path / "ansible"
        folder.mkdir()
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        nowhere = {"ansible_host": "127.0.0.99", "ansible_port": 1}
        inventory = {"all": {"hosts": {**dict.fromkeys(hosts, local), **dict.fromkeys(lost, nowhere)}}}
        (folder / "inventory.yml").write_text(json.dumps(inventory))
        (folder / "ansible.cfg").write_text("[defaults]\nhost_key_checking = False\n")
        (folder / "site.yml").write_text(HEAD + "".join(f"    {line}\n" for line in tasks.strip("\n").splitlines()))
        return Playbook(folder, **options)

    return make


def left_over(folder: Path, canary: str) -> list[Path]:
    """Return every file below `folder` that holds `canary`; Ansible makes and removes files all the time."""
    found = []
    for folder_name, _, names in os.walk(folder):  # which takes no offence at what is gone again
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                path = Path(folder_name, name)
                if path.is_file() and canary.encode() in path.read_bytes():
                    found.append(path)
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not runs(pid)


def test_arguments(tmp_path):
    plain = Playbook(tmp_path)
    assert runner.arguments(plain, None) == ("--forks", "5", "--inventory", "inventory.yml", "site.yml")
    full = Playbook(
        tmp_path, name="job.yml", inventory="inv", tags=("a", "b"), limit=("n0", "n1"), forks=9, extra_vars={"x": 1}
    )
    assert runner.arguments(full, Path("/v.yml")) == (
        *("--forks", "9", "--inventory", "inv", "--extra-vars", "@/v.yml"),
        *("--tags", "a,b", "--limit", "n0,n1", "job.yml"),
    )


def test_a_playbook_that_succeeds(playbook, log, tmp_path):
    told: list[TaskEvent] = []
    play = playbook(
        """
- name: Change
  ansible.builtin.command: echo hi
- name: Same
  ansible.builtin.command: echo hi
  changed_when: false
- name: Skip
  ansible.builtin.command: echo hi
  when: false
""",
        hosts=("n0", "n1"),
    )
    report = run_playbook(play, log=log, watcher=Watcher(on_event=told.append))
    assert report.hosts == (HostReport("n0", 2, 1, 0, 0, 1), HostReport("n1", 2, 1, 0, 0, 1))
    assert (report.changed, report.failures) == (2, ())
    assert 0 < report.duration_s < 60
    steps = [(event.task, event.status) for event in told if event.host == "n1"]
    assert steps == [
        *(("Change", "started"), ("Change", "changed"), ("Same", "started"), ("Same", "ok")),
        *(("Skip", "started"), ("Skip", "skipped")),
    ]
    assert all(event.duration_s > 0 for event in told if event.status in ("ok", "changed"))
    text = log.read_text()
    assert "TASK [Same]" in text
    assert "PLAY RECAP" in text
    assert "\x1b" not in text
    assert "\r" not in text
    assert oct(log.stat().st_mode & 0o777) == "0o600"
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in play.folder.iterdir()) == ["ansible.cfg", "inventory.yml", "site.yml"]


def test_a_failure_names_the_host_the_task_and_what_it_said(playbook, log):
    play = playbook(
        """
- name: Break
  ansible.builtin.shell: echo out; echo err >&2; exit 3
  when: inventory_hostname == 'n1'
- name: After
  ansible.builtin.command: echo after
""",
        hosts=("n0", "n1"),
    )
    with pytest.raises(PlayError) as caught:
        run_playbook(play, log=log)
    error = caught.value
    assert isinstance(error, AnsibleError)
    (failed,) = error.report.failures
    assert (failed.host, failed.task, failed.stdout, failed.stderr) == ("n1", "Break", "out", "err")
    assert "exit code 3" in failed.message
    assert "n1: Break: non-zero return code (exit code 3)\n    out\n    err" in error.message
    assert error.report.hosts == (HostReport("n0", 1, 1, 0, 0, 1), HostReport("n1", 0, 0, 1, 0, 0))
    assert error.log == log


def test_a_loop_names_the_items_that_failed(playbook, log):
    play = playbook("""
- name: Break
  ansible.builtin.shell: echo "no {{ item }}" >&2; test {{ item }} = a
  loop: [a, b]
""")
    with pytest.raises(PlayError) as caught:
        run_playbook(play, log=log)
    assert caught.value.report.failures[0].stderr == "no b"


def test_what_is_ignored_or_rescued_is_no_failure(playbook, log):
    play = playbook("""
- name: Ignored
  ansible.builtin.command: "false"
  ignore_errors: true
- name: Block
  block:
    - name: Rescued
      ansible.builtin.command: "false"
  rescue:
    - name: Mend
      ansible.builtin.command: "true"
""")
    assert run_playbook(play, log=log).failures == ()


def test_hosts_that_cannot_be_reached(playbook, log):
    play = playbook("- name: Say\n  ansible.builtin.command: echo hi\n", lost=("far", "away"))
    with pytest.raises(UnreachableError, match="cannot reach") as caught:
        run_playbook(play, log=log)
    assert isinstance(caught.value, HostError)
    assert caught.value.hosts == ("away", "far")
    assert [host.ok for host in caught.value.report.hosts] == [0, 0, 1]


def test_one_unreachable_and_one_failed_is_a_failure_that_tells_of_both(playbook, log):
    play = playbook("- name: Break\n  ansible.builtin.command: 'false'\n", lost=("far",))
    with pytest.raises(PlayError, match="1 failed, 1 unreachable") as caught:
        run_playbook(play, log=log)
    assert "far: Break: " in caught.value.message


def test_a_playbook_that_cannot_be_read(playbook, log):
    play = playbook("- name: Odd\n  no.such.module:\n")
    with pytest.raises(PlayError, match="could not be run") as caught:
        run_playbook(play, log=log)
    assert "no.such.module" in caught.value.message


def test_variables_are_literal_and_never_in_argv(playbook, log, tmp_path):
    hostile = "{{ lookup('pipe', 'touch " + str(tmp_path / "pwned") + "') }}\n\x85😀 \"'\\ ${x} $(id) `id`"
    play = playbook(
        f"""
- name: Keep
  ansible.builtin.copy:
    content: "{{{{ word.deep[0] }}}}"
    dest: {tmp_path}/out
    mode: "0600"
- name: Look
  ansible.builtin.shell: tr '\\0' ' ' < /proc/$PPID/cmdline; ps -eo args; true
  register: seen
- name: Tell
  ansible.builtin.copy:
    content: "{{{{ seen.stdout }}}}"
    dest: {tmp_path}/argv
    mode: "0600"
""",
        extra_vars={"word": {"deep": [hostile]}, "token": "canary-in-argv"},
    )
    run_playbook(play, log=log)
    assert (tmp_path / "out").read_text() == hostile
    assert not (tmp_path / "pwned").exists()
    assert "canary-in-argv" not in (tmp_path / "argv").read_text()


@pytest.mark.parametrize("fails", [False, True])
def test_no_secret_stays_on_disk_or_gets_into_the_log(playbook, log, tmp_path, fails):
    canary = 'canary-"ä"-0'
    play = playbook(
        f"""
- name: Hidden
  ansible.builtin.command: echo "{{{{ token }}}}"
  no_log: true
- name: Careless
  ansible.builtin.debug:
    msg: "{{{{ token }}}} {{{{ nested }}}}"
- name: Careless on both streams
  ansible.builtin.shell: printf '%s\\n' "$T" "{{{{ nested.deep[0] }}}}" >&2; {"exit 1" if fails else "true"}
  environment:
    T: "{{{{ token }}}}"
""",
        extra_vars={"token": canary, "nested": {"deep": ["canary-1\ncanary-2"]}},
        secret_names=("token", "nested"),
    )
    told: list[TaskEvent] = []
    if fails:
        with pytest.raises(PlayError) as caught:
            run_playbook(play, log=log, watcher=Watcher(on_event=told.append))
        assert "canary" not in caught.value.message
        assert "***" in caught.value.message
        assert "canary" not in str(caught.value.report)
    else:
        run_playbook(play, log=log, watcher=Watcher(on_event=told.append))
    assert "canary" not in str(told)
    assert "***" in log.read_text()
    assert left_over(tmp_path, "canary") == []
    assert "canary" not in repr(play)


def test_the_variables_are_gone_as_soon_as_they_are_read(playbook, log, tmp_path):
    play = playbook("- name: Say\n  ansible.builtin.command: echo hi\n", extra_vars={"token": "canary-on-disk"})
    seen: list[list[Path]] = []
    run_playbook(play, log=log, watcher=Watcher(on_event=lambda _: seen.append(left_over(tmp_path, "canary"))))
    assert seen
    assert not any(seen)


SLEEP = """
- name: First
  ansible.builtin.command: echo first
- name: Sleep
  ansible.builtin.shell: sleep 600 & echo $! >> {pids}; echo $$ >> {pids}; wait
"""


def ask_when_written(path: Path, lines: int, then) -> None:
    def wait() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (path.exists() and len(path.read_text().split()) >= lines):
            time.sleep(0.02)
        then()

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.parametrize("way", ["ctrl-c", "asked", "timeout"])
def test_a_stop_ends_what_runs_on_this_machine(playbook, log, tmp_path, way):
    pids, asked = tmp_path / "pids", threading.Event()
    play = playbook(SLEEP.format(pids=pids), hosts=("n0", "n1"), timeout_s=15 if way == "timeout" else None)
    then = {"ctrl-c": lambda: os.kill(os.getpid(), signal.SIGINT), "asked": asked.set, "timeout": lambda: None}[way]
    ask_when_written(pids, 4, then)
    told: list[frozenset[str]] = []
    with pytest.raises(PlayTimeoutError if way == "timeout" else StoppedPlayError, match="n0, n1") as caught:
        run_playbook(play, log=log, watcher=Watcher(cancelled=asked.is_set, on_cancel=told.append))
    assert caught.value.exit_code == (7 if way == "timeout" else 130)
    assert told == [frozenset({"n0", "n1"})]
    found = [int(pid) for pid in pids.read_text().split()]
    assert len(found) == 4
    assert all(ends(pid) for pid in found)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_runs_ends_with_a_styx_that_is_killed(playbook, log, tmp_path):
    pids, daemon = tmp_path / "pids", tmp_path / "daemon"
    start = f"- name: Daemon\n  ansible.builtin.shell: setsid sh -c 'echo $$ >> {daemon}; exec sleep 60' "
    start += ">/dev/null 2>&1 </dev/null &\n"
    play = playbook(start + SLEEP.format(pids=pids), hosts=("n0", "n1"), extra_vars={"a": "b"})
    code = f"""
import pathlib, tempfile
from styx.run.ansible import Playbook, run_playbook
tempfile.tempdir = {tempfile.tempdir!r}
run_playbook(Playbook(pathlib.Path({str(play.folder)!r})), log=pathlib.Path({str(log)!r}))
"""
    styx = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 30
    while not (pids.exists() and len(pids.read_text().split()) >= 4) and time.monotonic() < deadline:
        time.sleep(0.02)
    below = [pid for pid in process_tree._family(styx.pid) if pid != styx.pid]
    os.kill(styx.pid, signal.SIGKILL)
    styx.wait()
    asleep = [int(pid) for pid in pids.read_text().split()]
    assert len(asleep) == 4
    assert len(below) > 4
    assert all(ends(pid) for pid in {*below, *asleep})
    for pid in map(int, daemon.read_text().split()):
        assert runs(pid)
        os.kill(pid, signal.SIGKILL)


def test_a_folder_that_a_killed_run_has_left_is_removed_and_one_in_use_is_not(playbook, log, tmp_path):
    left, young = tmp_path / "tmp" / "styx-ansible-left", tmp_path / "tmp" / "styx-ansible-young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "variables.yml").write_text("secret")
    os.utime(left, (0, 0))
    with private_folder() as used:
        os.utime(used, (0, 0))
        run_playbook(playbook("- name: Say\n  ansible.builtin.command: echo hi\n"), log=log)
        assert set((tmp_path / "tmp").iterdir()) == {young, used}


def test_a_stop_in_mid_task_leaves_no_secret(playbook, log, tmp_path, monkeypatch):
    pids, asked = tmp_path / "pids", threading.Event()
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    play = playbook(
        f"""
- name: Sleep
  ansible.builtin.shell: echo $$ > {pids}; sleep 600
  args:
    stdin: "{{{{ token }}}}"
""",
        extra_vars={"token": "canary-in-mid-task"},
        secret_names=("token",),
    )
    ask_when_written(pids, 1, asked.set)
    with pytest.raises(StoppedPlayError):
        run_playbook(play, log=log, watcher=Watcher(cancelled=asked.is_set))
    assert ends(int(pids.read_text()))
    assert left_over(tmp_path, "canary") == []


def test_a_daemon_that_an_earlier_task_started_lives_through_a_stop(playbook, log, tmp_path):
    daemon, pids, asked = tmp_path / "daemon", tmp_path / "pids", threading.Event()
    start = f"- name: Daemon\n  ansible.builtin.shell: setsid sh -c 'echo $$ > {daemon}; exec sleep 60' "
    start += ">/dev/null 2>&1 </dev/null &\n"
    ask_when_written(pids, 2, asked.set)
    with pytest.raises(StoppedPlayError):
        run_playbook(playbook(start + SLEEP.format(pids=pids)), log=log, watcher=Watcher(cancelled=asked.is_set))
    pid = int(daemon.read_text())
    assert runs(pid)
    os.kill(pid, signal.SIGKILL)


def test_an_error_of_the_watcher_ends_the_run_and_is_not_lost(playbook, log, tmp_path):
    def fail(event: TaskEvent) -> None:
        if event.task == "Sleep":
            raise OSError("no space left")

    pids = tmp_path / "pids"
    with pytest.raises(OSError, match="no space left"):
        run_playbook(playbook(SLEEP.format(pids=pids)), log=log, watcher=Watcher(on_event=fail))
    assert all(ends(int(pid)) for pid in (pids.read_text().split() if pids.exists() else []))


def test_tags_limits_and_a_hand_run_agree(playbook, log):
    play = playbook(
        """
- name: One
  ansible.builtin.command: echo hi
  tags: [one]
- name: Two
  ansible.builtin.command: echo hi
  tags: [two]
""",
        hosts=("n0", "n1"),
        tags=("two",),
        limit=("n1",),
    )
    assert run_playbook(play, log=log).hosts == (HostReport("n1", ok=1, changed=1),)


def test_two_runs_share_nothing(playbook, log, tmp_path):
    play = playbook(
        f"""
- name: Keep
  ansible.builtin.copy:
    content: "{{{{ word }}}}"
    dest: {tmp_path}/out
    mode: "0600"
""",
        extra_vars={"word": "one"},
    )
    run_playbook(play, log=log)
    again = Playbook(play.folder, extra_vars={"word": "two"})
    assert run_playbook(again, log=log).changed == 1
    assert (tmp_path / "out").read_text() == "two"
    assert run_playbook(again, log=log).changed == 0
    assert log.read_text().count("PLAY RECAP") == 3
