"""What the sweep costs an apply: Google Cloud's, whose provider and API are none and answer at once."""

import re
import subprocess
import sys
from pathlib import Path

from measure import Measure, environment, styx

sys.path.insert(0, str(Path(__file__).parent.parent))

SPEC = "num_nodes: 2\nresources: {infra: gcp/us-central1, cpus: 4+}\nstyx: {ray: false}\n"

LIMIT_S = 0.3
"""How long an apply may wait for its sweep beyond the cloud's own answers."""


def measures(work: Path) -> list[Measure]:
    """Return the one measure: the step `sweep` of an apply that makes a new cluster."""
    return [Measure("an apply waits for its sweep", limit_s=LIMIT_S, timed=lambda _work: _swept(work))]


def _swept(work: Path) -> float:
    """Apply and destroy once; return the seconds of the step."""
    from tests.cloudless.fixtures import Cloudless, Images

    folder = work / "sweep"
    images = Images(work / "sweep-providers")
    number = len(list(folder.glob("*"))) if folder.is_dir() else 0
    cloudless = Cloudless(folder / str(number), images)
    cloudless.api("gcp")
    try:
        env = {**environment(work), **cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
        spec = work / "swept.yaml"
        spec.write_text(SPEC)
        said = _run(work, env, "apply", str(spec), "--yes")
        _run(work, env, "destroy", "swept", "--yes")
    finally:
        cloudless.close()
    return float(re.findall(r"^sweep: ok \(([\d.]+) s\)$", said, re.MULTILINE)[0])


def _run(work: Path, env: dict[str, str], *words: str) -> str:
    run = subprocess.run(
        styx(*words), cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if run.returncode:
        sys.exit(f"styx {words} ended with {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stderr
