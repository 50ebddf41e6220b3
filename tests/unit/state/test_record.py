"""Records as values and as JSON."""

import json

import pytest

from styx.errors import IntegrityError, UsageError
from styx.state import ClusterRecord
from styx.state.record import check_name


def test_json_there_and_back(record):
    made = record(slot=7, rendering="d", run_id="r", created_at="2026-01-01T00:00:00.000Z")
    assert ClusterRecord.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"status": "sleeping"},
        {"folder": "infra/hello"},
        {"num_nodes": "2"},
        {"num_nodes": True},
        {"hourly_usd": "free"},
        {"slot": 1.5},
        {"hosts": {}},
        {"hosts": [{"name": "x"}]},
        {"hosts": ["x"]},
        {"owner": None},
        {"surprise": "x"},
    ],
)
def test_malformed_json_is_refused(record, change):
    with pytest.raises(IntegrityError):
        ClusterRecord.from_json(record().to_json() | change)


@pytest.mark.parametrize("data", [None, [], "x", {}])
def test_what_is_no_record_is_refused(data):
    with pytest.raises(IntegrityError):
        ClusterRecord.from_json(data)


def test_missing_field_is_refused(record):
    data = record().to_json()
    del data["cloud"]
    with pytest.raises(IntegrityError, match="cloud"):
        ClusterRecord.from_json(data)


@pytest.mark.parametrize("name", ["hello", "a", "A.b_c-9", "x" * 63])
def test_good_names(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", ".", "..", "-x", ".x", "a\n", "a\0", "x" * 64, "${x}", "\u0430bc", "a b"]
)
def test_hostile_names(name):
    with pytest.raises(UsageError):
        check_name(name)


def test_live_is_between_apply_and_destroy(record):
    live = {status for status in ("planned", "applying", "up", "degraded", "destroying", "destroyed")
            if record(status=status).live}  # fmt: skip
    assert live == {"applying", "up", "degraded", "destroying"}
