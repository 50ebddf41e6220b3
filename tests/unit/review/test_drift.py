"""What Terraform's plan of a refresh says was changed by hand."""

from styx.review.drift import Difference, Drift, drifts


def plan(before, after, expressions, actions=("update",), **more):
    change = {"actions": list(actions), "before": before, "after": after, **more}
    drift = {"address": "machine.it[0]", "type": "machine", "name": "it", "change": change}
    resource = {"type": "machine", "name": "it", "expressions": expressions}
    return {"resource_drift": [drift], "configuration": {"root_module": {"resources": [resource]}}}


def test_only_what_the_files_set_can_drift():
    found = plan({"size": "a", "state": "running"}, {"size": "b", "state": "stopped"}, {"size": {"constant_value": 1}})
    assert drifts(found) == (Drift("machine.it[0]", "changed", (Difference("size", "a", "b"),)),)
    assert drifts(plan({"state": "running"}, {"state": "stopped"}, {"size": {}})) == ()


def test_what_is_gone_is_gone():
    assert drifts(plan({"size": "a"}, None, {"size": {}}, actions=("delete",))) == (Drift("machine.it[0]", "gone"),)


def test_blocks_are_compared_by_what_is_written_in_them():
    expressions = {"disk": [{"size": {}, "tags": {}}], "net": [{"access": [{}]}]}
    before = {"disk": [{"size": 1, "id": "x"}], "net": [{"access": [{"ip": "1"}]}]}
    after = {"disk": [{"size": 2, "id": "y"}], "net": [{"access": [{"ip": ""}]}]}
    (found,) = drifts(plan(before, after, expressions))
    assert found.differences == (Difference("disk.0.size", 1, 2),)
    removed = plan(before, {"disk": [], "net": before["net"]}, expressions)
    assert drifts(removed)[0].differences == (Difference("disk", before["disk"], []),)


def test_a_sensitive_value_is_masked_wherever_it_is():
    before, after = {"key": "a", "nested": {"x": ["s3cret"]}}, {"key": "b", "nested": {"x": ["other"]}}
    marks = {"before_sensitive": {"nested": {"x": [True]}}, "after_sensitive": {"key": True}}
    (found,) = drifts(plan(before, after, {"key": {}, "nested": {}}, **marks))
    assert found.differences == (Difference("key", "a", "***"), Difference("nested", "***", {"x": ["other"]}))
