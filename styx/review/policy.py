"""Policies against a task and where it goes: what breaks which rule."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from styx.plan import Placement
from styx.spec.policy import Policy


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a task breaks."""

    rule: str
    """The field of the policy."""
    path: str
    """Where in the spec, for example `resources.infra`."""
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a policy is held against."""

    placement: Placement
    tags: Collection[str] | None
    """None where machines carry none."""
    public_ip: bool
    """Whether machines get public addresses."""


def violations(policy: Policy, judged: Judged) -> tuple[Violation, ...]:
    """Return every rule that is broken."""
    return (*_where(policy, judged.placement), *_cost(policy, judged.placement), *_rest(policy, judged))


def allows_place(policy: Policy, cloud: str, region: str) -> bool:
    """Tell whether machines may stand there."""
    return (not policy.clouds or cloud in policy.clouds) and _is_allowed_region(policy, cloud, region)


def allows_type(policy: Policy, instance_type: str) -> bool:
    """Tell whether such machines may be used."""
    patterns = policy.instance_types
    return not patterns or any(fnmatchcase(instance_type, pattern) for pattern in patterns)


def _is_allowed_region(policy: Policy, cloud: str, region: str) -> bool:
    places = (region, f"{cloud}/{region}")
    return not policy.regions or any(fnmatchcase(place, pattern) for pattern in policy.regions for place in places)


def _where(policy: Policy, placement: Placement) -> Iterator[Violation]:
    cloud, region = placement.cloud, placement.region
    if policy.clouds and cloud not in policy.clouds:
        yield Violation("clouds", "resources.infra", f"{cloud} is none of {', '.join(policy.clouds)}")
    elif not _is_allowed_region(policy, cloud, region):
        yield Violation("regions", "resources.infra", f"{cloud}/{region} is none of {', '.join(policy.regions)}")
    for name in dict.fromkeys(group.offer.instance_type for group in placement.groups):
        if not allows_type(policy, name):
            yield Violation("instance_types", "resources", f"{name} is none of {', '.join(policy.instance_types)}")


def _cost(policy: Policy, placement: Placement) -> Iterator[Violation]:
    limit, cost = policy.budget.limit_hourly_usd, placement.cost
    if limit is None:
        return
    if cost.hourly_usd > limit:
        yield Violation("budget", "resources", f"${cost.hourly_usd:,.2f} an hour is over ${limit:,.2f}")
    elif not cost.complete:
        yield Violation(
            "budget", "resources", f"a part has no known price, and cannot be held to ${limit:,.2f} an hour"
        )


def _rest(policy: Policy, judged: Judged) -> Iterator[Violation]:
    if "public_ip" in policy.forbid and judged.public_ip:
        yield Violation("forbid", "styx.network", "machines would get public addresses")
    for tag in policy.tags:
        if judged.tags is not None and tag not in judged.tags:
            yield Violation("tags", "styx.tags", f"the tag {tag} is missing")
