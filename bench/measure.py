"""Timing commands: what a measure is, running them in turn, and judging their medians."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DROPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "TF_CLI_CONFIG_FILE", "STYX_HOME")
"""Variables of the caller that would change what is measured."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One command to time, and what its median is judged by."""

    name: str
    argv: tuple[str, ...] = ()
    limit_s: float | None = None
    """The most its median may be; with `against`, how much more than that one's median."""
    against: str = ""
    """The measure that it is compared with; empty when the limit is absolute."""
    environment: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset({0})
    timed: Callable[[Path], float] | None = None
    """Measures by itself, given the work folder; `argv` is not run then."""
    unit: str = "s"
    """What `timed` measures in; the limit too."""


@dataclass(frozen=True, slots=True)
class Result:
    """The times of one measure and the verdict on them."""

    name: str
    median_s: float
    fastest_s: float
    slowest_s: float
    rounds: int
    limit_s: float | None
    """The absolute limit that was used."""
    basis: str
    """How the limit came about, for a reader."""
    unit: str = "s"

    @property
    def verdict(self) -> str:
        """`ok`, `TOO SLOW`, or a dash for a measure that only others are compared with."""
        if self.limit_s is None:
            return "-"
        return "ok" if self.median_s <= self.limit_s else "TOO SLOW"


def styx(*words: str | Path) -> tuple[str, ...]:
    """Return the argv of a styx command: the installed script where there is one, as a user has it."""
    script = Path(sys.executable).with_name("styx")
    start = (str(script),) if script.exists() else (sys.executable, "-m", "styx")
    return (*start, *map(str, words))


def environment(work: Path) -> dict[str, str]:
    """Return the caller's environment for a command that keeps its state in `work`."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return kept | {"STYX_HOME": str(work / "home"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


def run(measure: Measure, work: Path) -> float:
    """Run a measure once and return the seconds that it took; end everything when it fails."""
    if measure.timed:
        return measure.timed(work)
    begin = time.perf_counter()
    done = subprocess.run(
        measure.argv,
        cwd=work,
        env=environment(work) | measure.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - begin
    if done.returncode not in measure.accepted:
        command = " ".join(measure.argv)
        sys.exit(f"{measure.name}: `{command}` ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def results(measures: Sequence[Measure], work: Path, rounds: int) -> list[Result]:
    """Run all measures in turn, `rounds` times after one warm-up, and judge each median."""
    for measure in measures:
        run(measure, work)
    times: dict[str, list[float]] = {measure.name: [] for measure in measures}
    for _ in range(rounds):
        for measure in measures:
            times[measure.name].append(run(measure, work))
    medians = {name: statistics.median(found) for name, found in times.items()}
    return [_result(measure, times[measure.name], medians) for measure in measures]


def _result(measure: Measure, times: Sequence[float], medians: Mapping[str, float]) -> Result:
    limit_s, basis = measure.limit_s, ""
    if limit_s is not None and measure.against:
        basis = f"{measure.against} + {limit_s:g} s"
        limit_s += medians[measure.against]
    return Result(measure.name, medians[measure.name], min(times), max(times), len(times), limit_s, basis, measure.unit)
