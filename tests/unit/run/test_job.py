"""A job's folder: what is written for the driver, and how its logs are read and followed."""

import json
import threading
import time

import pytest

from styx.errors import HostError, UsageError
from styx.host import Host
from styx.run.job import JobFolders, JobState, Work, merged
from styx.run.ray import JobInfo

WORK = Work(
    run="echo hi",
    num_nodes=2,
    task_id="t-1",
    addresses=("127.77.1.1", "127.77.1.2"),
    envs={"TOKEN": "canary"},
    cpus=0.5,
)


@pytest.fixture
def head(tmp_path):
    jobs = tmp_path / "it's a machine" / "home" / ".styx" / "jobs"
    jobs.mkdir(parents=True)
    return Host("h", "head", 0, "head", "i", "127.77.1.1", folder=str(tmp_path / "it's a machine"))


@pytest.fixture
def folders(head):
    return JobFolders(head)


@pytest.fixture
def job(folders):
    return folders.make(WORK)


def finish(folders, job, **values):
    told = {"state": "succeeded", "exit_code": 0, "exit_codes": [0, 0], "started": 1.0, "ended": 2.0, **values}
    (folders.log(job).parent / "status.json").write_text(json.dumps(told))


def test_the_driver_is_told_everything_in_a_private_file(folders, job):
    path = folders.log(job).parent / "job.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(path.read_text()) == {
        "id": "1", "run": "echo hi", "num_nodes": 2, "task_id": "t-1-1", "addresses": ["127.77.1.1", "127.77.1.2"],
        "envs": {"TOKEN": "canary"}, "cpus": 0.5, "gpus": 0, "cluster_info": {},
    }  # fmt: skip
    assert "canary" not in repr(WORK)


def test_nothing_of_the_job_is_on_its_command_line(folders, head, job):
    quoted = head.folder.replace("'", "'\"'\"'")
    styx = f"{quoted}/home/.styx"
    line = f"exec '{styx}/env/bin/python' '{styx}/bin/driver.py' '{styx}/jobs/1'"
    assert folders.entrypoint(job) == line


def test_ids_count_upwards_also_when_many_are_made_at_once(folders):
    made = []
    threads = [threading.Thread(target=lambda: made.append(folders.make(WORK))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made, key=int) == [str(number) for number in range(1, 21)]
    assert folders.ids() == tuple(sorted(made, key=int))


def test_a_head_that_is_not_set_up_is_told(tmp_path):
    bare = JobFolders(Host("h", "head", 0, "head", "i", "127.77.1.1", folder=str(tmp_path)))
    with pytest.raises(HostError, match="not set up"):
        bare.make(WORK)
    with pytest.raises(HostError, match="never started"):
        bare.token()
    assert bare.ids() == ()


@pytest.mark.parametrize("name", ["9", "../1", "one", ""])
def test_an_unknown_job_is_refused(folders, job, name):
    with pytest.raises(UsageError, match="no job") as caught:
        folders.state(name)
    assert caught.value.hint == "its newest jobs are: 1"


def test_state_before_while_and_after(folders, job):
    assert folders.state(job) == JobState()
    finish(folders, job, state="failed", exit_code=7, exit_codes=[None, 7], addresses=["a", "b"])
    state = folders.state(job)
    assert state == JobState("failed", 7, (None, 7), ("a", "b"), 1.0, 2.0)
    assert state.has_ended


@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        (JobState("running", started=1.0), "FAILED", JobState("lost", started=1.0, ended=9.0)),
        (JobState("pending"), "STOPPED", JobState("lost", ended=9.0)),
        (JobState("running", started=1.0), "RUNNING", JobState("running", started=1.0)),
        (JobState("running", started=1.0), None, JobState("running", started=1.0)),
        (JobState("failed", 7, ended=2.0), "FAILED", JobState("failed", 7, ended=2.0)),
    ],
)
def test_a_driver_that_ended_without_a_word_is_lost(state, status, told):
    info = JobInfo("1", status, "", None, 1.0, 9.0, {}) if status else None
    assert merged(state, info) == told


@pytest.mark.parametrize(
    ("text", "tail", "read"),
    [
        (b"a\nb\nc\n", None, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\nc\n", 3, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 9, b"a\nb\nc\n"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\nb\nc\n", 0, b""),
        (b"", 2, b""),
        (b"\xff" * 600_000 + b"\nlast\n", 1, b"last\n"),
        (b"x\n" * 400_000, 300_000, b"x\n" * 300_000),
        (b"\n\n\n", 2, b"\n\n"),
    ],
)
def test_the_last_lines(folders, job, text, tail, read):
    folders.log(job).write_bytes(text)
    assert b"".join(folders.read(job, tail=tail)) == read
    finish(folders, job)
    assert b"".join(folders.follow(job, lambda: False, tail=tail)) == read


def test_a_log_that_is_not_there_yet_is_empty_and_a_rank_that_never_was_is_refused(folders, job):
    assert list(folders.read(job)) == []
    assert list(folders.read(job, rank=0)) == []
    folders.log(job, 0).write_bytes(b"x")
    folders.log(job, 1).write_bytes(b"y")
    finish(folders, job)
    with pytest.raises(UsageError, match="no rank 5") as caught:
        list(folders.read(job, rank=5))
    assert caught.value.hint == "its ranks are 0, 1"


def test_following_shows_what_comes_and_ends_with_the_job(folders, job):
    def write():
        with folders.log(job, 1).open("wb", buffering=0) as stream:
            for number in range(5):
                stream.write(b"%d \xff\n" % number)
                time.sleep(0.05)
        finish(folders, job)

    writer = threading.Thread(target=write)
    seen = folders.follow(job, lambda: False, rank=1)
    assert next(seen) == b""
    writer.start()
    assert b"".join(seen) == b"".join(b"%d \xff\n" % number for number in range(5))
    writer.join()


def test_a_driver_that_was_killed_ends_the_following(folders, job, monkeypatch):
    monkeypatch.setattr("styx.run.job.ASK_S", 0.1)
    folders.log(job).write_bytes(b"so far\n")
    assert b"".join(folders.follow(job, lambda: True)) == b"so far\n"
    assert not folders.state(job).has_ended
