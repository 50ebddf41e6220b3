"""What the journal's notes of money come to."""

from datetime import UTC, datetime

import pytest

from styx.review.spending import report
from styx.state import Event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MACHINES = [{"price_kind": "list", "price_as_of": "2026-11-01"}]


def note(at, state, usd=0.0, cluster="a", run="r1", owner="ann", **more):
    detail = {"state": state, "hourly_usd": usd, **more}
    return Event(f"2026-11-{at}:00.000Z", cluster, run, "apply", owner, 1, "billing", "note", detail)


def running(at, usd, **more):
    return note(at, "running", usd, machines=MACHINES, **more)


def keys(found):
    return {row.key: (round(row.spent_usd, 6), row.running_usd) for row in found.rows}


def test_a_stopped_cluster_costs_its_disks_and_one_that_is_gone_nothing():
    events = [
        running("24T00:00", 2.0),
        note("24T06:00", "stopped", 0.5, run="r2"),
        running("24T08:00", 2.0, run="r3", owner="bob"),
        note("24T09:00", "gone", run="r4"),
    ]
    found = report(events, "cluster", NOW, 30)
    assert keys(found) == {"a": (2 * 6 + 0.5 * 2 + 2, 0.0)}
    (life,) = found.runs
    assert (life.run_id, life.owner, life.hours, life.spent_usd) == ("r1", "ann", 9.0, 15.0)
    assert (life.estimated_hourly_usd, life.estimated_usd) == (2.0, 18.0)
    assert (life.begun, life.ended) == ("2026-11-24T00:00:00Z", "2026-11-24T09:00:00Z")
    assert found.prices == ("list of 2026-11-01",)


def test_what_runs_still_is_paid_for_until_now_and_a_new_life_begins_after_the_end():
    events = [running("24T00:00", 1.0), note("24T01:00", "gone"), running("24T10:00", 3.0, run="r9")]
    found = report(events, "cluster", NOW, 30)
    assert keys(found) == {"a": (1 + 3 * 2, 3.0)}
    assert [(life.run_id, life.ended) for life in found.runs] == [("r9", None), ("r1", "2026-11-24T01:00:00Z")]
    assert found.total.running_usd == 3.0


def test_only_the_window_counts_but_a_run_is_told_whole():
    found = report([running("20T12:00", 1.0)], "cluster", NOW, 1)
    assert keys(found) == {"a": (24.0, 1.0)}
    assert found.runs[0].hours == 96.0
    assert report([running("20T12:00", 1.0), note("21T12:00", "gone")], "cluster", NOW, 1).rows == ()


def test_days_are_split_at_midnight_in_their_order():
    found = report([running("22T18:00", 1.0)], "day", NOW, 30)
    assert keys(found) == {"2026-11-22": (6.0, 0.0), "2026-11-23": (24.0, 0.0), "2026-11-24": (12.0, 1.0)}
    assert [row.key for row in found.rows] == ["2026-11-22", "2026-11-23", "2026-11-24"]


@pytest.mark.parametrize(
    ("by", "spent"),
    [("user", {"ann": 24.0, "bob": 2.0}), ("label", {"team=x": 24.0, "tier=1": 12.0, "no label": 2.0})],
)
def test_users_and_labels(by, spent):
    events = [
        running("24T00:00", 1.0, labels={"team": "x", "tier": "1"}),
        running("24T00:00", 1.0, cluster="b", run="r2", labels={"team": "x"}),
        running("24T10:00", 1.0, cluster="c", run="r3", owner="bob", labels={}),
    ]
    found = report(events, by, NOW, 30)
    assert {row.key: row.spent_usd for row in found.rows} == spent
    assert found.total.spent_usd == 26.0
    assert found.rows[0].spent_usd == 24.0


def test_an_unknown_price_makes_a_lower_bound():
    events = [running("24T00:00", None), running("24T06:00", 1.0, cluster="b", run="r2")]
    found = report(events, "cluster", NOW, 30)
    assert {row.key: (row.spent_usd, row.complete) for row in found.rows} == {"a": (0.0, False), "b": (6.0, True)}
    assert not found.total.complete
    assert found.runs[1].estimated_usd is None
