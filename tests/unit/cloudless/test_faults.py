"""Faults that a test asks for, as the real terraform meets them."""

import os
import signal
import subprocess
import time

import pytest

from tests.unit.cloudless.terraform import Terraform

MACHINE = "aws_instance.this"


@pytest.fixture
def terraform(cloudless, tmp_path):
    return Terraform("one", tmp_path / "module", cloudless)


def test_no_capacity_in_aws_own_words_once(terraform, cloudless):
    cloudless.fail("no_capacity", "aws_instance", times=1)
    said = terraform.refused("apply", "-auto-approve")
    assert "InsufficientInstanceCapacity: We currently do not have sufficient m6i.large capacity" in said
    assert cloudless.calls() == []
    terraform.apply()
    assert cloudless.ledger.names() == ["w0"]


def test_a_fault_is_for_the_names_it_is_for(terraform, cloudless):
    cloudless.fail("quota", "aws_instance", "w1*")
    terraform.apply()
    assert cloudless.ledger.names() == ["w0"]


def test_bad_credentials_stop_before_anything(terraform, cloudless):
    cloudless.fail("credentials", "aws", on="configure")
    assert "InvalidClientTokenId" in terraform.refused("plan")
    cloudless.heal()
    terraform.run("plan")


def test_words_of_the_tests_own(terraform, cloudless):
    terraform.apply()
    cloudless.fail("other", "aws_instance", on="delete", text="<instance_type> does not want to go")
    assert "m6i.large does not want to go" in terraform.refused("destroy", "-auto-approve")
    assert len(cloudless.ledger) == 1


@pytest.mark.parametrize("killed", ["provider_killed", "terraform_killed"])
def test_a_kill_in_mid_create_leaves_what_terraform_never_hears_of(terraform, cloudless, killed):
    cloudless.fail(killed, "aws_instance", times=1)
    done = terraform.tried("apply", "-auto-approve")
    assert done.returncode == (-signal.SIGKILL if killed == "terraform_killed" else 1)
    assert cloudless.ledger.names() == ["w0"]
    assert terraform.changes() == {MACHINE: "create"}
    terraform.apply()
    assert cloudless.ledger.names() == ["w0", "w0"]


def test_a_slow_create_exists_at_once_and_ends_with_an_interrupted_terraform(terraform, cloudless):
    cloudless.slow(600, "aws_instance")
    with terraform.started("apply", "-auto-approve") as running:
        _wait_until(lambda: cloudless.ledger.names() == ["w0"], running)
        os.kill(running.pid, signal.SIGINT)
        assert running.wait() == 1
    # what was made and not waited for is kept, as tainted
    cloudless.heal()
    assert terraform.changes() == {MACHINE: "replace"}
    terraform.destroy()
    assert len(cloudless.ledger) == 0


def test_no_provider_outlives_a_terraform_that_is_killed(terraform, cloudless):
    cloudless.slow(600, "aws_instance")
    with terraform.started("apply", "-auto-approve") as running:
        _wait_until(lambda: cloudless.ledger.names() == ["w0"], running)
        providers = _children(running.pid)
        assert providers
        running.kill()
    _wait_until(lambda: not any(map(_is_alive, providers)))


def test_a_machine_gone_is_seen_by_most_providers_and_an_error_of_lambdas(cloudless, tmp_path):
    terraform = Terraform("lambdalabs", tmp_path / "module", cloudless)
    terraform.apply()
    cloudless.remove("lambdalabs_instance", "c1-w1")
    assert "Specified instance does not exist" in terraform.refused("plan")


def _wait_until(happened, running: subprocess.Popen | None = None) -> None:
    """Wait as long as a loaded machine may need; fail early where it cannot happen any more."""
    for _ in range(3000):
        if happened():
            return
        assert running is None or running.poll() is None
        time.sleep(0.02)
    pytest.fail("it did not happen in a minute")


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "--parent", str(pid)], capture_output=True, text=True, check=True)
    return [int(child) for child in found.stdout.split()]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
