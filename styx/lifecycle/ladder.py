"""The ladder of one task: its choice and the runners-up, and which of them are worth a try."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from styx.clouds.failure import Failure
from styx.errors import StyxError
from styx.lifecycle import locked
from styx.plan import Placement, TaskPlan


@dataclass(frozen=True, slots=True)
class Tried:
    """A rung that came to nothing, and why."""

    placement: Placement
    failure: Failure
    error: StyxError

    def rules_out(self, other: Placement) -> bool:
        """Tell whether `other` would be refused for the same reason.

        A quota is a region's, whatever is asked there; credentials are a cloud's.
        """
        mine, kind, scope = self.placement, self.failure.kind, self.failure.scope
        if mine.cloud != other.cloud:
            return False
        same_region, same_machines = mine.region == other.region, machines(mine) == machines(other)
        if kind in ("quota", "credentials") and scope != "account":
            return same_region or (kind == "credentials" and scope != "region")
        by_scope = {
            "account": True,
            "type": same_machines,
            "region": same_region and same_machines,
            "zone": same_region and same_machines and _zones(mine) == _zones(other),
        }
        return by_scope[scope]

    def __str__(self) -> str:
        lines = self.error.message.splitlines()
        return f"{where(self.placement)}: {self.failure.kind}: {self.failure.said or lines[0]}"


def where(placement: Placement) -> str:
    """Return a rung in words: its place, zones and machines."""
    zones = ",".join(sorted({group.zone for group in placement.groups if group.zone}))
    kinds = " + ".join(dict.fromkeys(f"{name} ({market})" for name, market in machines(placement)))
    return f"{placement.cloud}/{placement.region}{'/' + zones if zones else ''} {kinds}"


def machines(placement: Placement) -> tuple[tuple[str, str], ...]:
    """Return instance type and market of each group."""
    return tuple((group.offer.instance_type, group.market.replace("_", " ")) for group in placement.groups)


def rungs(task_plan: TaskPlan) -> Iterator[TaskPlan]:
    """Yield the plan of a task at its choice, then at each of its runners-up."""
    yield task_plan
    for placement in task_plan.ladder:
        yield locked.on(replace(placement, differs=""), task_plan)


def _zones(placement: Placement) -> list[str]:
    return [group.zone for group in placement.groups]
