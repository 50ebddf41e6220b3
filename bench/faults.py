"""What safety costs: the journal and the lock, a rung of failover, and a registry of a thousand clusters.

The rung's cloud is that of tests/cloudless, which answers at once: what is left is Styx's own.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from measure import Measure, styx

sys.path.insert(0, str(Path(__file__).parents[1]))

SPEC = "resources: {infra: aws/us-east-1, cpus: 4}\nstyx: {ray: false}\n"
CLUSTERS = 1000
_RANKS = range(4)
STEPS = 8
"""More than an apply has: rung, plan, lease, sweep, apply, billing, hosts, clean-up."""

_TERRAFORM = re.compile(r"^(?:terraform \w+|clean up): (?:ok|FAILED) \((\d+\.\d+) s\)$", re.MULTILINE)


def measures(work: Path) -> list[Measure]:
    """Return the measures."""
    crowded = work / "crowded"
    _record_clusters(crowded / "state")
    return [
        Measure("journal and lock of an apply, in process", limit_s=0.3, timed=_journalled),
        Measure(
            f"status of {CLUSTERS:,} clusters", styx("status", "--json"), 0.5, environment={"STYX_HOME": str(crowded)}
        ),
        Measure("a rung of failover beyond Terraform's time", limit_s=3.0, timed=_Rungs(work)),
    ]


def _journalled(work: Path) -> float:
    from styx.state import RunLock, Store

    begin = time.perf_counter()
    folder = work / "journalled"
    with (
        Store.open(folder) as store,
        RunLock("bench", verb="apply", folder=folder),
        store.run("bench", "apply", "me") as run,
    ):
        for _ in range(STEPS):
            with run.step("terraform apply", {"changes": 10}):
                pass
    return time.perf_counter() - begin


def _record_clusters(folder: Path) -> None:
    from styx.host import Host
    from styx.state import ClusterRecord, Store

    with Store.open(folder) as store:
        for number in range(CLUSTERS):
            name = f"bench-{number}"
            hosts = tuple(
                Host(f"{name}-{rank}", "worker", rank, "worker", f"i-{rank}", "10.0.0.1") for rank in range(4)
            )
            store.save(
                ClusterRecord(name, Path("/infra") / name, "aws", "us-east-1", "up", 4, "task.yaml", "0", 1.0, hosts)
            )


class _Rungs:
    """Times an apply whose first rung is refused, and one whose first rung stands."""

    def __init__(self, work: Path) -> None:
        from tests.cloudless.fixtures import Cloudless, Images

        folder = work / "faults"
        folder.mkdir()
        self._cloud = Cloudless(folder, Images(work / "faults-providers"))
        self._spec = folder / "rung.yaml"
        self._spec.write_text(SPEC)
        home = {
            "STYX_HOME": str(folder / "home"),
            "STYX_CALLER_CIDRS": "203.0.113.4/32",
            "STYX_OUT": str(folder / "infra"),
        }
        self._environment = {**os.environ, **self._cloud.env, **home}

    def __call__(self, _work: Path) -> float:
        """Return the seconds that one refused rung adds, without those of its Terraform."""
        whole = self._own_s()
        self._cloud.fail("no_capacity", "aws_instance", times=1)
        refused = self._own_s()
        self._cloud.heal()
        return refused - whole

    def _own_s(self) -> float:
        """Return how long an apply takes that is not Terraform's, and destroy the cluster again."""
        begin = time.perf_counter()
        said = _run(self._environment, "apply", str(self._spec), "--yes")
        own_s = time.perf_counter() - begin - sum(map(float, _TERRAFORM.findall(said)))
        _run(self._environment, "destroy", "rung", "--yes")
        return own_s


def _run(environment: Mapping[str, str], *words: str) -> str:
    """Run `styx words` and return what it said of its progress."""
    command = [str(Path(sys.executable).with_name("styx")), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr
