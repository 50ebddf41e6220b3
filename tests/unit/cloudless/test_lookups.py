"""What data sources find."""

import json

import pytest

from tests.cloudless import mirror
from tests.cloudless.faults import RefusedError
from tests.cloudless.lookups import Lookups, policy_document
from tests.cloudless.world import World

IMAGES = {
    "rows": {
        "image": [
            {"id": "1", "name": "ubuntu-24-a", "_owners": ["me", "99"], "creation_date": "2025", "tags": {"gpu": "no"}},
            {
                "id": "2",
                "name": "ubuntu-24-b",
                "_owners": ["me", "99"],
                "creation_date": "2026",
                "tags": {"gpu": "yes"},
            },
            {"id": "3", "name": "debian", "_owners": ["debian"], "creation_date": "2027", "default": True, "tags": {}},
        ],
        "family": [{"name": "u", "_version": "1"}, {"name": "u", "_version": "2"}],
    },
    "plural": {"images": {"of": "image", "ids": "id"}},
    "not_found": {"image": "none like <config>"},
}


@pytest.fixture
def lookups(tmp_path):
    return Lookups(World(tmp_path), IMAGES)


def by(name, *values):
    return {"filter": [{"name": name, "values": list(values)}]}


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"id": "1"}, "1"),
        ({"owners": ["99"], "most_recent": True}, "2"),
        ({**by("name", "ubuntu-24-*"), "most_recent": True, "owners": ["me"]}, "2"),
        (by("tag:gpu", "no"), "1"),
        (by("default", "true"), "3"),
        ({"name_regex": "^deb"}, "3"),
        ({"tags": {"gpu": "yes"}}, "2"),
        ({"unknown_of_rows": "x", "id": "3"}, "3"),
    ],
)
def test_what_fits(lookups, config, found):
    assert lookups.answer("image", config)["id"] == found


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"id": "9"}, 'none like {"id": "9"}'),
        (by("root-device", "ebs"), "none like"),
        ({"owners": ["me"]}, "multiple image matched"),
    ],
)
def test_what_does_not(lookups, config, said):
    with pytest.raises(RefusedError, match=said):
        lookups.answer("image", config)


def test_the_newest_version_of_one_name_is_found(lookups):
    assert lookups.answer("family", {"name": "u"})["_version"] == "2"


def test_a_plural_lists_what_fits(lookups):
    assert lookups.answer("images", {"owners": ["me"]}) == {"ids": ["1", "2"]}


def test_a_source_that_looks_nothing_up_is_never_refused(lookups):
    assert lookups.answer("region", {"name": "x"}) == {}


def test_a_test_adds_and_takes_away_and_the_ledger_is_found_too(tmp_path, lookups):
    world = World(tmp_path)
    world.write("lookups", {"image": [{"id": "0", "name": "mine"}]})
    world.write("missing", {"image": [{"name": "ubuntu-*"}], "region": [{"name": "moon"}]})
    world.ledger.put("image", "4", {"id": "4", "name": "made"})
    assert lookups.answer("images", {}) == {"ids": ["0", "3", "4"]}
    assert lookups.resource("4") == {"id": "4", "name": "made"}
    with pytest.raises(RefusedError):
        lookups.answer("region", {"name": "moon"})


@pytest.mark.parametrize("name", mirror.providers())
def test_every_row_is_of_a_source_that_is_served(name):
    schema, lookups = mirror.cut(name), mirror.facts(name)["lookups"]
    for kind, rows in lookups["rows"].items():
        known = schema["data_source_schemas"][kind]["block"]["attributes"]
        assert [key for row in rows for key in row if not key.startswith("_") and key not in known] == []


def test_the_policy_that_a_document_is():
    config = {
        "version": None,
        "statement": [
            {
                "sid": "Read",
                "effect": None,
                "actions": ["s3:GetObject", "s3:ListBucket"],
                "resources": ["arn:aws:s3:::b"],
                "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
                "condition": [{"test": "StringEquals", "variable": "aws:x", "values": ["y"]}],
            }
        ],
    }
    assert json.loads(policy_document(config)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Sid": "Read",
                "Action": ["s3:ListBucket", "s3:GetObject"],
                "Resource": "arn:aws:s3:::b",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:x": "y"}},
            }
        ],
    }
