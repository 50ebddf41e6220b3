"""The main road on this machine: an apply of what stands, a new job's first line, and what Styx itself adds."""

import re
import subprocess
import time
from pathlib import Path

from measure import Measure, environment, styx

SPEC = Path(__file__).parent / "specs" / "two-nodes.yaml"
NAME = "bench-road"
SHARE_OF_STEPS = 0.05
TOOLS = ("terraform plan", "terraform apply", "ansible")


def measures(_work: Path) -> list[Measure]:
    """Return the measures; the first apply, with its downloads, is the warm-up of `apply, unchanged`."""
    unchanged = styx("apply", SPEC, "--cluster", NAME, "--yes", "--no-run")
    return [
        Measure("apply, unchanged", unchanged, limit_s=10),
        Measure("exec to first line", timed=_first_line, limit_s=6),
        Measure("apply, own share", timed=_own_share, limit_s=SHARE_OF_STEPS),
    ]


def finish(work: Path) -> None:
    """Destroy what the measures stand on."""
    _run(work, "destroy", NAME, "--yes", check=False)


def _first_line(work: Path) -> float:
    """Return the seconds from the start of `styx exec` on two nodes to the first line of its job."""
    words = styx("exec", NAME, "--num-nodes", "2", "--", "echo first; sleep 1")
    begin = time.perf_counter()
    with subprocess.Popen(
        words, cwd=work, env=environment(work), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as run:
        assert run.stdout is not None
        line = run.stdout.readline()
        seconds = time.perf_counter() - begin
        run.communicate()
    if b"first" not in line:
        raise SystemExit(f"exec printed {line!r}")
    return seconds


def _own_share(work: Path) -> float:
    """Return what a whole new apply takes beyond Terraform and Ansible, as a share of theirs (no unit)."""
    begin = time.perf_counter()
    told = _run(work, "apply", SPEC, "--cluster", f"{NAME}-2", "--yes", "--no-run").stderr
    seconds = time.perf_counter() - begin
    _run(work, "destroy", f"{NAME}-2", "--yes")
    steps = {name: float(took) for name, took in re.findall(r"^(.+): ok \(([\d.]+) s\)$", told, re.MULTILINE)}
    tools = sum(steps[name] for name in TOOLS)
    return (seconds - tools) / tools


def _run(work: Path, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        styx(*words),
        cwd=work,
        env=environment(work),
        capture_output=True,
        text=True,
        check=check,
        stdin=subprocess.DEVNULL,
    )
