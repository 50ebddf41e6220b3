"""What a folder of the catalog holds, and the check that it is whole: `manifest.json` beside its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from styx import files
from styx.errors import CatalogError

VERSION = 1
"""Of the tables' columns and of the manifest itself; a folder of another version is refused."""

NAME = "manifest.json"
OFFERS = "offers"
"""How the name of the table of offers begins."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows came from."""

    name: str
    rows: int
    """Rows that it had, before lint."""


@dataclass(frozen=True, slots=True)
class CloudRows:
    """What is held of one cloud."""

    rows: int
    oldest: str
    """ISO date of its oldest price."""
    newest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of one folder of the catalog."""

    made: str
    """ISO date of the newest price when built from facts, of the fetch when refreshed."""
    origin: str
    """`shipped`, or the host that it was fetched from."""
    sources: tuple[Source, ...]
    clouds: Mapping[str, CloudRows]
    doubts: Mapping[str, int]
    """Lint rule → offers that it marked as doubtful and kept."""
    mended: Mapping[str, int]
    """Lint rule → offers whose wrong cell was emptied or put right."""
    files: Mapping[str, str]
    """File → sha256."""

    @property
    def digest(self) -> str:
        """Return a hash of every file: two folders with the same digest hold the same facts."""
        return files.sha256(json.dumps(dict(sorted(self.files.items()))))

    @property
    def offers(self) -> str:
        """Return the name of the file with the offers."""
        return next(name for name in self.files if name.startswith(OFFERS))

    @property
    def rows(self) -> int:
        """Return the number of offers."""
        return sum(cloud.rows for cloud in self.clouds.values())

    def text(self) -> str:
        """Return the manifest as the text of its file."""
        return json.dumps({"version": VERSION, **asdict(self), "digest": self.digest}, indent=2) + "\n"


def read(folder: Path, remedy: str) -> Manifest:
    """Read the manifest of `folder` and check every file that it names; raise CatalogError, whose hint is `remedy`."""
    path = folder / NAME
    try:
        value = json.loads(path.read_bytes())
        if value["version"] != VERSION:
            message = f"{path}: the catalog is of version {value['version']}, this Styx reads version {VERSION}"
            raise CatalogError(message, remedy)
        manifest = _manifest(value)
        manifest.offers  # noqa: B018  # there must be one
    except FileNotFoundError as error:
        raise CatalogError(f"{path} is missing", remedy) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise CatalogError(f"{path} cannot be read: {error!r}", remedy) from error
    for name, digest in manifest.files.items():
        _check(folder / name, digest, remedy)
    return manifest


def _manifest(value: dict[str, Any]) -> Manifest:
    return Manifest(
        made=str(value["made"]),
        origin=str(value["origin"]),
        sources=tuple(Source(**source) for source in value["sources"]),
        clouds={cloud: CloudRows(**rows) for cloud, rows in value["clouds"].items()},
        doubts=dict(value["doubts"]),
        mended=dict(value["mended"]),
        files=dict(value["files"]),
    )


def _check(path: Path, digest: str, remedy: str) -> None:
    """Refuse a file that is not the one which the manifest was made for."""
    try:
        found = files.sha256(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}", remedy) from error
    if found != digest:
        raise CatalogError(f"{path} is truncated or was changed: its digest is not the one in {NAME}", remedy)


def named(folder: Path) -> tuple[str, ...]:
    """Return the files that the manifest of `folder` names, none when it cannot be read."""
    try:
        return tuple(json.loads((folder / NAME).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()
