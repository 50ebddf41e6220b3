"""What a cloud makes up, by templates."""

import re

import pytest

from tests.cloudless import mirror
from tests.cloudless.computed import Maker
from tests.cloudless.values import UNKNOWN
from tests.cloudless.world import World

STRING = {"type": "string", "computed": True}
SUBNETS = {"subnet-1": {"cidr": "10.1.0.0/24", "zone": "a", "network_id": "net-1"}, "net-1": {"name": "net"}}


@pytest.fixture
def make(tmp_path):
    def made(template, path=("x",), kind="string", **own):
        maker = Maker(World(tmp_path), SUBNETS.get, {"x": template, "_side": "side {name}"}, [{"region": "r1"}], own)
        return maker.value({"type": kind, "computed": True}, path)

    return made


@pytest.mark.parametrize(
    ("template", "own", "value"),
    [
        ("{name}/{region}", {"name": "w"}, "w/r1"),
        ("{region}", {"region": "r2"}, "r2"),
        ("{region}", {"region": UNKNOWN}, "r1"),
        ("{x|region}", {"x": UNKNOWN}, "r1"),
        ("{nothing|'text'}", {}, "text"),
        ("{nothing}", {}, ""),
        ("{subnet>zone}", {"subnet": "subnet-1"}, "a"),
        ("{subnet>network_id>name}", {"subnet": "subnet-1"}, "net"),
        ("{subnet>zone|region}", {"subnet": "subnet-9"}, "r1"),
        ("{public&'yes'|'no'}", {"public": True}, "yes"),
        ("{public&'yes'|'no'}", {"public": False}, "no"),
        ("{nics.0.ip}", {"nics": [{"ip": "1"}]}, "1"),
        ("{_side}!", {"name": "w"}, "side w!"),
    ],
)
def test_a_template(make, template, own, value):
    assert make(template, **own) == value


@pytest.mark.parametrize(
    ("template", "pattern"),
    [("i-{hex:17}", r"i-[0-9a-f]{17}"), ("{digits:12}", r"\d{12}"), ("{uuid}", r"[0-9a-f-]{36}")],
)
def test_what_is_made_up(make, template, pattern):
    assert re.fullmatch(pattern, make(template))
    assert make(template) != make(template)


def test_values_have_the_form_of_their_type(make):
    kind = ["object", {"state": "string", "addresses": ["list", "string"], "public": ["object", {"ip": "string"}]}]
    template = {"state": "{name}", "public": {"_if": "{wanted}", "ip": "1"}}
    assert make(template, kind=kind, name="w") == {"state": "w", "addresses": None, "public": None}
    assert make(template, kind=kind, wanted=True)["public"] == {"ip": "1"}
    assert make("{nothing}", kind="bool") is False
    assert make("{nothing}", kind=["list", "string"]) == []


def test_a_place_inside_a_block_is_made_up_once_an_element(tmp_path):
    templates = {"nic.ip": "{private_address}", "first": "{nic.0.ip}", "_network": "10.1.0.0/24"}
    maker = Maker(World(tmp_path), SUBNETS.get, templates, [], {"name": "w", "nic": [{"ip": UNKNOWN}, {"ip": UNKNOWN}]})
    assert maker.value(STRING, ("first",)) == "10.1.0.5"
    assert maker.value(STRING, ("nic", 0, "ip")) == "10.1.0.5"
    assert maker.value(STRING, ("nic", 1, "ip")) == "10.1.0.6"


@pytest.mark.parametrize("name", mirror.providers())
def test_every_resource_has_an_id_of_its_clouds_kind(name):
    schema, computed = mirror.cut(name), mirror.facts(name)["computed"]
    assert [kind for kind in schema["resource_schemas"] if "id" not in computed.get(kind, {})] == []
    served = {*schema["resource_schemas"], *(f"data.{kind}" for kind in schema["data_source_schemas"])}
    assert computed.keys() - served <= {"constants", "every", "merged"}
