"""What a further disk is known by: its mount path, so that no other disk added, removed or moved changes it."""

import hashlib
import itertools
import posixpath
import re
from collections.abc import Iterable, Mapping

from styx.clouds import SLOTS

_PLAIN = re.compile(r"[a-z][a-z0-9]{0,10}")
"""Eleven characters: what is left of Google's 63 after a cluster's name of 40 and `-worker-999-`."""


def name(path: str) -> str:
    """Return the name of the disk that is mounted at `path`: `/data` gives `data`, all else some letters and a digest.

    The two forms cannot meet: only the second has a dash.
    """
    place = posixpath.normpath(path).strip("/")
    if _PLAIN.fullmatch(place):
        return place
    letters = re.sub(r"[^a-z]", "", place.lower())[:3] or "d"
    return f"{letters}-{hashlib.sha256(place.encode()).hexdigest()[:7]}"


def numbered(names: Iterable[str], locked: Mapping[str, int]) -> dict[str, int]:
    """Return name → its number on the machine, from 0: the one that the lock has; for new ones, others than it has.

    The number of a disk that was removed is given again when no other is left: its slot is not free at once.
    """
    wanted, taken = list(names), set(locked.values())
    fresh = (number for number in range(SLOTS) if number not in taken)
    left = sorted(number for name, number in locked.items() if name not in wanted)
    beyond = (number for number in itertools.count(SLOTS) if number not in taken)
    free = itertools.chain(fresh, left, beyond)
    return {one: locked[one] if one in locked else next(free) for one in wanted}


def remembered(numbers: Mapping[str, int], locked: Mapping[str, int]) -> dict[str, int]:
    """Return what the lock keeps: the numbers in use, and those of disks that were removed and are not given again."""
    left = {name: number for name, number in locked.items() if number not in set(numbers.values())}
    return dict(sorted({**left, **numbers}.items(), key=lambda one: one[1]))
