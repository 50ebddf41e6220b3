"""What was done to a cluster, run by run, as the journal tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from styx.errors import UsageError
from styx.lifecycle.session import Session
from styx.state import Event, RunRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """One run and what came of it."""

    run: RunRecord
    changes: tuple[str, ...]
    """What it did, a line each; empty when it changed nothing."""
    hourly_usd: float | None
    """What is paid an hour from then on; None when that did not change, or is not known."""


def history(cluster: str, session: Session, limit: int) -> list[Entry]:
    """Return the newest runs of `cluster`, the last one first; raise UsageError when there never was one."""
    events = session.store.events(cluster)
    if not events:
        known = ", ".join(session.store.journalled())
        hint = f"there are: {known}" if known else "nothing was ever applied here; begin with `styx apply SPEC`"
        raise UsageError(f"nothing was ever done to a cluster {cluster!r}", hint)
    runs = session.store.runs(cluster, limit)
    return [_entry(run, [event for event in events if event.run_id == run.run_id]) for run in runs]


def _entry(run: RunRecord, events: Sequence[Event]) -> Entry:
    bills = [event.detail["hourly_usd"] for event in events if event.what == "billing"]
    return Entry(run, tuple(_changes(events)), bills[-1] if bills else None)


def _changes(events: Sequence[Event]) -> Iterator[str]:
    begun = {event.seq: event for event in events if event.phase == "begin"}
    for event in events:
        if event.phase in ("end", "fail") and event.what in _TOLD:
            told = _TOLD[event.what](begun[event.seq], event)
            if told:
                yield told


def _rung(begin: Event, end: Event) -> str:
    groups = begin.detail["machines"]
    machines = " + ".join(f"{one['count']} {one['instance_type']} ({one['market']})" for one in groups)
    where = "/".join([begin.detail["place"], *sorted({one["zone"] for one in groups if one["zone"]})[:1]])
    if end.phase == "fail":
        return f"{where}: {machines} refused, {_first_line(end)}"
    return f"{where}: {machines}" if end.detail["changes"] else f"{where}: no machine changed"


def _plan(begin: Event, end: Event) -> str:
    return f"{begin.detail['place']}: {_failed(end)}" if end.phase == "fail" else ""


def _destroy(_begin: Event, end: Event) -> str:
    return f"{end.detail.get('resources', 'all')} resources destroyed" if end.phase == "end" else _failed(end)


def _sweep(begin: Event, end: Event) -> str:
    ended = ", ".join(begin.detail["ends"])
    return f"swept away: {ended}" if end.phase == "end" else _failed(end)


def _hosts(begin: Event, end: Event) -> str:
    return f"{begin.detail['hosts']} hosts configured" if end.phase == "end" else _failed(end)


def _failed(end: Event) -> str:
    return f"{end.what} failed, {_first_line(end)}"


def _first_line(end: Event) -> str:
    return f"{end.detail['error']}: {str(end.detail['message']).split(chr(10), 1)[0]}"


_TOLD = {"terraform plan": _plan, "rung": _rung, "terraform destroy": _destroy, "sweep": _sweep, "ansible": _hosts}
"""What of a run is told → how."""
