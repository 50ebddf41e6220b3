"""What `styx history` makes of the journal."""

import pytest

from styx.errors import CapacityError, UsageError
from styx.lifecycle.history import history
from styx.lifecycle.session import Session
from styx.settings import Settings
from styx.state import Store

MACHINES = [{"group": "head", "count": 2, "instance_type": "m5.large", "market": "spot", "zone": "us-east-1a"}]
RUNG = {"place": "aws/us-east-1", "machines": MACHINES}


@pytest.fixture
def session(tmp_path):
    with Store.open(tmp_path / "state") as store:
        yield Session(Settings(), store)


def test_runs_are_told_with_what_they_changed_and_cost(session):
    with session.store.run("demo", "apply", "ann") as run:
        with run.step("terraform plan", {"place": "aws/us-east-1"}):
            pass
        with pytest.raises(CapacityError), run.step("rung", RUNG):
            raise CapacityError("none is free\nmore words")
        with run.step("rung", RUNG) as told:
            run.note("billing", {"state": "running", "hourly_usd": 0.5})
            told["changes"] = 3
    with session.store.run("demo", "destroy", "bob") as run:
        with run.step("terraform destroy") as told:
            told["resources"] = 12
        run.note("billing", {"state": "gone", "hourly_usd": 0.0})
    last, first = history("demo", session, 20)
    where = "aws/us-east-1/us-east-1a: 2 m5.large (spot)"
    assert first.changes == (f"{where} refused, CapacityError: none is free", where)
    assert (first.run.owner, first.run.exit_code, first.hourly_usd) == ("ann", 0, 0.5)
    assert (last.run.verb, last.changes, last.hourly_usd) == ("destroy", ("12 resources destroyed",), 0.0)
    assert [entry.run.verb for entry in history("demo", session, 1)] == ["destroy"]


def test_a_cluster_that_never_was_is_met_with_those_that_were(session):
    with session.store.run("demo", "apply", "ann"):
        pass
    with pytest.raises(UsageError) as refused:
        history("dem", session, 20)
    assert refused.value.hint == "there are: demo"
