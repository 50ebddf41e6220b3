"""Every cloud's record, and what a feed of prices alone is completed from."""

import pytest

from styx import clouds
from styx.clouds import Known
from styx.offer import Offer

HERE = Offer("aws", "us-east-1", "m5.large", 2, 8, ("us-east-1a",), hourly_usd=0.1, spot_hourly_usd=0.04,
             price_kind="list", spot_kind="list")  # fmt: skip


@pytest.mark.parametrize("cloud_id", clouds.ids())
def test_a_record_is_of_its_own_package(cloud_id):
    record = clouds.by_id(cloud_id)
    assert record.id == cloud_id
    assert record.title
    assert record.feed is None or all(url.startswith("https://") for url in record.feed.hosts.values())


def test_a_known_machine_keeps_its_zones_in_its_own_region_only():
    known = Known({("us-east-1", "m5.large"): HERE}, {"m5.large": HERE})
    assert known.shape("us-east-1", "m5.large").zones == ("us-east-1a",)
    other = known.shape("us-west-9", "m5.large")
    assert (other.region, other.zones, other.vcpus) == ("us-west-9", (), 2)
    assert (other.hourly_usd, other.spot_hourly_usd, other.price_kind, other.spot_kind) == (
        None,
        None,
        "unknown",
        "unknown",
    )
    assert known.shape("us-east-1", "m5.metal") is None


@pytest.mark.parametrize("cloud_id", clouds.ids())
def test_what_can_be_stopped_has_a_switch(cloud_id):
    record = clouds.by_id(cloud_id)
    assert record.stopping.can_stop == (record.power is not None)
