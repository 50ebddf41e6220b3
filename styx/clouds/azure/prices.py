"""Azure's Retail Prices API: on-demand and spot in one feed, no account needed.

It prices sizes without saying what they are, so a size that the catalog does not know is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from styx.clouds.cloud import Http, Known
from styx.errors import CatalogError
from styx.offer import Offer

_PATH = "/api/retail/prices"
_FILTER = "serviceName eq 'Virtual Machines' and priceType eq 'Consumption'"
MOST_PAGES = 50_000
"""The feed has some thousands."""

_OTHER_PRODUCTS = ("Windows", "Cloud Services", "CloudServices", "Dedicated Host", "Promo")


@dataclass(slots=True)
class Prices:
    """What one size costs in one region."""

    on_demand: float | None = None
    spot: float | None = None
    since: str = ""
    """ISO date from which the on-demand price holds."""
    spot_since: str = ""


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterator[Offer]:
    """Yield every known size in every region that the feed prices."""
    found: dict[tuple[str, str], Prices] = {}
    today = datetime.now(UTC).date().isoformat()
    for item in _items(http, hosts["prices"] + _PATH):
        if _is_linux_hour(item) and _since(item) <= today:
            _take(found.setdefault((item["armRegionName"], item["armSkuName"]), Prices()), item)
    for (region, name), prices in found.items():
        shape = known.shape(region, name)
        if shape is not None and prices.on_demand is not None:
            yield _priced(shape, prices)


def _items(http: Http, url: str) -> Iterator[dict[str, Any]]:
    """Follow the pages: only the query of the next link is used, so that no answer can send us to another host.

    Raises CatalogError for a page that was there before, and after more pages than any feed has: it would never end.
    """
    query: dict[str, str] = {"$filter": _FILTER}
    asked: set[str] = set()
    while query:
        if (page_asked := urlencode(sorted(query.items()))) in asked or len(asked) >= MOST_PAGES:
            message = f"{url} does not end: after {len(asked)} pages it leads to {page_asked!r}"
            raise CatalogError(message, "its old prices stand; try again later")
        asked.add(page_asked)
        page = http.json(url, query)
        if not isinstance(page.get("Items"), list):
            raise CatalogError(f"{url} answered without `Items`")
        yield from page["Items"]
        query = dict(parse_qsl(urlsplit(page.get("NextPageLink") or "").query))


def _is_linux_hour(item: Mapping[str, Any]) -> bool:
    product = item.get("productName", "")
    plain = not any(other in product for other in _OTHER_PRODUCTS) and "Low Priority" not in item.get("skuName", "")
    priced = item.get("unitOfMeasure") == "1 Hour" and item.get("currencyCode") == "USD" and item.get("retailPrice")
    return bool(plain and priced and item.get("armSkuName") and item.get("armRegionName"))


def _since(item: Mapping[str, Any]) -> str:
    """Return the ISO date from which a price holds; one in the future is announced and not yet asked for."""
    return str(item.get("effectiveStartDate", ""))[:10]


def _take(prices: Prices, item: Mapping[str, Any]) -> None:
    """Keep the newest price of each kind; the feed lists superseded ones too."""
    price, since = float(item["retailPrice"]), _since(item)
    if "Spot" in item.get("skuName", ""):
        if since >= prices.spot_since:
            prices.spot, prices.spot_since = price, since
    elif since >= prices.since:
        prices.on_demand, prices.since = price, since


def _priced(shape: Offer, prices: Prices) -> Offer:
    sells_spot = prices.spot is not None
    return replace(
        shape,
        hourly_usd=prices.on_demand,
        price_kind="list",
        spot_hourly_usd=prices.spot,
        spot_kind="list" if sells_spot else "unknown",
    )
