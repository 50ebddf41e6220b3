"""Google's SKUs and machine types, in the shape of their REST documentation."""

import pytest

from styx.catalog.http import Fetcher
from styx.clouds import Known, by_id
from styx.errors import CredentialError
from styx.offer import Offer

SKUS = "/v1/services/6F81-5844-456A/skus"
TYPES = "/compute/v1/projects/p/aggregated/machineTypes"

N1 = Offer("gcp", "us-central1", "n1-standard-4", 4, 15, ("us-central1-a",), hourly_usd=1.0, price_kind="list")
T4 = Offer("gcp", "us-central1", "n1-standard-4+T4:2", 4, 15, ("us-central1-a",), "T4", 2, 16, hourly_usd=2.0,
           price_kind="list")  # fmt: skip
G2 = Offer("gcp", "us-central1", "g2-standard-4", 4, 16, ("us-central1-a",), "L4", 1, 24, price_kind="unknown")


def sku(description, nanos, usage="OnDemand", unit="h"):
    price = {"currencyCode": "USD", "units": "0", "nanos": nanos}
    rates = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": price}]}
    return {
        "skuId": "0000-0000", "description": description, "serviceRegions": ["us-central1"],
        "category": {"resourceFamily": "Compute", "usageType": usage}, "pricingInfo": [{"pricingExpression": rates}],
    }  # fmt: skip


PARTS = (
    sku("N1 Predefined Instance Core running in Americas", 30_000_000),
    sku("N1 Predefined Instance Ram running in Americas", 4_000_000, unit="GiBy.h"),
    sku("Spot Preemptible N1 Predefined Instance Core running in Americas", 10_000_000, "Preemptible"),
    sku("Spot Preemptible N1 Predefined Instance Ram running in Americas", 1_000_000, "Preemptible", "GiBy.h"),
    sku("Nvidia Tesla T4 GPU running in Americas", 350_000_000),
    sku("Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Americas", 100_000_000, "Preemptible"),
    sku("G2 Instance Core running in Americas", 25_000_000),
    sku("G2 Instance Ram running in Americas", 3_000_000, unit="GiBy.h"),
    sku("Nvidia L4 GPU running in Americas", 560_000_000),
    sku("N1 Custom Instance Core running in Americas", 900_000_000),
    sku("Commitment v1: N1 Cpu in Americas for 1 Year", 900_000_000, "Commit1Yr"),
)


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "secret")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")


def machine(name):
    return {"name": name, "guestCpus": 4, "memoryMb": 15360, "isSharedCpu": False}


def fetched(server, *pages, types=("n1-standard-4", "g2-standard-4", "new-type")):
    last = len(pages) - 1
    server.plan(
        SKUS, *[{"skus": list(page), "nextPageToken": "" if n == last else f"t{n}"} for n, page in enumerate(pages)]
    )
    zones = {f"zones/us-central1-{zone}": {"machineTypes": [machine(name) for name in types]} for zone in "ab"}
    server.plan(TYPES, {"items": zones | {"zones/us-east1-b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}})
    offers = {(offer.region, offer.instance_type): offer for offer in (N1, T4, G2)}
    known = Known(offers, {name: offer for (_, name), offer in offers.items()})
    hosts = {"prices": server.url, "types": server.url}
    return {offer.instance_type: offer for offer in by_id("gcp").feed.fetch(Fetcher(attempts=1), hosts, known)}


def test_machines_are_the_sum_of_their_parts(feed_server):
    found = fetched(feed_server, PARTS[:3], PARTS[3:])
    assert found["n1-standard-4"].hourly_usd == pytest.approx(4 * 0.03 + 15 * 0.004)
    assert found["n1-standard-4"].spot_hourly_usd == pytest.approx(4 * 0.01 + 15 * 0.001)
    assert found["n1-standard-4"].zones == ("us-central1-a", "us-central1-b")
    assert found["n1-standard-4+T4:2"].hourly_usd == pytest.approx(4 * 0.03 + 15 * 0.004 + 2 * 0.35)
    assert found["n1-standard-4+T4:2"].spot_hourly_usd == pytest.approx(4 * 0.01 + 15 * 0.001 + 2 * 0.1)
    assert found["g2-standard-4"].hourly_usd == pytest.approx(4 * 0.025 + 16 * 0.003 + 0.56)
    assert found["g2-standard-4"].spot_hourly_usd is None
    assert "new-type" not in found
    assert [(query, token) for path, query, token in feed_server.asked if path == SKUS] == [
        ("currencyCode=USD&pageSize=5000", "Bearer secret"),
        ("currencyCode=USD&pageSize=5000&pageToken=t0", "Bearer secret"),
    ]


def test_a_machine_with_a_part_that_has_no_price_is_left_out(feed_server):
    assert set(fetched(feed_server, PARTS[:2])) == {"n1-standard-4"}


def test_without_credentials_nothing_is_asked(feed_server, monkeypatch, tmp_path):
    for name in ("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(CredentialError, match="Google"):
        fetched(feed_server, PARTS)
    assert not feed_server.asked
