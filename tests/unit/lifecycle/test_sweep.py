"""Which orphans nobody can have used: those of a run that was cut off, made while it ran."""

import contextlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from styx.clouds import Found
from styx.errors import CapacityError, StyxError, TerraformError
from styx.lifecycle import sweep
from styx.lifecycle.session import Session
from styx.settings import Settings
from styx.state import Store


@pytest.fixture
def session():
    with Store.open() as store:
        yield Session(Settings(), store)


KILLED = """
import os
from styx.state import Store
with Store.open() as store, store.run("train", "apply", "ada") as run, run.step("terraform apply"):
    os._exit(9)
"""


def apply(session, error=None):
    """Journal an apply whose Terraform ends well, or fails."""
    with contextlib.suppress(StyxError), session.store.run("train", "apply", "ada") as run, run.step("terraform apply"):
        if error:
            raise error


def killed(_session):
    """Let a process of its own begin an apply, and be gone."""
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == 9


def failed(session):
    apply(session, TerraformError("it was killed"))


def cut_off(session):
    return sweep._cut_off("train", "", session)


def test_a_run_that_ended_well_or_was_refused_leaves_nothing_unknown(session):
    apply(session)
    apply(session, CapacityError("none is free"))
    assert cut_off(session) == []


@pytest.mark.parametrize("how", [killed, failed])
def test_a_run_that_was_cut_off_is_remembered_until_a_destroy_has_looked(session, how):
    how(session)
    apply(session)
    assert len(cut_off(session)) == 1
    with session.store.run("train", "destroy", "ada") as run:
        run.exit_code = 9
    assert len(cut_off(session)) == 1
    with session.store.run("train", "destroy", "ada"):
        pass
    assert cut_off(session) == []


def machine(run, created):
    made = created.isoformat() if created else ""
    return Found("machine", "i-1", "m", "train", tags={"styx-run": run}, holds_data=True, created=made)


def test_only_what_such_a_run_made_while_it_ran_is_unused():
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    spans, runs = [(start, start + timedelta(minutes=10))], {"r1"}
    assert sweep._is_unused(machine("r1", start + timedelta(minutes=5)), spans, runs)
    assert sweep._is_unused(machine("r1", start - timedelta(seconds=30)), spans, runs)  # clocks differ
    assert not sweep._is_unused(machine("r1", start - timedelta(hours=1)), spans, runs)
    assert not sweep._is_unused(machine("r1", start + timedelta(hours=1)), spans, runs)
    assert not sweep._is_unused(machine("r9", start + timedelta(minutes=5)), spans, runs)
    assert not sweep._is_unused(machine("r1", None), spans, runs)
    assert not sweep._is_unused(machine("r1", start), [], runs)


def test_what_says_no_owner_is_ours_only_where_nobody_else_has_such_a_cluster(session):
    mine = Found("network", "n-1", "n", "train", tags={"styx-owner": "ada"})
    bare, theirs = Found("key", "k-1", "k", "train"), Found("disk", "d-1", "d", "train", tags={"styx-owner": "bob"})
    assert sweep._own([mine, bare], {"ada"}, session) == [mine, bare]
    assert sweep._own([mine, bare, theirs], {"ada"}, session) == [mine]
    assert sweep._own([mine, bare, theirs], {"ada", "bob"}, session) == [mine, bare, theirs]
