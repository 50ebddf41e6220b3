"""Opening the catalog: every offer that Styx knows, in one DuckDB view named `offers`, and the facts beside it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.catalog import manifest, tables
from styx.catalog.manifest import Manifest
from styx.errors import CatalogError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

_HERE = Path(__file__).parent
MANY_ROWS = 1_000_000
"""From here on DuckDB may use every core; below, starting threads costs more than they save."""

RESTORE = "install styx-infra again, or run `styx catalog build --source DIR` to make it from its sources"


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
    def whole(self) -> bool:
        """Say whether every row of the file counts."""
        return set(self.clouds) >= set(self.manifest.clouds)

    @property
    def query(self) -> str:
        """Return the SQL that reads the rows which count."""
        query = f"SELECT * FROM read_parquet('{tables.quoted(self.folder / manifest.OFFERS)}')"  # noqa: S608  # quoted
        if self.whole:
            return query
        listed = ", ".join(f"'{tables.quoted(cloud)}'" for cloud in self.clouds)
        return f"{query} WHERE cloud IN ({listed})"


@dataclass(frozen=True)
class Catalog:
    """The offers, and what they are as of."""

    offers: tuple[Offer, ...]
    """Offers that no file holds: this machine's, a pool's."""
    tables: tuple[Table, ...] = ()

    @cached_property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """Return an in-memory database with `offers` and the views of facts.sql; raise CatalogError when one is bad."""
        import duckdb

        connection = duckdb.connect(":memory:", config=_config(self.count))
        connection.execute((_HERE / "offers.sql").read_text())
        self._insert(connection)
        parts = [*(table.query for table in self.tables), "SELECT * FROM live_offers"]
        folder = paths.catalog()
        try:
            connection.execute(f"CREATE VIEW offers AS {' UNION ALL '.join(parts)}")
            connection.execute(tables.facts(folder))
        except duckdb.Error as error:
            raise CatalogError(f"the catalog in {folder} cannot be read: {error}", RESTORE) from error
        return connection

    def _insert(self, connection: "duckdb.DuckDBPyConnection") -> None:
        import duckdb

        if not self.offers:
            return
        rows = [astuple(offer) for offer in self.offers]
        marks = ", ".join("?" for _ in rows[0])
        try:
            connection.executemany(f"INSERT INTO live_offers VALUES ({marks})", rows)  # noqa: S608  # only marks
        except duckdb.Error as error:
            raise CatalogError(f"an offer does not fit the offers table: {error}") from error

    @cached_property
    def count(self) -> int:
        """Return how many offers there are."""
        held = [table.manifest.clouds[cloud].rows for table in self.tables for cloud in table.clouds]
        return len(self.offers) + sum(held)

    @cached_property
    def digest(self) -> str:
        """Return a hash of every offer: two catalogs with the same digest choose alike."""
        own = json.dumps([asdict(offer) for offer in self.offers], sort_keys=True)
        held = [f"{table.manifest.digest} {' '.join(table.clouds)}" for table in self.tables]
        return files.sha256("\n".join([own, *held]))

    @cached_property
    def date(self) -> str:
        """Return the ISO date of the oldest price, empty when no price has one."""
        held = [table.manifest.clouds[cloud].oldest for table in self.tables for cloud in table.clouds]
        return min((date for date in (*held, *(offer.price_as_of for offer in self.offers)) if date), default="")


def open_catalog(cloud_ids: Iterable[str] | None = None) -> Catalog:
    """Open the offers of `cloud_ids` (all clouds when None): shipped ones, fetched ones in their place, live ones.

    Raises CatalogError when a file is missing, truncated, changed or of another version.
    """
    wanted = clouds.ids() if cloud_ids is None else tuple(cloud_ids)
    live = tuple(offer for cloud_id in wanted for offer in clouds.by_id(cloud_id).live_offers())
    return Catalog(live, held(wanted))


def held(wanted: Iterable[str]) -> tuple[Table, ...]:
    """Return the tables that hold offers of `wanted`: a cloud's fetched prices stand in for its shipped ones."""
    left = set(wanted)
    found = []
    for cloud_id in sorted(left):
        folder = fetched(cloud_id)
        if (folder / manifest.NAME).exists():
            found.append(Table(folder, manifest.read(folder, fetch_again(cloud_id)), (cloud_id,)))
            left.remove(cloud_id)
    shipped = _shipped(left)
    return (shipped, *found) if shipped else tuple(found)


def fetched(cloud_id: str) -> Path:
    """Return the folder of the prices that `styx catalog refresh` fetched for a cloud."""
    return paths.cache() / "catalog" / cloud_id


def _shipped(wanted: set[str]) -> Table | None:
    """Return the shipped table, or None when it holds nothing of `wanted`."""
    folder = paths.catalog()
    held = Table(folder, manifest.read(folder, RESTORE), ())
    counted = tuple(sorted(wanted & set(held.manifest.clouds)))
    return replace(held, clouds=counted) if counted else None


def _config(rows: int) -> dict[str, "str | bool | int | float | list[str]"]:
    """Return DuckDB's settings: nothing is ever fetched, and few rows are read by one thread."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return config if rows >= MANY_ROWS else config | {"threads": 1}
