"""Lambda's instance types, in the shape of its API's documentation."""

import pytest

from styx.catalog.http import Fetcher
from styx.clouds import Known, by_id
from styx.errors import CatalogError, CredentialError
from styx.offer import Offer

PATH = "/api/v1/instance-types"
A10 = Offer("lambda", "us-east-1", "gpu_1x_a10", 30, 200, (), "A10", 1, 24, hourly_usd=0.75, price_kind="list")


def told(name, cents, *regions):
    specs = {"vcpus": 30, "memory_gib": 200, "storage_gib": 1400, "gpus": 1}
    kind = {"name": name, "description": "1x A10 (24 GB PCIe)", "gpu_description": "A10 (24 GB PCIe)",
            "price_cents_per_hour": cents, "specs": specs}  # fmt: skip
    free = [{"name": region, "description": "somewhere"} for region in regions]
    return {"instance_type": kind, "regions_with_capacity_available": free}


def fetched(server, answer):
    server.plan(PATH, answer)
    known = Known({("us-east-1", "gpu_1x_a10"): A10}, {"gpu_1x_a10": A10})
    return list(by_id("lambda").feed.fetch(Fetcher(attempts=1), {"prices": server.url}, known))


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("LAMBDALABS_API_KEY", "secret")


def test_a_price_holds_in_every_region_that_is_known_or_has_capacity(feed_server):
    data = {"gpu_1x_a10": told("gpu_1x_a10", 129, "us-west-1"), "gpu_9x_z": told("gpu_9x_z", 100, "us-west-1")}
    found = fetched(feed_server, {"data": data})
    assert [(offer.region, offer.instance_type, offer.hourly_usd) for offer in found] == [
        ("us-east-1", "gpu_1x_a10", 1.29),
        ("us-west-1", "gpu_1x_a10", 1.29),
    ]
    assert found[0].local_disk_gib == 1400
    assert feed_server.asked == [(PATH, "", "Bearer secret")]


def test_an_answer_of_another_shape_is_refused(feed_server):
    with pytest.raises(CatalogError, match="without `data`"):
        fetched(feed_server, {"error": {}})


def test_without_a_key_nothing_is_asked(feed_server, monkeypatch):
    monkeypatch.delenv("LAMBDALABS_API_KEY")
    with pytest.raises(CredentialError, match="API key"):
        fetched(feed_server, {"data": {}})
    assert not feed_server.asked
