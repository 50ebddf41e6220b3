"""A user of the command line: its own process, its own home, no terminal."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "tests"
STYX = Path(sys.executable).with_name("styx")


@dataclass
class Styx:
    """Runs `styx` in one folder with one home."""

    folder: Path
    home: Path
    started: float = field(default_factory=time.time)
    extra: dict[str, str] = field(default_factory=dict)
    """More environment, for all that this user runs."""

    def __post_init__(self):
        """Share the cache with the other users: Ray's environment is the same for all of them."""
        CACHE.mkdir(parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700)
        (self.home / "cache").symlink_to(CACHE)

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STYX_", "TF_", "RAY_"))}
        return {**kept, **self.extra, "STYX_HOME": str(self.home)}

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
        verb, *rest = words
        return json.loads(self(verb, "--json", *rest, **options)[0])

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
