"""Run the benchmarks and judge them: `python bench/run.py [--topic TOPIC] [--rounds N] [--json FILE] [NAME …]`."""

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import measure

TOPICS = (
    "command_line",
    "main_road",
    "clouds",
    "faults",
    "hosts",
    "catalog",
    "optimizer",
    "git",
    "sweep",
    "task_server",
)
"""The modules beside this file that have a function `measures(work)`."""


def main() -> int:
    """Return 0 when every median is within its limit, else 1."""
    options = _options()
    found = [result for topic in options.topic or TOPICS for result in _results(topic, options)]
    if not found:
        sys.exit(f"no benchmark is named {' or '.join(options.names)}")
    print(_table(found))
    if options.json:
        options.json.write_text(json.dumps(_report(found), indent=2) + "\n", encoding="utf-8")
    return int(any(result.verdict == "TOO SLOW" for result in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the benchmarks and judge their medians.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these measures, and those they are compared with"
    )
    parser.add_argument("--topic", action="append", choices=TOPICS, help="only this file's; may be given again")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is run (9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    return parser.parse_args()


def _results(topic: str, options: argparse.Namespace) -> list[measure.Result]:
    with tempfile.TemporaryDirectory(prefix="styx-bench-") as folder:
        work, module = Path(folder), importlib.import_module(topic)
        found: list[measure.Measure] = module.measures(work)
        names = set(options.names) or {one.name for one in found}
        names |= {one.against for one in found if one.name in names}
        chosen = [one for one in found if one.name in names]
        try:
            return measure.results(chosen, work, options.rounds) if chosen else []
        finally:
            getattr(module, "finish", lambda _work: None)(work)


def _table(found: Sequence[measure.Result]) -> str:
    rows = [("name", "median", "fastest", "slowest", "limit", "verdict", "")]
    for one in found:
        limit = f"{one.limit_s:.3f} {one.unit}" if one.limit_s is not None else ""
        times = (f"{seconds:.3f} {one.unit}" for seconds in (one.median_s, one.fastest_s, one.slowest_s))
        rows.append((one.name, *times, limit, one.verdict, one.basis))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _report(found: Sequence[measure.Result]) -> dict[str, object]:
    machine = {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "system": platform.platform()}
    return {
        "machine": machine | {"python": platform.python_version()},
        "results": [asdict(one) | {"verdict": one.verdict} for one in found],
    }


if __name__ == "__main__":
    raise SystemExit(main())
