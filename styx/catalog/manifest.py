"""What a folder of the catalog holds, and the check that it is whole: `manifest.json` beside its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from styx import files
from styx.errors import CatalogError

VERSION = 3
"""Of the tables' columns and of the manifest itself; a folder of another version is refused."""

NAME = "manifest.json"
OFFERS, DOUBTS = "offers", "doubts"
"""How the names of the tables of offers and of doubts begin."""


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
    missing: Mapping[str, str] = field(default_factory=dict)
    """Source that was not there → what the catalog lacks without it."""

    @property
    def digest(self) -> str:
        """Return a hash of every file: two folders with the same digest hold the same facts."""
        return files.sha256(json.dumps(dict(sorted(self.files.items()))))

    @property
    def offers(self) -> str:
        """Return the name of the file with the offers."""
        return next(name for name in self.files if name.startswith(OFFERS))

    @property
    def doubted(self) -> str:
        """Return the name of the file with the offers in doubt."""
        return next(name for name in self.files if name.startswith(DOUBTS))

    @property
    def rows(self) -> int:
        """Return the number of offers."""
        return sum(cloud.rows for cloud in self.clouds.values())

    def text(self) -> str:
        """Return the manifest as the text of its file."""
        return json.dumps({"version": VERSION, **asdict(self), "digest": self.digest}, indent=2) + "\n"


def read(folder: Path, remedy: str, remedies: Mapping[str, str] | None = None) -> Manifest:
    """Read the manifest of `folder` and check every file that it names.

    Raises CatalogError, whose hint is `remedy`, or that of `remedies` for a file named there.
    """
    path = folder / NAME
    try:
        value = json.loads(path.read_bytes())
        if value["version"] != VERSION:
            message = f"{path}: the catalog is of version {value['version']}, this Styx reads version {VERSION}"
            raise CatalogError(message, remedy)
        manifest = _manifest(value)
        manifest.offers, manifest.doubted  # noqa: B018  # there must be one of each
    except FileNotFoundError as error:
        raise CatalogError(f"{path} is missing", remedy) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise CatalogError(f"{path} cannot be read: {error!r}", remedy) from error
    for name, digest in manifest.files.items():
        _check(folder / name, digest, (remedies or {}).get(name, remedy))
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
        missing=dict(value["missing"]),
    )


def _check(path: Path, digest: str, remedy: str) -> None:
    """Refuse a file that is not the one which the manifest was made for."""
    try:
        found = files.sha256(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}", remedy) from error
    if found != digest:
        raise CatalogError(f"{path} is truncated or was changed: its digest is not the one in {NAME}", remedy)


def digests(folder: Path) -> dict[str, str]:
    """Return file → sha256 as the manifest of `folder` says, of any version; nothing when it cannot be read."""
    try:
        return dict(json.loads((folder / NAME).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
