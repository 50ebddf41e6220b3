"""When a machine switches itself off."""

import contextlib
import socket
import subprocess
import sys
import uuid

import pytest

SETTINGS = {
    "idle_s": 600, "wait_for": "jobs_and_ssh", "lifetime_s": 0, "head": "", "hook": "", "hook_timeout_s": 60,
    "user": "ubuntu",
}  # fmt: skip
OURS = f"autostop-{uuid.uuid4().hex}"
"""Tells our processes from the jobs and sessions that this machine may have of its own."""


@pytest.fixture
def program(load, tmp_path, monkeypatch):
    found = load("autostop/files/autostop.py")
    monkeypatch.setattr(found, "USED", str(tmp_path / "used"))
    monkeypatch.setattr(found, "FOLDER", str(tmp_path))
    every = found.processes

    def ours():
        running = every()
        marked = {pid for pid, (_, title) in running.items() if OURS in title}
        return {pid: one for pid, one in running.items() if pid in marked or one[0] in marked}

    monkeypatch.setattr(found, "processes", ours)
    return found


@contextlib.contextmanager
def running(title, child=False):
    """Let a process run that calls itself `title`, with a child when one is wanted."""
    waits = f"import subprocess as s, sys; print(1, flush=True); sys.stdin.read()  # {OURS}"
    if child:
        waits = f'import subprocess as s; c = s.Popen(["cat"]); print(1, flush=True); c.wait()  # {OURS}'
    words = ["bash", "-c", f"exec -a '{title}' {sys.executable} -c '{waits}'"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield
        process.stdin.close()


def test_it_goes_when_nobody_used_it_for_that_long(program):
    settings = SETTINGS
    assert program.idle(settings, 100) == ""  # first seen: counted from now
    assert program.idle(settings, 699) == ""
    assert program.idle(settings, 700) == "not used for 600 s"


def test_the_clock_begins_anew_after_use_and_after_a_start(program, tmp_path):
    settings = SETTINGS
    program.idle(settings, 100)
    with running("ray::JobSupervisor"):
        assert program.idle(settings, 800) == ""
    assert program.idle(settings, 1399) == ""
    assert program.idle(settings, 1400)
    (tmp_path / "used").unlink()  # with /run, at the machine's start
    assert program.idle(settings, 5000) == ""


@pytest.mark.parametrize(
    ("title", "wait_for", "child", "used"),
    [
        ("ray::JobSupervisor.run", "jobs", False, True),
        ("ray::IDLE", "jobs", False, False),
        ("ray::DashboardAgent", "jobs", False, False),
        ("sshd: ann@pts/0", "jobs_and_ssh", True, True),
        ("sshd-session: ann@notty", "jobs_and_ssh", True, True),
        ("sshd: ann@notty", "jobs_and_ssh", False, False),
        ("sshd: ann@pts/0", "jobs", True, False),
        ("ray::JobSupervisor", "none", False, False),
    ],
)
def test_what_counts_as_use(program, title, wait_for, child, used):
    with running(title, child):
        assert len(program.processes()) == 1 + child
        assert program.is_used(SETTINGS | {"wait_for": wait_for}, follows=False) is used


def test_a_driver_of_styx_is_a_job(program):
    assert program.JOB.match("/home/u/.styx/env/bin/python /home/u/.styx/bin/driver.py 3")
    assert not program.JOB.match("vim /home/u/.styx/bin/driver.py.txt")
    assert not program.SESSION.match("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups")


def test_a_worker_goes_soon_after_its_head(program):
    with socket.create_server(("127.0.0.1", 0)) as head:
        settings = SETTINGS | {"idle_s": 36000, "head": f"127.0.0.1:{head.getsockname()[1]}"}
        program.idle(settings, 0)
        assert program.idle(settings, 50000) == ""
    assert program.idle(settings, 50299) == ""
    assert program.idle(settings, 50300) == "not used for 300 s"


def test_none_waits_for_nothing_not_even_for_the_head(program):
    settings = SETTINGS | {"wait_for": "none", "head": "127.0.0.1:1"}
    with running("ray::JobSupervisor"):
        program.idle(settings, 0)
        assert program.idle(settings, 599) == ""
        assert program.idle(settings, 600)


def test_a_lifetime_counts_from_the_first_time_whatever_is_running(program):
    made = program.made()
    assert program.made() == made
    settings = SETTINGS | {"idle_s": 0, "lifetime_s": 3600}
    assert program.over(settings, made, made + 3599) == ""
    assert program.over(settings, made, made + 3600) == "made 3600 s ago: its time is over"
    assert program.over(settings | {"lifetime_s": 0}, made, made + 1e9) == ""
    assert program.idle(settings, 1e9) == ""
