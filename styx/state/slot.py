"""Slots: small numbers, one a cluster on this machine, from which its loopback network and ports are made."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from styx.errors import UsageError
from styx.state import clock
from styx.state.database import Database
from styx.state.record import ClusterRecord

SLOTS = 250
RESERVED_FOR = timedelta(hours=1)
"""How long a slot is kept for a cluster of which nothing stands yet."""


CLAIMED_S = 900
"""How long a slot is kept from other users and state folders until its ports tell that it is used."""


def allocate(
    database: Database, known: ClusterRecord | None, name: str, taken: Callable[[int], bool], home: str
) -> int:
    """Return the slot of `name`, a new one when it has none; called inside a transaction.

    A live cluster keeps its slot; otherwise the first is given that no other cluster has and that is not `taken`.
    """
    own = [row["slot"] for row in database.rows("slot_of", name=name)]
    others = of_others(database, name)
    if own and known and known.live:
        return int(own[0])
    for slot in [*own, *_by_preference(f"{home}:{name}")]:
        if slot not in others and not taken(slot) and _claim(slot, home):
            reserve(database, name, slot)
            return int(slot)
    raise UsageError(
        f"all {SLOTS} slots of this machine are taken, so {name!r} gets none",
        "destroy a cluster that you no longer need: `styx status` lists them",
    )


def _claim(slot: int, home: str) -> bool:
    """Tell whether `slot` is this state folder's among all users and state folders of this machine.

    Who claims it first has it for CLAIMED_S; by then its ports are open, which `taken` sees. A machine whose temporary
    folder cannot be written goes without.
    """
    folder = Path(tempfile.gettempdir()) / "styx-slots"
    owner = hashlib.sha256(home.encode()).hexdigest()
    try:
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o1777)  # everybody's, as the folder that it is in
        return _claimed(folder / str(slot), owner)
    except PermissionError:
        return not (folder / str(slot)).exists()


def _claimed(file: Path, owner: str) -> bool:
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644), "w") as stream:
            stream.write(owner)
        return True
    except FileExistsError:
        found, age = file.read_text(), time.time() - file.stat().st_mtime
    if found == owner:
        file.touch()
        return True
    if age < CLAIMED_S:
        return False
    file.unlink(missing_ok=True)
    return _claimed(file, owner)


def of_others(database: Database, name: str) -> dict[int, str]:
    """Return slot → cluster for the slots that nobody but their owner may have now, without those of `name`."""
    rows = database.rows("slots_of_others", name=name, since=clock.now(RESERVED_FOR))
    return {row["slot"]: row["name"] for row in rows}


def reserve(database: Database, name: str, slot: int) -> None:
    """Give `slot` to `name`, taking it from a cluster whose reservation is over."""
    database.rows("reserve_slot", slot=slot, name=name, at=clock.now())


def _by_preference(key: str) -> Iterator[int]:
    """Yield every slot, from one that depends on `key` alone: a cluster mostly gets the same again.

    The key names the state folder too: two users who start a cluster of one name at the same moment do not meet.
    """
    first = int(hashlib.sha256(key.encode()).hexdigest()[:6], 16)
    return (1 + (first + step) % SLOTS for step in range(SLOTS))
