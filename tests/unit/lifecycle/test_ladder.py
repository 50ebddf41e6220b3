"""Which rungs a refusal rules out."""

import pytest

from styx.clouds.failure import Failure
from styx.errors import CapacityError
from styx.lifecycle.ladder import Tried, rungs
from styx.offer import Offer
from styx.plan import Cost, Group, Placement, TaskPlan


def placement(place, kind="m5", zone="a", differs=""):
    cloud, region = place.split("/")
    group = Group("head", "head", 1, 1, Offer(cloud, region, kind, 4, 16), zone=zone)
    return Placement(cloud, region, (group,), Cost(1.0), differs)


HERE = placement("aws/east")
OTHERS = {
    "zone": placement("aws/east", zone="b"),
    "type": placement("aws/east", kind="m6"),
    "region": placement("aws/west"),
    "region and type": placement("aws/west", kind="m6"),
    "cloud": placement("gcp/east"),
}


@pytest.mark.parametrize(
    ("kind", "scope", "left"),
    [
        ("capacity", "zone", {"zone", "type", "region", "region and type", "cloud"}),
        ("capacity", "region", {"type", "region", "region and type", "cloud"}),
        ("capacity", "type", {"type", "region and type", "cloud"}),
        ("capacity", "account", {"cloud"}),
        ("quota", "zone", {"region", "region and type", "cloud"}),
        ("quota", "region", {"region", "region and type", "cloud"}),
        ("credentials", "account", {"cloud"}),
        ("credentials", "zone", {"cloud"}),
        ("credentials", "region", {"region", "region and type", "cloud"}),
    ],
)
def test_what_is_still_worth_a_try(kind, scope, left):
    tried = Tried(HERE, Failure(kind, scope), CapacityError("none"))
    assert {name for name, other in OTHERS.items() if not tried.rules_out(other)} == left


def test_each_rung_is_a_plan_of_its_own_with_the_others_for_its_ladder():
    ladder = tuple(OTHERS.values())
    found = list(rungs(TaskPlan("demo", 1, HERE, ladder)))
    assert [rung.placement for rung in found] == [HERE, *ladder]
    for rung in found:
        assert len(rung.ladder) == len(ladder)
        assert rung.placement not in rung.ladder
