"""Real hosts over SSH: from bare machines to a verified Ray cluster, again, and a command on all of them.

Needs root (tests/hosts boots the machines; a provider without a cloud hands out their addresses). Wheels are served on
the bridge, so that the network is not what is measured. The story is told once, whatever the number of rounds.
"""

import contextlib
import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from measure import Measure, environment, styx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
CACHE = ROOT / ".cache" / "tests" / "hosts"
FARM = 31
SPEC = "num_nodes: {nodes}\nresources: {{infra: aws/us-east-1, cpus: 4}}\n"
_RERUNS = 3
TOOLS = ("terraform plan", "terraform apply", "wait for SSH", "ansible")


def measures(work: Path) -> list[Measure]:
    """Return the measures; none, with the reason, where hosts cannot be booted."""
    from tests.hosts import farm

    if reason := farm.missing():
        print(f"hosts: not measured, {reason}", file=sys.stderr)
        return []
    told = functools.cache(_story)

    def part(name: str) -> Measure:
        limits = {"bare to verified, three hosts": 150.0, "own share over SSH": 0.05, "ssh --all": 1.0}
        return Measure(name, timed=lambda _work: told(work)[name], limit_s=limits.get(name))

    return [
        part("bare to verified, three hosts"),
        part("bare to verified, one host"),
        Measure("three hosts by one", timed=lambda _work: told(work)["three by one"], limit_s=1.5),
        Measure("apply again by plain tools", timed=lambda _work: told(work)["again by plain"], limit_s=1.15),
        part("own share over SSH"),
        part("ssh --all"),
    ]


def _story(work: Path) -> Mapping[str, float]:
    """Return what each part took, in seconds, or a ratio without a unit."""
    one = _cluster(work, 1)
    three = _cluster(work, 3)
    return {
        "bare to verified, one host": one["verified"],
        "bare to verified, three hosts": three["verified"],
        "three by one": three["verified"] / one["verified"],
        "again by plain": three["again"] / three["plain"],
        "own share over SSH": three["own share"],
        "ssh --all": three["ssh"],
    }


def _cluster(work: Path, nodes: int) -> dict[str, float]:
    with _hosts(work, nodes) as (env, spec, name):
        begin = time.perf_counter()
        said = _run(work, env, *styx("apply", spec, "--yes")).stderr
        applied = time.perf_counter() - begin
        _run(work, env, *styx("verify", name))
        found = {"verified": time.perf_counter() - begin}
        steps = {step: float(took) for step, took in re.findall(r"^(.+): ok \(([\d.]+) s\)$", said, re.MULTILINE)}
        tools = sum(steps.get(step, 0) for step in TOOLS)
        found["own share"] = (applied - tools) / tools
        folder = work / "infra" / name
        config = work / "home" / "state" / "ssh" / name / "config"
        plain = {**env, "ANSIBLE_SSH_ARGS": f"-F {config}"}
        playbook = Path(sys.executable).with_name("ansible-playbook")
        plains, agains = [], []
        for _ in range(_RERUNS):  # in turn, for what else the machine does comes and goes
            took = _timed(folder / "terraform", plain, "terraform", "plan", "-input=false")
            plains.append(took + _timed(folder / "ansible", plain, playbook, "--forks", "5", "site.yml"))
            agains.append(_timed(work, env, *styx("apply", spec, "--yes")))
        found |= {"plain": min(plains), "again": min(agains)}
        _run(work, env, *styx("ssh", name, "--all", "--", "true"))
        found["ssh"] = _timed(work, env, *styx("ssh", name, "--all", "--", "true"))
        _run(work, env, *styx("destroy", name, "--yes"))
        return found


@contextlib.contextmanager
def _hosts(work: Path, nodes: int) -> Iterator[tuple[dict[str, str], Path, str]]:
    """Boot hosts that a cloud of no cloud hands out; give the environment, the spec and the cluster's name."""
    from tests.cloudless.fixtures import Cloudless, Images
    from tests.hosts.farm import Farm
    from tests.hosts.wheels import served

    name = f"bench-{nodes}"
    (work / f"cloudless-{nodes}").mkdir()
    cloudless = Cloudless(work / f"cloudless-{nodes}", Images(work / f"providers-{nodes}"))
    farm = Farm(work / f"farm-{nodes}", CACHE, number=FARM)
    env = {**environment(work), **cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32"}
    try:
        farm.start(nodes)
        with served(farm, CACHE):
            spec = work / f"{name}.yaml"
            spec.write_text(SPEC.format(nodes=nodes))
            _run(work, env, *styx("render", spec))
            lock = json.loads((work / "infra" / name / "styx.lock.json").read_text())
            names = [f"{name}-head", *(f"{name}-worker-{number}" for number in range(1, nodes))]
            for node in farm.nodes:
                node.let_in(lock["public_key"], "ubuntu")
            cloudless.addresses({one: node.address for one, node in zip(names, farm.nodes, strict=True)})
            yield env, spec, name
    finally:
        farm.close()


def _timed(folder: Path, env: Mapping[str, str], *words: str | Path) -> float:
    begin = time.perf_counter()
    _run(folder, env, *words)
    return time.perf_counter() - begin


def _run(folder: Path, env: Mapping[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [os.fspath(word) for word in words], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        sys.exit(f"{words} ended with {run.returncode}\n{run.stdout}{run.stderr}")
    return run
