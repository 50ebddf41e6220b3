import copy

from styx.review.approval import digest

PLAN = {
    "timestamp": "2026-01-01T00:00:00Z",
    "variables": {"caller_cidrs": {"value": ["203.0.113.4/32"]}, "size": {"value": "small"}},
    "resource_changes": [
        {
            "address": "aws_instance.machine",
            "type": "aws_instance",
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {"size": "small", "tags": {"styx-run": "r1", "team": "x"}},
                "after_unknown": {"id": True},
            },
        },
        {
            "address": "aws_rule.ssh",
            "type": "aws_rule",
            "change": {"actions": ["create"], "before": None, "after": {"cidrs": ["203.0.113.4/32"]}},
        },
        {"address": "data.aws_ami.image", "type": "aws_ami", "change": {"actions": ["read"], "after": {"at": "now"}}},
    ],
    "output_changes": {"hosts": {"actions": ["create"], "after_unknown": True}},
}


def of(change=lambda _plan: None):
    plan = copy.deepcopy(PLAN)
    change(plan)
    return digest(plan, {"caller_cidrs"})


def test_what_belongs_to_one_run_does_not_count():
    def other_run(plan):
        plan["timestamp"] = "2027-01-01T00:00:00Z"
        plan["variables"]["caller_cidrs"]["value"] = ["198.51.100.1/32"]
        plan["resource_changes"][1]["change"]["after"]["cidrs"] = ["198.51.100.1/32"]
        plan["resource_changes"][0]["change"]["after"]["tags"]["styx-run"] = "r2"
        plan["resource_changes"][2]["change"]["after"]["at"] = "later"
        plan["resource_changes"].reverse()

    assert of(other_run) == of()


def test_every_change_counts():
    def size(plan):
        plan["resource_changes"][0]["change"]["after"]["size"] = "large"

    def tag(plan):
        plan["resource_changes"][0]["change"]["after"]["tags"]["team"] = "y"

    def opened(plan):
        plan["resource_changes"][1]["change"]["after"]["cidrs"] = ["0.0.0.0/0"]

    def action(plan):
        plan["resource_changes"][0]["change"]["actions"] = ["delete", "create"]

    def less(plan):
        del plan["resource_changes"][1]

    def output(plan):
        plan["output_changes"] = {}

    assert len({of(), *(of(change) for change in (size, tag, opened, action, less, output))}) == 7
