"""What an apply writes down of money, and what the report makes of it, on the cloud that is none."""

import re

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures

pytestmark = pytest.mark.emulated

SPEC = (
    "num_nodes: 2\nresources: {infra: aws/us-east-1, instance_type: m6i.large, labels: {team: vision}}\n"
    "styx: {ray: false}\n"
)


def test_a_cluster_is_in_the_report_while_it_runs_and_after_its_end(styx, cloudless):  # noqa: F811
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    styx("apply", styx.spec(SPEC), "--yes")
    (record,) = styx.json("status")
    (row,) = styx.json("cost-report", "--by", "label")["rows"]
    assert (row["key"], row["running_usd"]) == ("team=vision", record["hourly_usd"])
    styx("destroy", "task", "--yes")
    found = styx.json("cost-report")
    assert [(row["key"], row["running_usd"]) for row in found["rows"]] == [("task", 0.0)]
    (run,) = found["runs"]
    assert run["estimated_hourly_usd"] == record["hourly_usd"]
    assert 0 < run["spent_usd"] == pytest.approx(run["hours"] * record["hourly_usd"])
    assert re.fullmatch(r"list of 20\d\d-\d\d-\d\d", *found["prices"])
