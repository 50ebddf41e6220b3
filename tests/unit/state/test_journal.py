"""The journal: a line before the step, a line after it, and the truth about runs that were killed."""

import itertools
import os
import signal
import time

import pytest

from styx.errors import CapacityError
from styx.state import Store, clock, process


def test_steps_are_written_before_and_after(store, folder):
    with Store.open(folder) as reader:
        with store.run("hello", "apply", "ann", "2 machines") as run:
            with run.step("terraform apply", {"adds": 2}):
                assert [(step.seq, step.phase, step.detail) for step in reader.steps(run.id)] == [
                    (1, "begin", {"adds": 2})
                ]
            with run.step("hosts"), run.step("setup"):
                pass
            assert reader.runs("hello")[0].ended_at is None
            run.exit_code = 2
        lines = [(step.seq, step.step, step.phase) for step in reader.steps(run.id)]
        done = reader.runs("hello")[0]
    assert lines == [
        (1, "terraform apply", "begin"),
        (1, "terraform apply", "end"),
        (2, "hosts", "begin"),
        (3, "setup", "begin"),
        (3, "setup", "end"),
        (2, "hosts", "end"),
    ]
    assert (done.run_id, done.cluster, done.verb, done.owner, done.summary) == (
        run.id, "hello", "apply", "ann", "2 machines",
    )  # fmt: skip
    assert done.exit_code == 2
    assert done.started_at <= done.ended_at


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CapacityError("none free"), 3),
        (KeyboardInterrupt(), 130),
        (SystemExit(5), 5),
        (SystemExit(), 0),
        (SystemExit("words"), 1),
        (ValueError("none free"), 1),
    ],
)
def test_failure_is_recorded_and_goes_on(store, error, code):
    with pytest.raises(type(error)), store.run("hello", "apply", "ann") as run, run.step("terraform apply"):
        raise error
    last = store.steps(run.id)[-1]
    assert (last.phase, last.detail) == ("fail", {"error": type(error).__name__, "message": str(error)})
    assert store.runs("hello")[0].exit_code == code
    assert store.unfinished("hello") == []


def test_runs_are_newest_first_and_limited(store):
    ids = []
    for _ in range(5):
        with store.run("hello", "apply", "ann") as run:
            ids.append(run.id)
    with store.run("other", "apply", "ann"):
        pass
    assert [run.run_id for run in store.runs("hello")] == ids[::-1]
    assert [run.run_id for run in store.runs("hello", limit=2)] == ids[:2:-1]


def test_run_ids_sort_by_time_and_differ():
    made = [clock.run_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(len(one) == 29 and one.replace("-", "").isalnum() and one == one.lower() for one in made)
    assert all(a[:22] <= b[:22] for a, b in itertools.pairwise(made))


_HANG = """
import sys, time
from pathlib import Path
from styx.state import Store
with Store.open(Path(sys.argv[1])) as store, store.run("hello", "apply", "ann") as run:
    with run.step("render"):
        pass
    with run.step("terraform apply", {"serial": 1}):
        print(run.id, flush=True)
        time.sleep(60)
"""


def test_killed_run_is_unfinished_and_its_open_step_is_known(folder, python):
    child = python(_HANG, folder)
    run_id = child.stdout.readline().strip()
    with Store.open(folder) as store:
        assert store.unfinished("hello") == []
        os.kill(child.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5  # it stays a zombie until the end of the test
        while not store.unfinished("hello") and time.monotonic() < deadline:
            time.sleep(0.01)
        (found,) = store.unfinished("hello")
        assert (found.run_id, found.ended_at, found.exit_code) == (run_id, None, None)
        assert [(step.step, step.phase) for step in store.steps(run_id)] == [
            ("render", "begin"),
            ("render", "end"),
            ("terraform apply", "begin"),
        ]
        assert store.unfinished("other") == []


def test_process_number_that_is_used_again_is_another_process():
    mine = process.identity(os.getpid())
    boot, pid, start = mine.split(":")
    assert process.alive(mine)
    assert not process.alive(f"{boot}:{pid}:{int(start) - 1}")
    assert not process.alive(f"another-boot:{pid}:{start}")
    assert not process.alive("")
    assert not process.alive("a:b:c")
