"""The journal: each run and each of its steps, written down before the step begins and after it ends."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from styx.errors import StyxError
from styx.state import clock, process
from styx.state.database import Database

Phase = Literal["begin", "end", "fail"]

MESSAGE_LENGTH = 4000
"""Characters of an error's message that are kept."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is known of a run when it starts."""

    cluster: str
    verb: str
    owner: str
    summary: str = ""
    """What it will do, for a person; never argv, which may hold secrets."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the journal has it."""

    run_id: str
    cluster: str
    verb: str
    owner: str
    summary: str
    started_at: str
    ended_at: str | None
    """None while it runs, and for ever when it was killed."""
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the journal: a step of a run began, ended or failed."""

    run_id: str
    seq: int
    """The same for a step's begin and its end or fail; steps inside others have their own."""
    step: str
    phase: Phase
    detail: Mapping[str, object]
    """What the caller gave at the start; of a failure, the error's class and message."""
    at: str


class Run:
    """A run under way."""

    def __init__(self, database: Database, run_id: str) -> None:
        self.id = run_id
        self.exit_code = 0
        """The code that a run without an error ends with; a verb may set another."""
        self._database = database
        self._seq = 0

    @contextlib.contextmanager
    def step(self, step: str, detail: Mapping[str, object] | None = None) -> Iterator[None]:
        """Journal the body as one step: its begin is on disk before the body starts. No secrets in `detail`."""
        self._seq += 1
        seq = self._seq
        self._write(seq, step, "begin", detail or {})
        try:
            yield
        except BaseException as error:
            failure = {"error": type(error).__name__, "message": str(error)[:MESSAGE_LENGTH]}
            with contextlib.suppress(StyxError):  # the error itself matters more than its line
                self._write(seq, step, "fail", failure)
            raise
        self._write(seq, step, "end", {})

    def _write(self, seq: int, step: str, phase: Phase, detail: Mapping[str, object]) -> None:
        text = json.dumps(detail, sort_keys=True, default=str)
        self._database.rows("add_step", run_id=self.id, seq=seq, step=step, phase=phase, detail=text, at=clock.now())


@contextlib.contextmanager
def run(database: Database, start: Start) -> Iterator[Run]:
    """Journal the body as one run: its row is on disk before the body starts, its exit code after."""
    current = Run(database, clock.run_id())
    database.rows(
        "begin_run",
        run_id=current.id,
        cluster=start.cluster,
        verb=start.verb,
        summary=start.summary,
        owner=start.owner,
        process=process.identity(os.getpid()),
        at=clock.now(),
    )
    try:
        yield current
    except BaseException as error:
        with contextlib.suppress(StyxError):  # as above
            _end(database, current.id, _exit_code(error))
        raise
    _end(database, current.id, current.exit_code)


def runs(database: Database, cluster: str, limit: int) -> list[RunRecord]:
    """Return the newest runs of `cluster`, the last one first."""
    return [_run(row) for row in database.rows("runs", cluster=cluster, limit=limit)]


def unfinished(database: Database, cluster: str) -> list[RunRecord]:
    """Return the runs that never ended and whose process is gone from this machine, the first one first.

    A process of another machine (or before a reboot) counts as gone: ask while holding the cluster's lock.
    """
    return [_run(row) for row in database.rows("open_runs", cluster=cluster) if not process.alive(row["process"])]


def steps(database: Database, run_id: str) -> list[Step]:
    """Return what a run wrote down, in order."""
    rows = database.rows("steps", run_id=run_id)
    return [Step(**(dict(row) | {"detail": json.loads(row["detail"])})) for row in rows]


def _run(row: sqlite3.Row) -> RunRecord:
    return RunRecord(**{name: row[name] for name in RunRecord.__slots__})


def _end(database: Database, run_id: str, exit_code: int) -> None:
    database.rows("end_run", run_id=run_id, exit_code=exit_code, at=clock.now())


def _exit_code(error: BaseException) -> int:
    """Return the code that the command line will exit with for `error`."""
    if isinstance(error, StyxError):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return int(getattr(error, "exit_code", 130)) if isinstance(error, KeyboardInterrupt) else 1
