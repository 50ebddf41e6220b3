"""The published matrix is what the records say, and the records say enough."""

from pathlib import Path
from typing import get_args

import pytest

import styx
from styx import clouds
from styx.cli import cloud_table
from styx.clouds import Capability
from styx.clouds.stopping import Means, Shutdown

DOCS = Path(styx.__file__).parent.parent / "docs" / "clouds.md"


def test_the_page_is_current():
    assert DOCS.read_text() == cloud_table.page(), "run: make docs"


def test_every_capability_and_cloud_is_on_it():
    page = cloud_table.page()
    assert all(f"| `{name}` |" in page for name in get_args(Capability))
    assert all(f"| {clouds.by_id(cloud).title} |" in page for cloud in clouds.ids())


@pytest.mark.parametrize("cloud", clouds.ids())
def test_a_record_says_how_machines_stop_and_where_that_stands(cloud):
    stopping = clouds.by_id(cloud).stopping
    assert stopping.source
    assert stopping.shutdown in get_args(Shutdown)
    assert {stopping.autostop, stopping.autodown} <= set(get_args(Means))
    assert bool(stopping.chosen_by) == (stopping.shutdown == "chosen")
    assert stopping.can_stop or not (stopping.autostop or stopping.spot_can_stop)
    assert "shutdown" not in {stopping.autostop, stopping.autodown} or stopping.shutdown_ends_billing


@pytest.mark.parametrize("cloud", clouds.ids())
def test_a_mechanism_is_named_where_a_spec_may_ask_for_it(cloud):
    record = clouds.by_id(cloud)
    for capability, name in (("use_spot", record.spot), ("network_tier", record.fast_network),
                             ("image_id", record.image_forms)):  # fmt: skip
        assert name or capability not in record.capabilities, capability
    assert bool(record.tunnels) == ("styx.network.tunnel" in record.capabilities)
    assert record.is_own or record.failures
