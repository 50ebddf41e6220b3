"""Prices that are not what they were: which changes are told, doubted, or not believed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from styx.catalog import lint
from styx.catalog.lint import Finding
from styx.offer import Offer

Key = tuple[str, str]
"""Region and instance type."""

MARKED = 0.5
"""A price that changed by more than this part is published and marked."""

NOT_BELIEVED = 3.0
"""A price of more than so many times what it was, or of less than that part, is a mistake: the old one stands."""

CHANGED, SPOT_CHANGED, JUMPED = "price_changed", "spot_price_changed", "price_jumped"
"""What the lint's findings call them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One price that is not what it was."""

    region: str
    instance_type: str
    before_usd: float
    after_usd: float

    @property
    def ratio(self) -> float:
        """The new price in old ones."""
        return self.after_usd / self.before_usd

    def __str__(self) -> str:
        return f"{self.after_usd:g} an hour, {self.before_usd:g} before"


def changes(before: Mapping[Key, Offer], after: Mapping[Key, Offer]) -> tuple[Change, ...]:
    """Return the on-demand prices that differ by more than rounding, the largest change first."""
    found = (one for one in _pairs(before, after, "hourly_usd") if abs(one.ratio - 1) > 1e-6)
    return tuple(sorted(found, key=lambda one: (-abs(one.ratio - 1), one.region, one.instance_type)))


def jumps(cloud_id: str, before: Mapping[Key, Offer], after: Mapping[Key, Offer]) -> tuple[Finding, ...]:
    """Return the on-demand prices that are not believed."""
    found = (one for one in _pairs(before, after, "hourly_usd") if _factor(one) > NOT_BELIEVED)
    return tuple(_finding(JUMPED, cloud_id, one) for one in found)


def doubts(cloud_id: str, before: Mapping[Key, Offer], after: Mapping[Key, Offer]) -> Iterator[Finding]:
    """Yield the changes to be marked; a spot price may move further, for it follows demand."""
    for one in _pairs(before, after, "hourly_usd"):
        if abs(one.ratio - 1) > MARKED:
            yield _finding(CHANGED, cloud_id, one)
    for one in _pairs(before, after, "spot_hourly_usd"):
        if _factor(one) > NOT_BELIEVED:
            yield _finding(SPOT_CHANGED, cloud_id, one)


def still_doubted(earlier: Iterable[Finding], fetched: Mapping[Key, Offer]) -> Iterator[Finding]:
    """Yield what no rule finds again on prices that this refresh did not fetch: changes, and prices withheld."""
    gone = {CHANGED, SPOT_CHANGED, *(rule.name for rule in lint.rules() if rule.kind == "withhold")}
    for found in earlier:
        if found.rule in gone and (found.region, found.instance_type) not in fetched:
            yield found


def _pairs(before: Mapping[Key, Offer], after: Mapping[Key, Offer], price: str) -> Iterator[Change]:
    """Yield each offer whose `price` is known on both sides."""
    for key in sorted(before.keys() & after.keys()):
        old, new = getattr(before[key], price), getattr(after[key], price)
        if old and new:
            yield Change(*key, old, new)


def _factor(change: Change) -> float:
    return max(change.ratio, 1 / change.ratio)


def _finding(rule: str, cloud_id: str, change: Change) -> Finding:
    return Finding(rule, cloud_id, change.region, change.instance_type, str(change))
