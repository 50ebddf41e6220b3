import pytest

from styx.offer import Offer
from styx.plan import Cost, Group, Placement
from styx.review.policy import Judged, violations
from styx.spec.policy import Policy


def judged(usd=1.0, tags=("team",), public_ip=True, complete=True):
    offer = Offer("aws", "eu-west-1", "m5.large", 2, 8, hourly_usd=usd)
    cost = Cost(usd, complete=complete)
    return Judged(Placement("aws", "eu-west-1", (Group("head", "head", 1, 1, offer),), cost), tags, public_ip)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"clouds": ["aws", "gcp"], "regions": ["eu-*"], "instance_types": ["m5.*"], "tags": ["team"]},
        {"regions": ["aws/eu-west-*"]},
        {"budget": {"hourly": 1}},
        {"forbid": ["replace"]},
    ],
)
def test_what_keeps_the_rules_breaks_none(policy):
    assert violations(Policy.model_validate(policy), judged()) == ()


@pytest.mark.parametrize(
    ("policy", "rule", "said"),
    [
        ({"clouds": ["gcp"]}, "clouds", "aws is none of gcp"),
        ({"regions": ["us-*", "gcp/eu-*"]}, "regions", "aws/eu-west-1 is none of"),
        ({"instance_types": ["t3.*"]}, "instance_types", "m5.large is none of"),
        ({"budget": {"monthly": 700}}, "budget", "$1.00 an hour is over $0.96"),
        ({"tags": ["team", "owner"]}, "tags", "the tag owner is missing"),
        ({"forbid": ["public_ip"]}, "forbid", "public addresses"),
    ],
)
def test_each_rule_is_told_when_it_is_broken(policy, rule, said):
    [found] = violations(Policy.model_validate(policy), judged())
    assert found.rule == rule
    assert said in found.message


def test_a_cost_that_is_not_known_cannot_be_held_to_a_budget():
    [found] = violations(Policy.model_validate({"budget": {"hourly": 5}}), judged(complete=False))
    assert "no known price" in found.message


def test_machines_that_carry_no_tags_need_none():
    assert violations(Policy.model_validate({"tags": ["team"]}), judged(tags=None)) == ()
