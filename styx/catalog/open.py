"""Opening the catalog: every offer that Styx knows, in one DuckDB table named `offers`."""

import json
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files
from styx.errors import CatalogError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

_SCHEMA = Path(__file__).with_name("offers.sql")


@dataclass(frozen=True)
class Catalog:
    """The offers, and what they are as of."""

    offers: tuple[Offer, ...]
    """Offers that no shipped table holds: this machine's, a pool's."""

    @cached_property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """Return an in-memory database with the table `offers`; raise CatalogError when a row does not fit it."""
        import duckdb

        connection = duckdb.connect(":memory:")
        connection.execute(_SCHEMA.read_text())
        if not self.offers:
            return connection
        rows = [astuple(offer) for offer in self.offers]
        marks = ", ".join("?" for _ in rows[0])
        try:
            connection.executemany(f"INSERT INTO offers VALUES ({marks})", rows)  # noqa: S608  # only marks are joined in
        except duckdb.Error as error:
            raise CatalogError(f"an offer does not fit the offers table: {error}") from error
        return connection

    @cached_property
    def digest(self) -> str:
        """Return a hash of every offer: two catalogs with the same digest choose alike."""
        return files.sha256(json.dumps([asdict(offer) for offer in self.offers], sort_keys=True))

    @cached_property
    def date(self) -> str:
        """Return the ISO date of the oldest price, empty when no price has one."""
        return min((offer.price_as_of for offer in self.offers if offer.price_as_of), default="")


def open_catalog(cloud_ids: Iterable[str] | None = None) -> Catalog:
    """Open the offers of `cloud_ids` (all clouds when None)."""
    wanted = clouds.ids() if cloud_ids is None else cloud_ids
    return Catalog(tuple(offer for cloud_id in wanted for offer in clouds.by_id(cloud_id).live_offers()))
