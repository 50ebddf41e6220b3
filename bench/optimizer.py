"""The optimizer: as a command, warm in one process, on pipelines, and among ten million offers."""

import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from measure import Measure, styx

from styx.catalog import Catalog, open_catalog
from styx.optimizer import choose, program
from styx.optimizer.flows import Egress, Flow
from styx.optimizer.places import Place
from styx.spec import SpecFile, loads

HERE = Path(__file__).parent
SPEC = HERE / "specs" / "gpus.yaml"
CLOUDS = ("aws", "azure", "gcp", "lambda", "nebius")
SINGLE = ("resources: {cpus: 4+, memory: MEMORY+}", "resources: {accelerators: 'H100:8', memory: MEMORY+}")
ANY_OF = ("resources: {memory: MEMORY+, any_of: [{accelerators: 'H100:8'}, {accelerators: 'H200:8'}, {cpus: 8}]}",)
_memory = itertools.count(16)
LARGEST_MIB = 1024

_children: list["subprocess.Popen[str]"] = []


def measures(work: Path) -> list[Measure]:
    """Return the measures; what they need is made by the warm-up round."""
    return [
        Measure("optimize", styx("optimize", SPEC), limit_s=0.4),
        Measure("optimize, warm", limit_s=0.015, timed=lambda _work: _in_turn(SINGLE)),
        Measure("optimize any_of three, warm", limit_s=0.04, timed=lambda _work: _in_turn(ANY_OF)),
        Measure("chain of 1,000 tasks", limit_s=1.0, timed=lambda _work: _timed(lambda: _choose(_chain()))),
        Measure("50 tasks x 50 places, any pattern", limit_s=2.0, timed=lambda _work: _timed(_pattern())),
        Measure("ten million offers, warm", limit_s=1.0, timed=lambda _work: _ten_million(work)),
    ]


def finish(_work: Path) -> None:
    """End the process with the ten million offers."""
    for child in _children:
        child.communicate()


def _timed(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def _in_turn(texts: Sequence[str]) -> float:
    """Return the mean time of questions that were never asked before: none finds its answer ready."""
    specs = [loads(text.replace("MEMORY", f"{next(_memory)}")) for text in texts]
    _choose(loads("resources: {cpus: 2+}"))
    return sum(_timed(lambda spec=spec: _choose(spec)) for spec in specs) / len(specs)


def _choose(spec: SpecFile) -> object:
    return choose(spec, _catalog(), CLOUDS)


@cache
def _catalog() -> Catalog:
    return open_catalog(CLOUDS)


@cache
def _chain() -> SpecFile:
    """Return a pipeline of 1,000 tasks, of twenty sorts, that hand data on."""
    dice = random.Random(1)
    sorts = [f"{{cpus: {cpus}+, memory: {gib}+}}" for cpus in (2, 4, 8, 16, 32) for gib in (8, 16, 64, 128)]
    tasks = (
        f"name: t{number}\nresources: {dice.choice(sorts)}\noutputs: {{s3://o{number}: {dice.randint(1, 99)}}}\n"
        for number in range(1000)
    )
    return loads("---\n".join(tasks))


@cache
def _pattern() -> Callable[[], object]:
    """Return the solving of 50 tasks, each with 50 places, joined by 120 flows."""
    dice = random.Random(1)
    places = {number: Place(number, f"cloud{number % 5}", f"region{number // 5}") for number in range(1, 101)}
    costs = [{place: dice.randint(10**5, 10**7) for place in dice.sample(sorted(places), 50)} for _ in range(50)]
    pairs = dice.sample([(one, other) for other in range(50) for one in range(other)], 120)
    flows = [Flow(one, other, dice.choice([1, 10, 100])) for one, other in pairs]
    prices = {(f"cloud{one}", kind): usd for one in range(5) for kind, usd in (("internet", 0.09), ("region", 0.02))}
    return lambda: program.solve(costs, flows, places, Egress(prices))


def _ten_million(work: Path) -> float:
    if not _children:
        argv = [sys.executable, str(HERE / "ten_million.py"), str(work / "offers.parquet")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        _children.append(subprocess.Popen(argv, cwd=HERE, **pipes))
        for _ in range(3):
            _answer(_children[0])
    answer = _answer(_children[0])
    if answer["peak_mib"] > LARGEST_MIB:
        sys.exit(f"ten million offers took {answer['peak_mib']:.0f} MiB, over {LARGEST_MIB}")
    return answer["seconds"]


def _answer(child: "subprocess.Popen[str]") -> dict[str, float]:
    child.stdin.write("next\n")
    child.stdin.flush()
    return json.loads(child.stdout.readline())
