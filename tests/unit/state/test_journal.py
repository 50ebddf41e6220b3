"""The journal: a line before the step, a line after it, and the truth about runs that were killed."""

import itertools
import os
import signal
import stat
import time

import pytest

from styx.errors import CapacityError, IntegrityError
from styx.state import Store, clock, process


def test_steps_are_written_before_and_after(store, folder):
    with Store.open(folder) as reader:
        with store.run("hello", "apply", "ann", "2 machines") as run:
            with run.step("terraform apply", {"adds": 2}):
                begun = reader.events("hello", run.id)[-1]
                assert (begun.what, begun.phase, begun.detail) == ("terraform apply", "begin", {"adds": 2})
            with run.step("hosts") as told, run.step("setup"):
                told["changed"] = 3
            run.note("billing", {"state": "running", "hourly_usd": 1.5})
            assert reader.runs("hello")[0].ended_at is None
            run.exit_code = 2
        lines = [(event.seq, event.what, event.phase, event.detail) for event in reader.events("hello")[1:-1]]
        done = reader.runs("hello")[0]
    assert lines == [
        (1, "terraform apply", "begin", {"adds": 2}),
        (1, "terraform apply", "end", {}),
        (2, "hosts", "begin", {}),
        (3, "setup", "begin", {}),
        (3, "setup", "end", {}),
        (2, "hosts", "end", {"changed": 3}),
        (4, "billing", "note", {"state": "running", "hourly_usd": 1.5}),
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
    last = store.events("hello", run.id)[-2]
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
        assert [(event.what, event.phase) for event in store.events("hello", run_id)] == [
            ("run", "begin"),
            ("render", "begin"),
            ("render", "end"),
            ("terraform apply", "begin"),
        ]
        assert store.unfinished("other") == []


def test_each_line_is_whole_whoever_writes_and_a_cut_one_is_passed_over(store, folder, python):
    writers = [python(_WRITE, folder) for _ in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    path = folder / "journal" / "hello.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.write_text(path.read_text() + '{"version": 1, "at": "20')
    with store.run("hello", "destroy", "ann"):
        pass
    assert store.journalled() == ["hello"]
    assert len(store.runs("hello", limit=500)) == 4 * 25 + 1
    assert [event.verb for event in store.events("hello")].count("destroy") == 2


_WRITE = """
import sys
from pathlib import Path
from styx.state import Store
with Store.open(Path(sys.argv[1])) as store:
    for _ in range(25):
        with store.run("hello", "apply", "ann", "x" * 3000):
            pass
"""


def test_an_event_of_another_version_is_refused(store, folder):
    with store.run("hello", "apply", "ann"):
        pass
    path = folder / "journal" / "hello.jsonl"
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(IntegrityError, match="version 2; this Styx reads version 1"):
        store.events("hello")


def test_process_number_that_is_used_again_is_another_process():
    mine = process.identity(os.getpid())
    boot, pid, start = mine.split(":")
    assert process.alive(mine)
    assert not process.alive(f"{boot}:{pid}:{int(start) - 1}")
    assert not process.alive(f"another-boot:{pid}:{start}")
    assert not process.alive("")
    assert not process.alive("a:b:c")
