"""Image families: what a machine starts from when the spec names no image, or names a family."""

import csv
import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from styx import paths

_SPELT = re.compile(r"[a-z]+-\d+(\.\d+)+")
"""How families are spelt: a distribution and its version."""


@dataclass(frozen=True, slots=True)
class ImageFamily:
    """Where the newest image of one kind is found."""

    cloud: str
    family: str
    arch: str
    gpu: bool
    """True when the driver is in it."""
    owner: str
    name: str


def family(cloud: str, arch: str, *, gpu: bool, named: str = "") -> ImageFamily | None:
    """Return the family for a machine: the first of its processor, the one with the driver when it has a GPU.

    `named` is the only family that will do, such as `ubuntu-22.04`; None when the cloud has none of them.
    """
    rows = [one for one in _families(paths.catalog() / "images.csv") if one.cloud == cloud and one.arch == arch]
    fitting = [one for one in rows if one.family == named or not named]
    return next((one for one in fitting if one.gpu == gpu), None) or next(iter(fitting), None)


def unknown(cloud: str, arch: str, named: str) -> tuple[str, ...]:
    """Return the families there are instead of `named`, nearest first; none where that is one, or spelt like none.

    What is spelt otherwise is the user's own image, which only the cloud knows.
    """
    rows = _families(paths.catalog() / "images.csv")
    spelt = {one.family for one in rows if _SPELT.fullmatch(one.family)}
    known = sorted({one.family for one in rows if (one.cloud, one.arch) == (cloud, arch)} & spelt)
    if named in known or not _SPELT.fullmatch(named) or not difflib.get_close_matches(named, sorted(spelt)):
        return ()
    return tuple(difflib.get_close_matches(named, known, n=len(known) or 1, cutoff=0))


def _families(path: Path) -> list[ImageFamily]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            ImageFamily(row["cloud"], row["family"], row["arch"], row["gpu"] == "true", row["owner"], row["name"])
            for row in csv.DictReader(file)
        ]
