"""A case is a file: offers, a spec, and where it must go. Those named peer_* are answers that SkyPilot gets wrong."""

from pathlib import Path

import pytest
import yaml

from styx.errors import StyxError
from styx.optimizer import Conditions, blocked, choose
from styx.spec import loads

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CLOUDS = ("aws", "azure", "gcp")


def run(case, planted, offer):
    catalog = planted(*(offer(*row[:3], **row[3]) for row in case["offers"]))
    conditions = Conditions(
        blocklist=tuple(blocked(text) for text in case.get("blocklist", ())),
        minimize=case.get("minimize"),
        restart_hours=case.get("restart_hours", 0),
    )
    return choose(loads(case["spec"]), catalog, case.get("clouds", CLOUDS), conditions)


def place(placement):
    group = placement.groups[-1]
    return "/".join(part for part in (placement.cloud, placement.region, group.zone, group.offer.instance_type) if part)


def found(plan, expected):
    """Return what the plan has for each key of `expected`."""
    task = plan.tasks[0]
    cost = task.placement.cost
    values = {
        "goes_to": [place(one.placement) for one in plan.tasks] if len(plan.tasks) > 1 else place(task.placement),
        "ladder": [f"{one.differs} {place(one)}" for one in task.ladder],
        "groups": [
            f"{one.min_count} {one.role} {one.offer.instance_type} {one.market}" for one in task.placement.groups
        ],
        "compute_usd": cost.compute_usd,
        "disk_usd": cost.disk_usd,
        "address_usd": cost.address_usd,
        "network_usd": cost.network_usd,
        "egress_usd": cost.egress_usd,
        "hourly_usd": round(cost.hourly_usd, 6),
        "expected_usd": cost.expected_usd,
        "complete": cost.complete,
        "removed": {row.constraint: row.removed for row in task.removed},
        "relaxations": {row.constraint: row.hourly_usd for row in task.relaxations},
        "relaxed": [row.constraint for row in task.relaxations],
        "doubts": list(task.doubts),
        "disk": [f"{one.disk_gib} {one.disk_tier}" for one in task.placement.groups],
    }
    return {key: values[key] for key in expected}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, planted, offer):
    case = yaml.safe_load(path.read_text())
    if "error" not in case:
        assert found(run(case, planted, offer), case["expect"]) == case["expect"]
        return
    with pytest.raises(StyxError) as caught:
        run(case, planted, offer)
    assert caught.value.exit_code == case["exit_code"]
    said = f"{caught.value.message}\n{caught.value.hint}"
    assert [part for part in case["error"] if part not in said] == [], said


def test_there_are_cases():
    assert len(CASES) >= 30
