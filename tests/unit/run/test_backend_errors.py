"""What Terraform says when it cannot get at its state: each kind's own words, as the real ones gave them."""

from pathlib import Path

import pytest
import yaml

from styx import errors
from styx.errors import CredentialError, IntegrityError, LockedError, TerraformError
from styx.run.terraform_errors import BackendMovedError, StateLockedError, failure
from styx.run.terraform_events import Diagnostic

MESSAGES = yaml.safe_load(Path(__file__).with_name("backend_messages.yaml").read_text())

INFO = """
Lock Info:
  ID:        1cfa0767-61bb-c068-f1b4-a75a2a1c34f0
  Path:      states/styx/a
  Operation: OperationTypePlan
  Who:       ada@desk
  Version:   1.11.4
  Created:   2026-11-23 23:57:42.330855776 +0000 UTC
  Info:

Terraform acquires a state lock to protect the state from being written by multiple users at the same time."""


def error(tmp_path, summary, detail="", **place):
    return failure("terraform plan", [Diagnostic("error", summary, detail, **place)], [], tmp_path / "log")


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case["said"][:40])
def test_what_keeps_terraform_from_its_state(case, tmp_path):
    found = error(tmp_path, case["said"])
    assert isinstance(found, getattr(errors, case["error"]))
    assert case["said"] in found.message
    assert case["hint"] in found.hint


def test_what_a_provider_or_a_file_says_is_not_about_the_state(tmp_path):
    for place in ({"address": "aws_instance.machine"}, {"file": "main.tf", "line": 1}):
        found = error(tmp_path, "No valid credential sources found", **place)
        assert isinstance(found, TerraformError)
        assert "aws sso" not in found.hint


def test_words_for_people_are_read_too(tmp_path):
    tail = ["╷", "│ Error: Error loading state: HTTP remote", "│ state endpoint invalid auth", "│", "╵"]
    assert isinstance(failure("terraform show", [], tail, tmp_path / "log"), CredentialError)


LOCKED = "Error acquiring the state lock"


def test_a_lock_with_its_holder(tmp_path):
    found = error(tmp_path, LOCKED, f"Error message: operation error S3: PutObject, PreconditionFailed{INFO}")
    assert isinstance(found, StateLockedError)
    assert "by ada@desk since 2026-11-23" in found.message
    assert found.lock.id in found.hint


@pytest.mark.parametrize(
    ("why", "number"),
    [
        ("HTTP remote state already locked: ID=0815", "0815"),
        ("Workspace is already locked: default", ""),
        ("operation error S3: PutObject, api error PreconditionFailed: no", ""),
    ],
)
def test_the_askers_own_lock_is_not_taken_for_the_holders(tmp_path, why, number):
    found = error(tmp_path, LOCKED, f"Error message: {why}" + ("" if "S3" in why else INFO))
    assert isinstance(found, LockedError)
    assert "ada" not in found.message + found.hint
    assert "1cfa0767" not in found.message + found.hint
    assert found.lock.id == number
    assert ("force-unlock" in found.hint) == bool(number)


def test_a_lock_that_could_not_even_be_asked_for_is_no_lock(tmp_path):
    refused = error(tmp_path, LOCKED, "Error message: HTTP remote state endpoint invalid auth\n\nTerraform acquires …")
    assert isinstance(refused, CredentialError)
    unreachable = error(tmp_path, LOCKED, "Error message: Failed to lock: dial tcp: connection refused\n\nTerraform …")
    assert isinstance(unreachable, TerraformError)


@pytest.mark.parametrize(
    "said",
    [
        "Backend configuration changed",
        "Can't ask approval for state migration when interactive input is disabled.\n\nPlease remove",
    ],
)
def test_another_backend_than_before(tmp_path, said):
    assert isinstance(error(tmp_path, said), BackendMovedError)
    assert not isinstance(error(tmp_path, said), IntegrityError)
