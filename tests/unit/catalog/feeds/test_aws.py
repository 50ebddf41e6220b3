"""AWS's bulk price file, in the shape that its documentation shows."""

import csv
import io

import pytest

from styx.catalog.http import Fetcher
from styx.clouds import Known, by_id
from styx.errors import CatalogError
from styx.offer import Offer

ROOT = "/offers/v1.0/aws/AmazonEC2/current"

ABOUT = """\
"FormatVersion","v1.0"
"Disclaimer","This pricing list is for informational purposes only."
"Publication Date","2026-11-01T00:00:00Z"
"Version","20261101000000"
"OfferCode","AmazonEC2"
"""

PLAIN = {
    "SKU": "6QCMYABX3D", "TermType": "OnDemand", "Unit": "Hrs", "PricePerUnit": "0.1000000000", "Currency": "USD",
    "Product Family": "Compute Instance", "Instance Type": "m9.large", "vCPU": "2", "Memory": "8 GiB",
    "Storage": "EBS only", "Physical Processor": "Intel Xeon Platinum 8175", "Tenancy": "Shared",
    "Operating System": "Linux", "GPU": "", "CapacityStatus": "Used", "Pre Installed S/W": "NA",
    "Region Code": "us-east-1", "MarketOption": "OnDemand",
}  # fmt: skip

KNOWN = Offer("aws", "us-east-1", "m9.large", 2, 8, ("us-east-1a",), hourly_usd=0.2, spot_hourly_usd=0.05,
              price_kind="list", spot_kind="estimated", price_as_of="2025-01-01")  # fmt: skip


def price_file(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, PLAIN, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(PLAIN | row for row in rows)
    return ABOUT + text.getvalue()


def fetched(server, *rows):
    server.plan(
        f"{ROOT}/region_index.json", {"formatVersion": "v1.0", "regions": {"us-east-1": {"regionCode": "us-east-1"}}}
    )
    server.plan(f"{ROOT}/us-east-1/index.csv", price_file(*rows))
    known = Known({("us-east-1", "m9.large"): KNOWN}, {"m9.large": KNOWN})
    found = by_id("aws").feed.fetch(Fetcher(attempts=1), {"prices": server.url}, known)
    return {offer.instance_type: offer for offer in found}


def test_a_known_machine_gets_todays_price_and_its_spot_estimate_follows(feed_server):
    offer = fetched(feed_server, {})["m9.large"]
    assert (offer.hourly_usd, offer.price_kind) == (0.1, "list")
    assert (offer.spot_hourly_usd, offer.spot_kind) == (0.025, "estimated")
    assert offer.zones == ("us-east-1a",)


@pytest.mark.parametrize(
    "other",
    [
        {"TermType": "Reserved"},
        {"Operating System": "Windows"},
        {"Tenancy": "Dedicated"},
        {"Tenancy": "Host"},
        {"Pre Installed S/W": "SQL Std"},
        {"CapacityStatus": "UnusedCapacityReservation"},
        {"MarketOption": "CapacityBlock"},
        {"Unit": "Quantity"},
        {"Currency": "CNY"},
        {"PricePerUnit": "0.0000000000"},
        {"Instance Type": ""},
    ],
)
def test_other_prices_than_a_plain_linux_machines_are_left_out(feed_server, other):
    assert list(fetched(feed_server, {}, {"PricePerUnit": "9", **other})) == ["m9.large"]
    assert fetched(feed_server, other) == {}


def test_a_new_machine_is_read_from_the_list_alone(feed_server):
    gpu = {"Instance Type": "g6f.xlarge", "vCPU": "4", "Memory": "16 GiB", "GPU": "1", "Storage": "1 x 250 NVMe SSD"}
    arm = {"Instance Type": "m9g.metal", "vCPU": "192", "Memory": "1,536 GiB", "Physical Processor": "AWS Graviton9",
           "Storage": "2 x 1900 NVMe SSD"}  # fmt: skip
    found = fetched(feed_server, gpu, arm, {"Instance Type": "t4g.nano", "Memory": "0.5 GiB"})
    assert (found["g6f.xlarge"].accelerator, found["g6f.xlarge"].accelerator_count) == ("L4", 1 / 8)
    assert found["g6f.xlarge"].local_disk_gib == pytest.approx(232.8)
    assert (found["m9g.metal"].arch, found["m9g.metal"].memory_gib) == ("arm64", 1536)
    assert found["m9g.metal"].local_disk_gib == pytest.approx(3539.0, abs=1)
    assert found["m9g.metal"].spot_hourly_usd is None
    assert found["t4g.nano"].burstable


def test_only_the_regions_asked_for_are_downloaded(feed_server):
    fetched(feed_server, {})
    feed_server.plan(f"{ROOT}/region_index.json", {"regions": {"us-east-1": {}, "us-west-2": {}}})
    known = Known({("us-east-1", "m9.large"): KNOWN}, {"m9.large": KNOWN}, frozenset({"us-east-1", "eu-west-1"}))
    found = by_id("aws").feed.fetch(Fetcher(attempts=1), {"prices": feed_server.url}, known)
    assert [offer.region for offer in found] == ["us-east-1"]


def test_a_file_without_column_names_is_refused(feed_server):
    fetched(feed_server, {})
    feed_server.plan(f"{ROOT}/us-east-1/index.csv", ABOUT)
    with pytest.raises(CatalogError, match="us-east-1 has no column names"):
        list(by_id("aws").feed.fetch(Fetcher(attempts=1), {"prices": feed_server.url}, Known({}, {})))


def test_an_index_without_regions_is_refused(feed_server):
    feed_server.plan(f"{ROOT}/region_index.json", {"regions": {}})
    with pytest.raises(CatalogError, match="lists no regions"):
        list(by_id("aws").feed.fetch(Fetcher(attempts=1), {"prices": feed_server.url}, Known({}, {})))
