"""The schema cuts: complete, made by the script, and true where the real schemas are there to compare."""

import json

import pytest

from tests.cloudless import by_hand, cut, mirror
from tests.cloudless.fixtures import SHARED_SCHEMAS

CUTS = cut.cuts()


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_holds_what_is_listed_and_says_where_it_is_from(name):
    made, asked = mirror.cut(name), CUTS[name]
    assert (made["source"], made["made_from"]) == (asked["source"], asked["made_from"])
    for section, listed in (("resource_schemas", "resources"), ("data_source_schemas", "data")):
        if listed in asked:
            assert sorted(made[section]) == sorted(f"{asked['prefix']}_{kind}" for kind in asked[listed].split())


@pytest.mark.parametrize("name", [name for name, asked in CUTS.items() if "package" not in asked])
def test_what_is_written_by_hand_is_what_is_served(name):
    written, served = by_hand.schema(mirror.HERE / name / "schema.txt"), mirror.cut(name)
    assert {section: served[section] for section in written} == written


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_agrees_with_the_real_schema(name):
    if not SHARED_SCHEMAS.is_dir():
        pytest.skip("the schemas of the real providers are not here")
    made = mirror.cut(name)
    (real,) = json.loads((SHARED_SCHEMAS / f"{name}.json").read_text())["provider_schemas"].values()
    wrong = []
    for section in ("resource_schemas", "data_source_schemas"):
        for kind in made[section].keys() & real[section].keys():
            ours, theirs = _places(made[section][kind]["block"]), _places(real[section][kind]["block"])
            # A newer version may have more; what both have must be the same.
            wrong += [f"{kind}.{place} is not there" for place in ours.keys() - theirs.keys()]
            both = ours.keys() & theirs.keys()
            wrong += [f"{kind}.{place}: {ours[place]}" for place in both if ours[place] != theirs[place]]
    assert sorted(wrong) == sorted(CHANGED_SINCE.get(name, []))


CHANGED_SINCE = {"aws": ["aws_subnet.cidr_block: optional string", "aws_subnet.ipv6_cidr_block: optional string"]}
"""What the provider does otherwise in a version after that of the package."""


def _places(block, before=""):
    """Return dotted place → what it is, in words."""
    found = {}
    for name, attribute in block.get("attributes", {}).items():
        flags = [flag for flag in ("required", "optional", "computed") if attribute.get(flag)]
        nested = attribute.get("nested_type")
        kind = nested["nesting_mode"] if nested else _kind(attribute["type"])
        found[f"{before}{name}"] = " ".join([*flags, kind])
        found |= _places(nested or {}, f"{before}{name}.")
    for name, nested in block.get("block_types", {}).items():
        once = "one" if nested.get("max_items") == 1 else "many"
        least = "some" if nested.get("min_items") else "any"
        found[f"{before}{name}"] = f"block {nested['nesting_mode']} {once} {least}"
        found |= _places(nested["block"], f"{before}{name}.")
    return found


def _kind(kind):
    # An object's members differ by version, and those called description are not in the real ones that we have.
    return kind if isinstance(kind, str) else kind[0] if kind[0] == "object" else f"{kind[0]} of {_kind(kind[1])}"


def test_the_notation_of_what_is_written_by_hand(tmp_path):
    file = tmp_path / "schema.txt"
    file.write_text(
        "# a comment\nprovider\n  token string optional sensitive\n\n"
        "resource cloud_machine\n  ports list(number) required\n  status single computed\n    state string computed\n"
        "  timeouts block\n    create string\n"
    )
    schema = by_hand.schema(file)
    assert schema["provider"]["block"]["attributes"] == {
        "token": {"type": "string", "optional": True, "sensitive": True}
    }
    block = schema["resource_schemas"]["cloud_machine"]["block"]
    assert block["attributes"]["ports"] == {"type": ["list", "number"], "required": True}
    assert block["attributes"]["status"] == {
        "computed": True,
        "nested_type": {"nesting_mode": "single", "attributes": {"state": {"type": "string", "computed": True}}},
    }
    assert block["block_types"]["timeouts"]["block"]["attributes"] == {"create": {"type": "string", "optional": True}}
