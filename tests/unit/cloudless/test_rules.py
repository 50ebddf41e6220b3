"""What no schema knows, as a value."""

import pytest

from tests.cloudless import mirror
from tests.cloudless.rules import refusals, replacing
from tests.cloudless.values import UNKNOWN
from tests.unit.cloudless.terraform import Terraform

BLOCK = {
    "attributes": {"a": {"optional": True}, "b": {"computed": True}, "c": {"required": True}},
    "block_types": {
        "disk": {"nesting_mode": "list", "block": {"attributes": {"size": {"optional": True}}}},
        "rule": {"nesting_mode": "set", "block": {"attributes": {"port": {"optional": True}}}},
    },
}


@pytest.mark.parametrize(
    ("rules", "changed", "places"),
    [
        ({"force_new": "a"}, {"a": 2}, [("a",)]),
        ({"force_new": "a"}, {"a": UNKNOWN}, [("a",)]),
        ({"force_new": "c"}, {"a": 2}, []),
        ({"force_new": "disk.size"}, {"disk": [{"size": 1}, {"size": 9}]}, [("disk", 1, "size")]),
        ({"force_new": "disk.size"}, {"disk": [{"size": 1}]}, [("disk",)]),
        ({"force_new": "disk.kind"}, {"disk": [{"size": 1}, {"size": 9}]}, []),
        ({"force_new": "rule.port"}, {"rule": [{"port": 9}]}, [("rule",)]),
        ({"updatable": "a"}, {"a": 2, "b": 2, "c": 2}, [("c",)]),
        ({"force_new_if": {"again": "a"}}, {"a": 2, "again": True}, [("a",)]),
        ({"force_new_if": {"again": "a"}}, {"a": 2}, []),
    ],
)
def test_what_replaces(rules, changed, places):
    prior = {"a": 1, "b": 1, "c": 1, "disk": [{"size": 1}, {"size": 2}], "rule": [{"port": 1}], "again": False}
    assert replacing(rules, BLOCK, prior, prior | changed) == places


@pytest.mark.parametrize(
    ("rules", "config", "refused"),
    [
        ({"conflicts": ["a b"]}, {"a": 1, "b": 1}, ["a"]),
        ({"conflicts": ["a b"]}, {"a": 1, "b": UNKNOWN}, []),
        ({"conflicts": ["a b.c"]}, {"a": 1, "b": {"c": 2}}, ["a"]),
        ({"one_of": ["a b"]}, {"a": None, "b": []}, ["a"]),
        ({"one_of": ["a b"]}, {"a": None, "b": UNKNOWN}, []),
        ({"enum": {"a": "x y"}}, {"a": "z"}, ["a"]),
        ({"enum": {"a": "x y"}}, {"a": UNKNOWN}, []),
        ({"match": {"a.b": "[a-z]+"}}, {"a": [{"b": ["x", "Y"]}, {"b": ["Z"]}]}, ["a.b", "a.b"]),
        ({"match": {"a.~": "[a-z]+"}}, {"a": {"x": "Y", "Y": "x"}}, ["a.~"]),
        ({"match": {"a.*": "[a-z]+"}}, {"a": {"x": "Y", "y": "x"}}, ["a.*"]),
        ({"match": {"a.*": "[a-z]+"}}, {}, []),
        ({"range": {"a": [1, 3]}}, {"a": 4}, ["a"]),
        ({"most": {"a": 2}}, {"a": [1, 2, 3]}, ["a"]),
    ],
)
def test_what_is_refused(rules, config, refused):
    assert [place for place, _ in refusals(rules, config)] == refused


@pytest.mark.parametrize("name", mirror.providers())
def test_every_rule_is_about_something_that_there_is(name):
    schema, rules = mirror.cut(name), mirror.facts(name)["rules"]
    for kind, told in rules.items():
        if kind not in ("provider", "every"):
            block = schema["resource_schemas"][kind]["block"]
            unknown = [place for place in _places(told) if not _is_in(block, place.split("."))]
            assert unknown == [], kind


def _places(rules):
    for group in [rules.get("force_new", ""), rules.get("updatable", ""), *rules.get("force_new_if", {}).values()]:
        yield from group.split()
    for word in ("conflicts", "one_of"):
        yield from (place for group in rules.get(word, []) for place in group.split())
    for word in ("enum", "match", "range", "most", "read", "force_new_if"):
        yield from rules.get(word, {})


def _is_in(block, steps):
    name, *further = steps
    nested = block.get("block_types", {}).get(name, {}).get("block")
    attribute = block.get("attributes", {}).get(name)
    if not further or (nested is None and attribute is None):
        return nested is not None or attribute is not None
    if nested or "nested_type" in attribute:
        return _is_in(nested or attribute["nested_type"], further)
    inner = attribute["type"][-1]  # a map, or a list of objects
    return inner[0] != "object" or further[0] in inner[1]


def test_terraform_shows_a_refusal_with_its_line(cloudless, tmp_path):
    terraform = Terraform("one", tmp_path / "module", cloudless)
    assert "got gp9" in terraform.refused("plan", "-var=volume_type=gp9")
    assert "conflicts with user_data_base64" in terraform.refused(
        "plan", "-var=user_data=a", "-var=user_data_base64=YQ=="
    )
    assert '"tags.~" ("aws:x") doesn\'t match' in terraform.refused("plan", '-var=tags={"aws:x":"y"}')
