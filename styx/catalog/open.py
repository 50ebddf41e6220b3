"""Opening the catalog: every offer that Styx knows, in one relation named `offers`, and the facts beside it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.catalog import overlay as overlays
from styx.catalog import tables
from styx.catalog.held import RESTORE, Table, held
from styx.catalog.overlay import Overlay
from styx.errors import CatalogError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

_HERE = Path(__file__).parent
MANY_ROWS = 1_000_000
"""From here on DuckDB may use every core; below, starting threads costs more than they save."""


@dataclass(frozen=True)
class Catalog:
    """The offers, and what they are as of."""

    offers: tuple[Offer, ...]
    """Offers that no file holds: this machine's, a pool's."""
    tables: tuple[Table, ...] = ()
    overlay: Overlay | None = None

    @cached_property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """Return an in-memory database with `offers` and the views of facts.sql.

        Raises CatalogError when a file or an offer is bad, SpecError when the overlay names what is not there.
        """
        import duckdb

        connection = duckdb.connect(":memory:", config=_config(self.count))
        connection.execute(_sql("offers"))
        connection.execute(_sql("unique_offers"))
        own = self._own
        _fill(connection, "live_offers", [astuple(offer) for offer in own])
        try:
            connection.execute(f"CREATE VIEW {'offered' if self.overlay else 'offers'} AS {self._parts}")
            connection.execute(tables.facts(paths.catalog()))
            connection.execute(f"CREATE VIEW doubts AS {self._doubts}")
            if any(offer.accelerator for offer in own):
                connection.execute(_sql("mend/1_alias").replace("offers", "live_offers"))
            if self.overlay:
                from styx.catalog import overlaid

                overlaid.lay_over(connection, self.overlay, {cloud for table in self.tables for cloud in table.clouds})
        except duckdb.Error as error:
            raise CatalogError(f"the catalog in {paths.catalog()} cannot be read: {error}", RESTORE) from error
        return connection

    @property
    def _doubts(self) -> str:
        """Return the SQL that reads what is in doubt about offers of files."""
        parts = " UNION ALL ".join([*(table.doubts for table in self.tables), _sql("no_doubts")])
        return f"SELECT * FROM ({parts}) ANTI JOIN live_offers USING (cloud, region, instance_type)"  # noqa: S608  # ours

    @cached_property
    def _own(self) -> tuple[Offer, ...]:
        """Offers that no file holds; a private type stands in for any other of its name at its place."""
        if self.overlay is None or not self.overlay.private:
            return self.offers
        from styx.catalog import overlaid

        keys = {one.key for one in self.overlay.private}
        others = (one for one in self.offers if (one.cloud, one.region, one.instance_type) not in keys)
        return (*others, *overlaid.private_offers(self.overlay))

    @property
    def _parts(self) -> str:
        """Return the SQL that reads all offers: a listed one is not there where a private type has its name."""
        private = bool(self.overlay and self.overlay.private)
        rest = " ANTI JOIN live_offers USING (cloud, region, instance_type)" if private else ""
        listed = [f"SELECT * FROM ({table.query}){rest}" if rest else table.query for table in self.tables]  # noqa: S608  # ours
        return " UNION ALL ".join([*listed, "SELECT * FROM live_offers"])

    @cached_property
    def count(self) -> int:
        """Return how many offers there are, those that an overlay hides or adds left aside."""
        return len(self.offers) + sum(rows.rows for table in self.tables for rows in table.rows)

    @cached_property
    def digest(self) -> str:
        """Return a hash of every offer: two catalogs with the same digest choose alike."""
        own = json.dumps([asdict(offer) for offer in self.offers], sort_keys=True)
        terms = [f"overlay {self.overlay.digest}"] if self.overlay else []
        return files.sha256("\n".join([own, *(table.digest for table in self.tables), *terms]))

    @cached_property
    def date(self) -> str:
        """Return the ISO date of the oldest price, empty when no price has one."""
        dates = [rows.oldest for table in self.tables for rows in table.rows]
        return min((date for date in (*dates, *(offer.price_as_of for offer in self.offers)) if date), default="")


def open_catalog(cloud_ids: Iterable[str] | None = None, overlay: Path | None = None) -> Catalog:
    """Open the offers of `cloud_ids` (all clouds when None): shipped ones, fetched ones in their place, live ones.

    `overlay` is the file with the user's own terms; by default the one of the user's configuration, if there is one.
    Raises CatalogError when a file is missing, truncated, changed or of another version, SpecError for the overlay.
    """
    wanted = clouds.ids() if cloud_ids is None else tuple(cloud_ids)
    live = tuple(offer for cloud_id in wanted for offer in clouds.by_id(cloud_id).live_offers())
    return Catalog(live, held(wanted), overlays.read(overlay))


def _config(rows: int) -> dict[str, "str | bool | int | float | list[str]"]:
    """Return DuckDB's settings: nothing is ever fetched, and few rows are read by one thread."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return config if rows >= MANY_ROWS else config | {"threads": 1}


def _fill(connection: "duckdb.DuckDBPyConnection", table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Add rows to a table, whose columns they have in order."""
    import duckdb

    if not rows:
        return
    marks = ", ".join("?" for _ in rows[0])
    try:
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # a name of ours, and marks
    except duckdb.Error as error:
        raise CatalogError(f"an offer does not fit the table {table}: {error}") from error


def _sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text()
