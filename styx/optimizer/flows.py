"""Data that goes from task to task of a pipeline, and what it costs to move it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx.optimizer.places import Place

if TYPE_CHECKING:
    from styx.spec import SpecFile

INTERNET = "internet"
BETWEEN_REGIONS = "region"


@dataclass(frozen=True, slots=True)
class Flow:
    """So many GiB from one task to another, by their numbers."""

    source: int
    target: int
    gib: float


@dataclass(frozen=True, slots=True)
class Egress:
    """What clouds take for data that leaves."""

    prices: Mapping[tuple[str, str], float]
    """(cloud, `internet` or `region`) → USD a GiB."""

    def usd_per_gib(self, source: Place, target: Place) -> float:
        """Return the price of a GiB from `source` to `target`; an unknown one is as high as the highest known."""
        if source.cloud != target.cloud:
            return self.leaving(source.cloud)
        return 0 if source.region == target.region else self._price(source.cloud, BETWEEN_REGIONS)

    def known(self, source: Place, target: Place) -> bool:
        """Tell whether the price of a GiB from `source` to `target` is known."""
        if (source.cloud, source.region) == (target.cloud, target.region):
            return True
        return (source.cloud, BETWEEN_REGIONS if source.cloud == target.cloud else INTERNET) in self.prices

    def leaving(self, cloud: str) -> float:
        """Return the price of a GiB from `cloud` to anywhere else."""
        return self._price(cloud, INTERNET)

    def between_regions(self, cloud: str) -> float:
        """Return the price of a GiB to another region of `cloud`."""
        return self._price(cloud, BETWEEN_REGIONS)

    def _price(self, cloud: str, kind: str) -> float:
        known = self.prices.get((cloud, kind))
        return (
            known
            if known is not None
            else max((usd for (_, one), usd in self.prices.items() if one == kind), default=0)
        )


def flows(spec: "SpecFile") -> tuple[Flow, ...]:
    """Return what the tasks of `spec` hand on: an output whose URI a later task names as input goes there.

    In a pipeline an output that no task names goes to the next task, as SkyPilot has it.
    """
    found: dict[tuple[int, int], float] = {}
    for number, task in enumerate(spec.tasks):
        for uri, gib in (task.outputs or {}).items():
            later = range(number + 1, len(spec.tasks))
            readers = [other for other in later if uri in (spec.tasks[other].inputs or {})]
            if not readers and spec.execution == "serial":
                readers = list(later[:1])
            for reader in readers:
                found[number, reader] = found.get((number, reader), 0) + gib
    return tuple(Flow(source, target, gib) for (source, target), gib in sorted(found.items()) if gib > 0)
