"""Holding what was chosen to the policies of the repository and of the spec."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import Fault, PolicyError
from styx.lifecycle.target import Target
from styx.plan import Placement, Plan
from styx.review.policy import Judged, Violation, allows_place, allows_type, violations
from styx.settings import REPOSITORY_FILE, Settings
from styx.spec.policy import Policy

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.optimizer import Blocked


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy, and how its rules are called."""

    policy: Policy
    rule: Callable[[str], str]
    """Field → the rule's name with its file and line."""


def rules_of(target: Target, settings: Settings) -> Iterator[Rules]:
    """Yield the policies that hold for a task: the repository's, and its own."""
    if settings.policy is not None:
        yield Rules(settings.policy, lambda field: f"policy.{field} ({_place(settings, field)})")
    own = target.task.styx.policy
    if own != Policy():
        yield Rules(own, lambda field: _own_rule(target, field))


def enforce(targets: Sequence[Target], plan: Plan, settings: Settings) -> None:
    """Raise PolicyError with every rule that a task breaks: its name and line, and the spec's."""
    faults = [one for target in targets for one in broken(target, plan.tasks[target.index].placement, settings)]
    if faults:
        hint = "change the spec, or ask whoever answers for the rule; `styx update` looks for a choice that keeps it"
        raise PolicyError("\n".join(map(str, faults)), hint)


def broken(target: Target, placement: Placement, settings: Settings) -> list[Fault]:
    """Return a fault, at its place in the spec, for each rule that a task breaks where it goes."""
    return [
        target.spec.fault(target.index, found.path, found.message, f"rule {rules.rule(found.rule)}")
        for rules in rules_of(target, settings)
        for found in _violations(rules.policy, target, placement)
    ]


def _violations(policy: Policy, target: Target, placement: Placement) -> tuple[Violation, ...]:
    from styx.spec import requests

    labels = {name for request in requests(target.task).alternatives for name in request.labels}
    cloud = clouds.by_id(placement.cloud)
    judged = Judged(
        placement=placement,
        tags={*target.task.styx.tags, *labels} if cloud.tag_rule else None,
        public_ip=target.task.styx.network.has_public_ip and not cloud.is_own,
    )
    return violations(policy, judged)


def left_out(targets: Sequence[Target], settings: Settings, catalog: "Catalog") -> "tuple[Blocked, ...]":
    """Return what the policies leave no machine of: places, and machine types of the rest."""
    policies = [rules.policy for target in targets for rules in rules_of(target, settings)]
    if not any(policy.clouds or policy.regions or policy.instance_types for policy in policies):
        return ()
    from styx.optimizer import Blocked, listed

    places, types = listed(catalog)
    return (
        *(Blocked(*place) for place in places if not all(allows_place(policy, *place) for policy in policies)),
        *(
            Blocked(cloud, instance_type=name)
            for cloud, name in types
            if not all(allows_type(policy, name) for policy in policies)
        ),
    )


def _own_rule(target: Target, field: str) -> str:
    at = target.spec.fault(target.index, f"styx.policy.{field}", "")
    return f"styx.policy.{field} ({at.file}:{at.line})"


def _place(settings: Settings, field: str) -> str:
    """Return the file and line of a rule of the repository."""
    from styx.spec import document, reading

    path = settings.top / REPOSITORY_FILE
    if not settings.origin("policy").startswith(str(path)):
        return settings.origin("policy")
    line, _ = document.parse(reading.read(path), str(path)).locate(("policy", field), key=True)
    return f"{_shown(path)}:{line}"


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
