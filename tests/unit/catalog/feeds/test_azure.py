"""Azure's retail prices, page by page, in the shape that its documentation shows."""

import pytest

from styx.catalog.http import Fetcher
from styx.clouds import Known, by_id
from styx.errors import CatalogError
from styx.offer import Offer

PATH = "/api/retail/prices"
D2 = Offer("azure", "eastus", "Standard_D2s_v5", 2, 8, hourly_usd=0.2, price_kind="list", price_as_of="2025-01-01")

ITEM = {
    "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": 0.096, "unitPrice": 0.096, "armRegionName": "eastus",
    "location": "US East", "effectiveStartDate": "2026-03-01T00:00:00Z", "meterName": "D2s v5",
    "productName": "Virtual Machines Dsv5 Series", "skuName": "D2s v5", "serviceName": "Virtual Machines",
    "serviceFamily": "Compute", "unitOfMeasure": "1 Hour", "type": "Consumption", "isPrimaryMeterRegion": True,
    "armSkuName": "Standard_D2s_v5",
}  # fmt: skip


def fetched(server, *pages):
    answers = []
    for number, items in enumerate(pages, 1):
        more = f"https://elsewhere.example:443{PATH}?$filter=x&$skip={number * 100}" if number < len(pages) else None
        answers.append({"Items": [ITEM | item for item in items], "NextPageLink": more, "Count": len(items)})
    server.plan(PATH, *answers)
    known = Known({("eastus", "Standard_D2s_v5"): D2}, {"Standard_D2s_v5": D2})
    found = by_id("azure").feed.fetch(Fetcher(attempts=1), {"prices": server.url}, known)
    return {(offer.region, offer.instance_type): offer for offer in found}


def test_pages_are_followed_on_the_same_host_and_spot_joins_on_demand(feed_server):
    found = fetched(feed_server, [{}], [{"skuName": "D2s v5 Spot", "retailPrice": 0.02}], [{"armRegionName": "westus"}])
    offer = found["eastus", "Standard_D2s_v5"]
    assert (offer.hourly_usd, offer.spot_hourly_usd, offer.spot_kind) == (0.096, 0.02, "list")
    assert found["westus", "Standard_D2s_v5"].spot_hourly_usd is None
    queries = [query for _, query, _ in feed_server.asked]
    assert queries[0].startswith("%24filter=serviceName+eq+%27Virtual+Machines%27")
    assert queries[1:] == ["%24filter=x&%24skip=100", "%24filter=x&%24skip=200"]


@pytest.mark.parametrize(
    "other",
    [
        {"productName": "Virtual Machines Dsv5 Series Windows"},
        {"skuName": "D2s v5 Low Priority"},
        {"productName": "Dsv5 Series Cloud Services"},
        {"unitOfMeasure": "1 Month"},
        {"currencyCode": "EUR"},
        {"armSkuName": ""},
        {"armSkuName": "Standard_Unknown"},
        {"retailPrice": 0.0},
    ],
)
def test_other_prices_are_left_out(feed_server, other):
    assert fetched(feed_server, [other]) == {}


def test_the_newest_of_several_prices_holds(feed_server):
    older = {"effectiveStartDate": "2020-01-01T00:00:00Z", "retailPrice": 9.0}
    assert fetched(feed_server, [{}, older])["eastus", "Standard_D2s_v5"].hourly_usd == 0.096
    assert fetched(feed_server, [older, {}])["eastus", "Standard_D2s_v5"].hourly_usd == 0.096


def test_the_newest_of_several_spot_prices_holds(feed_server):
    spot = {"skuName": "D2s v5 Spot", "retailPrice": 0.02}
    older = spot | {"effectiveStartDate": "2020-01-01T00:00:00Z", "retailPrice": 0.09}
    for items in ([{}, spot, older], [{}, older, spot]):
        assert fetched(feed_server, items)["eastus", "Standard_D2s_v5"].spot_hourly_usd == 0.02


@pytest.mark.parametrize("name", ["D2s v5", "D2s v5 Spot"])
def test_a_price_that_is_only_announced_does_not_hold_yet(feed_server, name):
    announced = {"effectiveStartDate": "2999-01-01T00:00:00Z", "retailPrice": 0.01, "skuName": name}
    offer = fetched(feed_server, [{}, announced])["eastus", "Standard_D2s_v5"]
    assert (offer.hourly_usd, offer.spot_hourly_usd) == (0.096, None)


def test_a_feed_that_leads_back_to_a_page_is_refused(feed_server):
    feed_server.plan(PATH, {"Items": [ITEM], "NextPageLink": f"https://elsewhere.example{PATH}?$skip=100"})
    with pytest.raises(CatalogError, match="does not end: after 2 pages"):
        list(by_id("azure").feed.fetch(Fetcher(attempts=1), {"prices": feed_server.url}, Known({}, {})))


def test_a_feed_of_ever_new_pages_is_refused(feed_server, monkeypatch):
    monkeypatch.setattr("styx.clouds.azure.prices.MOST_PAGES", 3)
    with pytest.raises(CatalogError, match="does not end: after 3 pages"):
        fetched(feed_server, [{}], [{}], [{}], [{}])


def test_a_size_sold_only_as_spot_has_no_offer(feed_server):
    assert fetched(feed_server, [{"skuName": "D2s v5 Spot"}]) == {}


def test_an_answer_of_another_shape_is_refused(feed_server):
    feed_server.plan(PATH, {"error": "moved"})
    with pytest.raises(CatalogError, match="without `Items`"):
        list(by_id("azure").feed.fetch(Fetcher(attempts=1), {"prices": feed_server.url}, Known({}, {})))
