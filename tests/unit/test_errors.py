"""Errors: each has a code and a next step, and the drawn tree is the real one."""

import re

import pytest

from styx import errors
from styx.errors import Fault, JobError, SpecError, StyxError, tree

OWN = [error for error in tree() if error.__module__ == "styx.errors"]


def drawn():
    """Return name → exit code as the module's docstring draws it."""
    lines = [line for line in (errors.__doc__ or "").splitlines() if "Error" in line]
    return {name: int(re.findall(r"\d+", line)[0]) for line in lines for name in re.findall(r"\w+Error", line)}


def test_drawn_tree_is_the_real_one():
    assert drawn() == {error.__name__: error.exit_code for error in OWN}


@pytest.mark.parametrize("error", OWN, ids=lambda error: error.__name__)
def test_each_says_what_it_means_and_what_to_do(error):
    assert error.__doc__
    for text in (error.default_hint, error.meaning):
        assert text
        assert not text.endswith(".")
    if error is not StyxError:
        assert "meaning" in vars(error)
        assert "default_hint" in vars(error)


def test_hint_and_log_default_to_the_kinds_own(tmp_path):
    plain = errors.LockedError("held")
    assert (str(plain), plain.message, plain.hint, plain.log) == ("held", "held", errors.LockedError.default_hint, None)
    told = errors.LockedError("held", "wait", log=tmp_path)
    assert (told.hint, told.log) == ("wait", tmp_path)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("a.yaml", 3, 7, "resources.cpus", "must be positive", "try 4"),
         "a.yaml:3:7: resources.cpus: must be positive (try 4)"),
        (Fault("a.yaml", 1, 1, "", "is empty"), "a.yaml:1:1: is empty"),
        (Fault("--gpus", 0, 0, "", "is no accelerator"), "--gpus: is no accelerator"),
    ],
)  # fmt: skip
def test_fault_reads_as_a_compiler_would_say_it(fault, text):
    assert str(fault) == text


def test_spec_error_reports_every_fault():
    faults = [Fault("a.yaml", line, 1, "x", "is wrong") for line in (1, 2, 3)]
    error = SpecError(faults)
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == [str(fault) for fault in faults]


def test_job_error_carries_the_jobs_own_code():
    assert JobError("failed", job_exit_code=7).job_exit_code == 7
    assert JobError("failed").job_exit_code is None
    assert JobError("failed", job_exit_code=7).exit_code == 10
