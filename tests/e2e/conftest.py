"""The command line as a user runs it: its own process, its own home, no terminal."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

STYX = Path(sys.executable).with_name("styx")


@dataclass
class Styx:
    """Runs `styx` in one folder with one home."""

    folder: Path
    home: Path

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STYX_", "TF_", "RAY_"))}
        return {**kept, "STYX_HOME": str(self.home)}

    def run(self, *words, **changes):
        """Run `styx words` with changes to its environment and return what came of it."""
        return subprocess.run(
            [STYX, *map(str, words)], cwd=self.folder, env={**self.environment, **changes}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def __call__(self, *words, code=0, **changes):
        """Run `styx words`, check its exit code, return what it printed as (stdout, stderr)."""
        run = self.run(*words, **changes)
        assert run.returncode == code, f"styx {words} gave {run.returncode}\n{run.stdout}\n{run.stderr}"
        assert "Traceback" not in run.stderr
        return run.stdout, run.stderr

    def json(self, *words, **options):
        """Run a verb with --json and return what it says."""
        return json.loads(self(*words, "--json", **options)[0])

    def start(self, *words):
        """Start `styx words` in the background."""
        return subprocess.Popen(
            [STYX, *map(str, words)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def machines(self):
        """Return the machine folders that stand."""
        return sorted(path.parent.name for path in self.home.glob("state/local/*/*/machine.json"))

    def spec(self, text, name="task.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path


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
