"""The program that tells of a head's jobs, as it is run over SSH."""

import json
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from styx import paths

PROGRAM = paths.playbooks() / "roles" / "job" / "files" / "jobs.py"


@pytest.fixture
def jobs(tmp_path):
    folder = tmp_path / "jobs"
    folder.mkdir()
    return folder


def ask(jobs: Path, *words: str, stdin: str = "", code: int = 0) -> bytes:
    run = subprocess.run(
        [sys.executable, "-I", PROGRAM, jobs, *words], input=stdin.encode(), capture_output=True, check=False
    )
    assert run.returncode == code, run.stderr
    return run.stdout


def make(jobs: Path) -> str:
    return ask(jobs, "make", stdin='{"task_id": "t", "run": "x"}').decode().strip()


def test_ids_count_up_also_when_many_ask_at_once(jobs):
    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: make(jobs), range(6)))
    assert made == {"1", "2", "3", "4", "5", "6"}
    assert ask(jobs, "ids").decode().split() == ["1", "2", "3", "4", "5", "6"]
    told = json.loads((jobs / "3" / "job.json").read_text())
    assert (told["id"], told["task_id"]) == ("3", "t-3")
    assert stat.S_IMODE((jobs / "3" / "job.json").stat().st_mode) == 0o600


def test_a_job_without_a_word_has_an_empty_state(jobs):
    assert json.loads(ask(jobs, "state", make(jobs))) == {}


@pytest.mark.parametrize("words", [("state", "9"), ("state", "../x"), ("log", "9", "all", "all", "now")])
def test_there_is_no_such_job(jobs, words):
    ask(jobs, *words, code=3)


def test_no_such_rank_and_nothing_set_up(jobs):
    job = make(jobs)
    (jobs / job / "status.json").write_text('{"state": "running"}')
    ask(jobs, "log", job, "7", "all", "now", code=4)
    ask(jobs / "none", "ids", code=5)
    ask(jobs, "token", str(jobs / "none"), code=5)


@pytest.mark.parametrize(
    ("tail", "said"),
    [("all", b"one\ntwo\nthree"), ("1", b"three"), ("2", b"two\nthree"), ("9", b"one\ntwo\nthree"), ("0", b"")],
)
def test_the_last_lines(jobs, tail, said):
    job = make(jobs)
    (jobs / job / "output.log").write_bytes(b"one\ntwo\nthree")
    assert ask(jobs, "log", job, "all", tail, "now") == said
    (jobs / job / "output.log").write_bytes(b"one\ntwo\nthree\n")
    assert ask(jobs, "log", job, "all", tail, "now") == said + (b"\n" if said else b"")


def test_following_ends_with_the_job_and_loses_nothing(jobs):
    job = make(jobs)
    folder = jobs / job
    words = [sys.executable, "-I", PROGRAM, jobs, "log", job, "0", "all", "follow"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
        (folder / "rank-0.log").write_bytes(b"first\n")
        assert running.stdout.readline() == b"first\n"

        def end():
            with (folder / "rank-0.log").open("ab") as log:
                log.write(b"x" * 1_000_000 + b"last")
            (folder / "status.json").write_text('{"state": "succeeded", "ended": 1.5}')

        threading.Thread(target=end).start()
        rest = running.stdout.read()
    assert running.returncode == 0
    assert rest == b"x" * 1_000_000 + b"last"
