"""What offers that were chosen earlier cost now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from styx.catalog.open import Catalog
    from styx.offer import Market, Offer

_QUERY = "SELECT cloud, region, instance_type, hourly_usd, spot_hourly_usd FROM offers WHERE instance_type IN "


@dataclass(frozen=True, slots=True)
class Price:
    """USD an hour for one machine; None when it is not known."""

    hourly_usd: float | None
    spot_hourly_usd: float | None

    def on(self, market: "Market") -> float | None:
        """Return the price on `market`."""
        return self.spot_hourly_usd if market == "spot" else self.hourly_usd


def current_prices(catalog: "Catalog", offers: Iterable["Offer"]) -> dict[tuple[str, str, str], Price]:
    """Return (cloud, region, machine type) → the price in `catalog`, for those of `offers` that it still has."""
    wanted = {(offer.cloud, offer.region, offer.instance_type) for offer in offers}
    types = sorted({key[2] for key in wanted})
    marks = ", ".join("?" for _ in types)
    rows = catalog.connection.execute(f"{_QUERY}({marks})", types).fetchall() if types else []
    return {row[:3]: Price(*row[3:]) for row in rows if row[:3] in wanted}
