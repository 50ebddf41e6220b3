"""Which files hold the offers of which cloud: the shipped table, and a fetched one in its place where there is one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from styx import paths
from styx.catalog import by_hand, manifest, tables
from styx.catalog.manifest import CloudRows, Manifest

RESTORE = "install styx-infra again, or run `styx catalog build --source DIR` to make it from its sources"
REMEDIES = dict.fromkeys((*by_hand.FACTS, *by_hand.APART), by_hand.RESTORE)
"""No build mends a table kept by hand."""

SHIPPED = "shipped"
"""The origin of what comes with Styx."""


def fetch_again(cloud_id: str) -> str:
    """Return what to do about a damaged table of fetched prices."""
    return f"run `styx catalog refresh --cloud {cloud_id}` to fetch it again"


@dataclass(frozen=True, slots=True)
class Table:
    """A Parquet file of offers, and the clouds whose rows count."""

    folder: Path
    manifest: Manifest
    clouds: tuple[str, ...]

    @property
    def query(self) -> str:
        """Return the SQL that reads the rows which count."""
        return self._counted(f"SELECT * FROM read_parquet('{tables.quoted(self.folder / self.manifest.offers)}')")  # noqa: S608  # quoted

    @property
    def doubts(self) -> str:
        """Return the SQL that reads what is in doubt about them."""
        return self._counted(tables.doubts(self.folder / self.manifest.doubted))

    def _counted(self, query: str) -> str:
        if set(self.clouds) >= set(self.manifest.clouds):
            return query
        listed = ", ".join(f"'{tables.quoted(cloud)}'" for cloud in self.clouds)
        return f"{query} WHERE cloud IN ({listed})"

    @property
    def rows(self) -> tuple[CloudRows, ...]:
        """Return what counts of each cloud."""
        return tuple(self.manifest.clouds[cloud] for cloud in self.clouds)

    @property
    def origin(self) -> str:
        """Say where the rows come from."""
        made = self.manifest
        return made.origin if made.origin == SHIPPED else f"{made.origin}, fetched {made.made}"

    @property
    def digest(self) -> str:
        """Return what tells these rows from any others."""
        return f"{self.manifest.digest} {' '.join(self.clouds)}"


def held(wanted: Iterable[str]) -> tuple[Table, ...]:
    """Return the tables that hold offers of `wanted`; raise CatalogError when a file is not whole."""
    left = set(wanted)
    found = []
    for cloud_id in sorted(left):
        folder = fetched(cloud_id)
        if (folder / manifest.NAME).exists():
            found.append(Table(folder, manifest.read(folder, fetch_again(cloud_id)), (cloud_id,)))
            left.remove(cloud_id)
    return (*shipped(left), *found)


def fetched(cloud_id: str) -> Path:
    """Return the folder of the prices that `styx catalog refresh` fetched for a cloud."""
    return paths.cache() / "catalog" / cloud_id


def shipped(wanted: set[str]) -> tuple[Table, ...]:
    """Return the shipped table, or nothing when it holds nothing of `wanted`."""
    folder = paths.catalog()
    whole = Table(folder, manifest.read(folder, RESTORE, REMEDIES), ())
    counted = tuple(sorted(wanted & set(whole.manifest.clouds)))
    return (replace(whole, clouds=counted),) if counted else ()
