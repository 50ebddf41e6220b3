"""`clusters/<name>/` in the state folder: what survives the loss of the rendered folder and of the database."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from styx import files
from styx.errors import IntegrityError, UsageError
from styx.state.record import ClusterRecord, check_name


def of(state: Path, name: str) -> Path:
    """Return the folder of cluster `name`, which need not exist."""
    return state / "clusters" / check_name(name)


def write_record(state: Path, record: ClusterRecord) -> None:
    """Write `cluster.json`, fsynced."""
    text = json.dumps(record.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    files.write(of(state, record.name) / "cluster.json", text)


def remove(state: Path, name: str) -> None:
    """Remove all that is kept of cluster `name`; the record goes first, so that half a removal revives nothing."""
    home = of(state, name)
    (home / "cluster.json").unlink(missing_ok=True)
    if home.exists():
        shutil.rmtree(home)
        files.sync_folder(home.parent)


def records(state: Path) -> Iterator[ClusterRecord | IntegrityError]:
    """Read every `cluster.json` back; one that cannot be used comes as the error that says why."""
    for path in sorted(state.glob("clusters/*/cluster.json")):
        try:
            yield _read(path)
        except (OSError, ValueError, RecursionError, IntegrityError, UsageError) as error:
            yield IntegrityError(f"{path} was skipped: {error}", "mend or remove that file")


def _read(path: Path) -> ClusterRecord:
    record = ClusterRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    if record.name != path.parent.name:
        raise IntegrityError(f"it tells of a cluster named {record.name!r}")
    return record
