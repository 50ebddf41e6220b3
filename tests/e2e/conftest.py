"""What the end-to-end tests share."""

import shutil
import subprocess

import pytest

from tests.e2e.tally import TALLY
from tests.e2e.user import STYX, Styx


@pytest.fixture
def styx(tmp_path):
    """Give a user of their own, and destroy whatever a failed test leaves."""
    folder = tmp_path / "work"
    folder.mkdir()
    user = Styx(folder, tmp_path / "home")
    yield user
    names = [cluster["name"] for cluster in user.json("status")]
    for name in names:
        subprocess.run([STYX, "destroy", name, "--yes"], cwd=folder, env=user.environment, check=False)
    assert not user.machines()


@pytest.fixture(scope="session", autouse=True)
def a_terraform():
    """Stop early, with the reason, where no Terraform of any kind can be had."""
    from styx.errors import ToolMissingError
    from styx.run import terraform_binary

    try:
        terraform_binary.find()
    except ToolMissingError as error:
        pytest.exit(f"{error.message}: {error.hint}", returncode=3)


@pytest.fixture
def no_terraform_path(tmp_path):
    """Return a PATH with what Styx needs but no terraform and no tofu."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python3", "sh", "bash", "env"):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


def pytest_terminal_summary(terminalreporter):
    """Say what the faults came to, where any were made."""
    if TALLY:
        cases = sum(len(terminalreporter.getreports(outcome)) for outcome in ("passed", "failed"))
        counts = ", ".join(f"{TALLY[name]} {name}" for name in ("kills", "leaks", "duplicates", "losses"))
        terminalreporter.write_line(f"faults: {cases} cases, {counts}")
