"""What a cluster's own network costs besides its machines: gateways, tunnels and their addresses."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from styx import paths


@dataclass(frozen=True, slots=True)
class Price:
    """One service of a cloud, in USD an hour."""

    hourly_usd: float
    kind: str
    """`list`, or `estimated` when nobody has compared it with the page at `source`."""
    as_of: str
    source: str


def hourly_usd(cloud: str, services: Mapping[str, int]) -> float:
    """Return what these services of `cloud` cost an hour, traffic not counted."""
    prices = _prices(paths.catalog() / "network_prices.csv")
    return round(sum(prices[cloud, name].hourly_usd * count for name, count in services.items()), 6)


def price_kinds(cloud: str, services: Mapping[str, int]) -> str:
    """Return what kind of prices those are, and the date of the oldest where it is known."""
    prices = [_prices(paths.catalog() / "network_prices.csv")[cloud, name] for name in services]
    dates = sorted({one.as_of for one in prices if one.as_of})
    kinds = ", ".join(sorted({f"{one.kind} price" for one in prices}))
    return f"{kinds} of {dates[0]}" if dates else kinds


@cache
def _prices(path: Path) -> Mapping[tuple[str, str], Price]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["cloud"], row["service"]): Price(
                float(row["hourly_usd"]), row["price_kind"], row["price_as_of"], row["source"]
            )
            for row in csv.DictReader(file)
        }
