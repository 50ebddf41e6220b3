"""Plans as values and as JSON."""

import json

import pytest

from styx.errors import IntegrityError
from styx.offer import Offer
from styx.plan import Cost, Group, Placement, Plan, Removed, TaskPlan

OFFER = Offer(
    "local", "here", "machine", 8, 32.0, zones=("a", "b"), accelerator="T4", accelerator_count=0.5, hourly_usd=1.5
)


@pytest.fixture
def plan():
    head = Group("head", "head", 1, 1, OFFER)
    workers = Group("workers", "worker", 3, 5, OFFER, market="spot", zone="a")
    placement = Placement("local", "here", (head, workers), Cost(6.0, disk_usd=0.25))
    other = Placement("local", "there", (head,), Cost(0, complete=False))
    task = TaskPlan("train", 4, placement, (other,), 100, (Removed("accelerators: T4", 90, 10),))
    return Plan("spec", "catalog", "2026-01-01", (task,))


def test_json_there_and_back(plan):
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize("data", [None, [], "x", {}, {"version": 0}, {"version": 2}, {"version": "1"}])
def test_other_versions_are_refused_with_the_command_that_makes_a_new_one(data):
    with pytest.raises(IntegrityError, match="version") as caught:
        Plan.from_json(data)
    assert "styx plan" in caught.value.hint
    assert caught.value.exit_code == 8


@pytest.mark.parametrize(
    "change",
    [{"tasks": None}, {"tasks": [{}]}, {"spec_digest": None}, {"catalog_date": []}, {"tasks": "train"}],
)
def test_malformed_plans_are_refused(plan, change):
    with pytest.raises(IntegrityError, match="malformed") as caught:
        Plan.from_json(plan.to_json() | change)
    assert "styx plan" in caught.value.hint


def test_missing_field_is_refused(plan):
    data = plan.to_json()
    del data["tasks"][0]["placement"]["groups"][0]["offer"]["cloud"]
    with pytest.raises(IntegrityError, match="cloud"):
        Plan.from_json(data)


def test_cost_is_the_sum_of_its_parts():
    assert Cost(1.0, 0.5, 0.25, 0.125).hourly_usd == 1.875
    assert Cost(0).hourly_usd == 0


def test_machines_at_the_start_are_the_minimum_of_each_group(plan):
    assert plan.tasks[0].placement.num_nodes == 4


def test_price_is_that_of_the_market():
    assert (OFFER.price_usd("on_demand"), OFFER.price_usd("reserved"), OFFER.price_usd("spot")) == (1.5, 1.5, None)
