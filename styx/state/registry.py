"""The registry: one row a cluster, and beside it the file that it can be rebuilt from."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

from styx.errors import IntegrityError, UsageError
from styx.state import clock, home, slot
from styx.state.database import Database
from styx.state.record import FIELDS, VERSION, ClusterRecord


def clusters(database: Database) -> list[ClusterRecord]:
    """Return every recorded cluster, by name."""
    return [_record(row) for row in database.rows("clusters")]


def cluster(database: Database, name: str) -> ClusterRecord | None:
    """Return the cluster `name`, or None."""
    return next((_record(row) for row in database.rows("cluster", name=name)), None)


def save(database: Database, state: Path, record: ClusterRecord) -> ClusterRecord:
    """Record `record`, first its file, then its row; called inside a transaction. See `Store.save`."""
    known = cluster(database, record.name)
    if known and known.live:
        _refuse_conflict(known, record)
    now = clock.now()
    created = record.created_at or (known.created_at if known else now)
    saved = replace(record, created_at=created, updated_at=now)
    _keep_slot(database, saved)
    home.write_record(state, saved)
    _insert(database, saved)
    return saved


def forget(database: Database, state: Path, name: str) -> None:
    """Remove cluster `name`, first its files, then its row; called inside a transaction."""
    home.remove(state, name)
    database.rows("free_slot", name=name)
    database.rows("forget_cluster", name=name)


def rebuild(database: Database, state: Path) -> tuple[str, ...]:
    """Fill a new database with the clusters that the state folder tells of; return what a person should know."""
    found = list(home.records(state))
    records = [record for record in found if isinstance(record, ClusterRecord)]
    for record in records:
        _insert(database, record)
        if record.slot is not None and record.live:
            slot.reserve(database, record.name, record.slot)
    skipped = tuple(str(error) for error in found if isinstance(error, IntegrityError))
    if not records:
        return skipped
    return (f"the registry was lost; it was rebuilt with {len(records)} clusters from {state / 'clusters'}", *skipped)


def _record(row: sqlite3.Row) -> ClusterRecord:
    values = {name: row[name] for name in FIELDS}
    return ClusterRecord.from_json(values | {"hosts": json.loads(row["hosts"]), "version": VERSION})


def _insert(database: Database, record: ClusterRecord) -> None:
    values = record.to_json()
    values["hosts"] = json.dumps(values["hosts"])
    database.rows("save_cluster", **{name: values[name] for name in FIELDS})


def _refuse_conflict(known: ClusterRecord, record: ClusterRecord) -> None:
    """Raise UsageError when `record` would make Styx lose sight of a live cluster."""
    if known.folder.resolve() != record.folder.resolve():
        raise UsageError(
            f"cluster {record.name!r} stands with the folder {known.folder}, not with {record.folder}",
            "give another name with -c/--cluster, or destroy the one that stands",
        )
    if record.status == "planned":
        raise UsageError(
            f"cluster {record.name!r} is {known.status}, so it cannot be recorded as only planned",
            f"destroy it first: `styx destroy {record.name}`",
        )


def _keep_slot(database: Database, record: ClusterRecord) -> None:
    """Reserve the slot of `record`, or free it when the cluster is gone."""
    if record.slot is None or record.status == "destroyed":
        database.rows("free_slot", name=record.name)
        return
    if holder := slot.of_others(database, record.name).get(record.slot):
        raise IntegrityError(
            f"slot {record.slot} of cluster {record.name!r} belongs to {holder!r}",
            f"run `styx apply` again, which asks for a new one, or destroy {holder!r}",
        )
    slot.reserve(database, record.name, record.slot)
