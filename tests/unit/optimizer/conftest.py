"""A planted catalog: the few offers that a test is about, and prices of disks, addresses and egress that add up."""

import pytest

from styx.catalog import Catalog
from styx.offer import Offer

FACTS = {
    # 730 hours make a month: a GiB costs 0.0001 an hour on medium disks, and twice that on high ones.
    "disk_prices": "('aws', '*', 'medium', 'ssd', 0.073, ''), ('aws', '*', 'high', 'fast', 0.146, ''), "
    "('gcp', '*', 'low', 'hdd', 0.0365, ''), ('gcp', '*', 'medium', 'ssd', 0.073, '')",
    "address_prices": "('aws', 'on_demand', 0.005, ''), ('aws', 'spot', 0.005, ''), ('gcp', 'on_demand', 0.005, ''), "
    "('gcp', 'spot', 0.0025, '')",
    "egress_prices": "('aws', 'internet', 0.1, ''), ('aws', 'region', 0.02, ''), ('gcp', 'internet', 0.12, ''), "
    "('gcp', 'region', 0.02, ''), ('azure', 'internet', 0.08, ''), ('azure', 'region', 0.02, '')",
    "interruptions": "('aws', 'us-east-1', 'calm', 0, 50), ('aws', 'us-east-1', 'wild', 4, 60)",
    "doubts": "('ratio', 'aws', 'us-east-1', 'odd.large', 'a tenth of its family''s price')",
}
DISK_USD = 256 * 0.073 / 730
ADDRESS_USD = 0.005


def offer(cloud, region, instance_type, vcpus=8, memory_gib=32, **more):
    """Return an offer at 1 USD an hour, list price, unless `more` says otherwise."""
    zones = tuple(more.pop("zones", ()))
    values = {"hourly_usd": 1.0, "price_kind": "list", "price_as_of": "2026-01-01", "zones": zones, **more}
    return Offer(cloud, region, instance_type, vcpus, memory_gib, **values)


def planted(*offers, **facts):
    """Return a catalog of just these offers and of FACTS, single tables of which `facts` replaces."""
    catalog = Catalog(tuple(offers))
    for name, rows in {**FACTS, **facts}.items():
        columns = {row[0]: row[1] for row in catalog.connection.execute(f"DESCRIBE {name}").fetchall()}
        cast = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
        query = f"SELECT {cast} FROM (VALUES {rows}) AS planted ({', '.join(columns)})"
        catalog.connection.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
    return catalog


@pytest.fixture(name="planted")
def planted_catalog():
    return planted


@pytest.fixture(name="offer")
def an_offer():
    return offer
