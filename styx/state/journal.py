"""The journal: what was done to a cluster, each thing written down before it begins and after it ends.

One file a cluster, `journal/<cluster>.jsonl` in the state folder, which outlives the cluster. One line of JSON an
event; it is on disk (fsynced) before the call that wrote it returns, and it is never changed. What is written:

    what                phase             detail
    run                 begin end         verb's summary, process | exit_code
    rung                begin end fail    rendering, stood, place, hourly_usd, machines | hosts, changes
    terraform plan      begin end fail    place
    terraform apply     begin end fail    changes
    terraform destroy   begin end fail    rendering | resources
    sweep lease ansible begin end fail    what is ended, the pool, hosts
    billing             note              state (running, stopped, gone), hourly_usd, machines, labels

The detail of a fail is the error's class and message. `billing` is what a report of costs is made from: its state holds
until the next one of the same cluster.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from styx import files
from styx.errors import IntegrityError, StyxError
from styx.state import clock, process
from styx.state.record import check_name

VERSION = 1

Phase = Literal["begin", "end", "fail", "note"]

KILLED = 137
"""The exit code, a shell's, of a run that ended without a word."""

MESSAGE_LENGTH = 4000
"""Characters of an error's message that are kept."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal."""

    at: str
    """ISO UTC text."""
    cluster: str
    run_id: str
    verb: str
    """Of the run: apply, destroy, stop, …"""
    owner: str
    """Who did it."""
    seq: int
    """The same for a step's begin and its end or fail; 0 for the run itself."""
    what: str
    phase: Phase
    detail: Mapping[str, Any]
    """What the table above says; never a secret."""


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
    process: str
    """See process.py."""


class Run:
    """A run under way."""

    def __init__(self, folder: Path, start: Start) -> None:
        self.id = clock.run_id()
        self.exit_code = 0
        """The code that a run without an error ends with; a verb may set another."""
        self._folder = folder
        self._start = start
        self._seq = 0

    @contextlib.contextmanager
    def step(self, what: str, detail: Mapping[str, object] | None = None) -> Iterator[dict[str, object]]:
        """Journal the body as one step: its begin is on disk before the body starts. No secrets in `detail`.

        Yields what its end will tell, for the body to fill.
        """
        self._seq += 1
        seq, told = self._seq, dict[str, object]()
        self._write(seq, what, "begin", detail or {})
        try:
            yield told
        except BaseException as error:
            failure = {"error": type(error).__name__, "message": str(error)[:MESSAGE_LENGTH]}
            with contextlib.suppress(StyxError):  # the error itself matters more than its line
                self._write(seq, what, "fail", failure)
            raise
        self._write(seq, what, "end", told)

    def note(self, what: str, detail: Mapping[str, object]) -> None:
        """Journal something that has happened; no secrets in `detail`."""
        self._seq += 1
        self._write(self._seq, what, "note", detail)

    def begin(self, summary: str) -> None:
        """Journal the run itself, before it does anything."""
        self._write(0, "run", "begin", {"summary": summary, "process": process.identity(os.getpid())})

    def end(self, exit_code: int) -> None:
        """Journal how the run ended."""
        self._write(0, "run", "end", {"exit_code": exit_code})

    def _write(self, seq: int, what: str, phase: Phase, detail: Mapping[str, object]) -> None:
        start = self._start
        event = Event(clock.now(), start.cluster, self.id, start.verb, start.owner, seq, what, phase, detail)
        text = json.dumps({"version": VERSION} | asdict(event), default=str, ensure_ascii=False)
        path = _file(self._folder, start.cluster)
        try:
            files.append(path, text)
        except OSError as error:
            hint = "see that the file is yours and its disk has free space, then run the command again"
            raise StyxError(f"cannot write the journal {path}: {error.strerror or error}", hint) from error


@contextlib.contextmanager
def run(folder: Path, start: Start) -> Iterator[Run]:
    """Journal the body as one run: its line is on disk before the body starts, its exit code after."""
    current = Run(folder, start)
    current.begin(start.summary)
    try:
        yield current
    except BaseException as error:
        with contextlib.suppress(StyxError):  # as above
            current.end(_exit_code(error))
        raise
    current.end(current.exit_code)


def end_dead(folder: Path, run: RunRecord) -> None:
    """Journal that a run, one of `unfinished`, was killed: somebody has seen to what it left."""
    dead = Run(folder, Start(run.cluster, run.verb, run.owner))
    dead.id = run.run_id
    dead.end(KILLED)


def clusters(folder: Path) -> list[str]:
    """Return the clusters that anything was ever done to, those that are gone included."""
    return sorted(path.stem for path in (folder / "journal").glob("*.jsonl"))


def events(folder: Path, cluster: str) -> list[Event]:
    """Return all that was done to `cluster`, in order; raise IntegrityError for a line of another version.

    A line that is no JSON was cut short while it was written, so nothing was done that it speaks of.
    """
    path = _file(folder, cluster)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return [event for line in lines if (event := _event(line, path))]


def runs(found: Sequence[Event]) -> list[RunRecord]:
    """Return the runs among `found`, the newest first."""
    ends = {event.run_id: event for event in found if (event.what, event.phase) == ("run", "end")}
    begun = [event for event in found if (event.what, event.phase) == ("run", "begin")]
    return [_run(event, ends.get(event.run_id)) for event in reversed(begun)]


def unfinished(found: Sequence[Event]) -> list[RunRecord]:
    """Return the runs that never ended and whose process is gone from this machine, the first one first.

    A process of another machine (or before a reboot) counts as gone: ask while holding the cluster's lock.
    """
    return [one for one in reversed(runs(found)) if one.ended_at is None and not process.alive(one.process)]


def _file(folder: Path, cluster: str) -> Path:
    return folder / "journal" / f"{check_name(cluster)}.jsonl"


def _event(line: str, path: Path) -> Event | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    version = found.pop("version", None) if isinstance(found, dict) else None
    if version != VERSION:
        raise IntegrityError(
            f"{path} holds an event of version {version!r}; this Styx reads version {VERSION}",
            f"upgrade styx-infra, or move {path.name} away: what it tells of is then forgotten",
        )
    return Event(**found)


def _run(begin: Event, end: Event | None) -> RunRecord:
    return RunRecord(
        run_id=begin.run_id,
        cluster=begin.cluster,
        verb=begin.verb,
        owner=begin.owner,
        summary=begin.detail["summary"],
        started_at=begin.at,
        ended_at=end.at if end else None,
        exit_code=end.detail["exit_code"] if end else None,
        process=begin.detail["process"],
    )


def _exit_code(error: BaseException) -> int:
    """Return the code that the command line will exit with for `error`."""
    if isinstance(error, StyxError):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return int(getattr(error, "exit_code", 130)) if isinstance(error, KeyboardInterrupt) else 1
