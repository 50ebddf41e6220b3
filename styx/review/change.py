"""What lies between two revisions of a cluster: machines, what they cost, and what the step does to what stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from styx.plan import Group, Placement
from styx.review.impact import LABELS, Label

HOURS_A_MONTH = 730
"""As every cloud's price list counts."""


@dataclass(frozen=True, slots=True)
class Side:
    """One cluster in one revision."""

    placement: Placement
    rendered: bool
    """Whether a folder with a lock says so; else it is what the spec would be given today."""
    digest: str = ""
    """Of the lock's text: two sides with the same one are the same folder, hand edits aside."""

    @property
    def machines(self) -> str:
        """Where and what the machines are, for people."""
        where = f"{self.placement.cloud}/{self.placement.region}"
        kinds = dict[str, int]()
        for group in self.placement.groups:
            name = group.offer.instance_type + (" spot" if group.market == "spot" else "")
            kinds[name] = kinds.get(name, 0) + group.min_count
        return f"{' + '.join(f'{count} x {name}' for name, count in kinds.items() if count)} in {where}"

    @property
    def hourly_usd(self) -> float:
        """What is known of the cost, USD an hour."""
        return self.placement.cost.hourly_usd

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Name what has no known price."""
        if self.placement.cost.complete:
            return ()
        machines = dict.fromkeys(
            group.offer.instance_type for group in self.placement.groups if group.offer.price_usd(group.market) is None
        )
        return tuple(machines) or ("disks, addresses or moved data",)

    @property
    def prices(self) -> str:
        """Say how old the prices are and of which kind: what makes this an estimate."""
        groups = self.placement.groups
        kinds = sorted({_kind(group) for group in groups})
        dates = sorted({group.offer.price_as_of for group in groups if group.offer.price_as_of})
        return f"{', '.join(kinds)} prices" + (f" of {dates[0]}" if dates else "")


@dataclass(frozen=True, slots=True)
class Change:
    """One cluster in two revisions."""

    cluster: str
    folder: str
    """Relative to the repository."""
    before: Side | None
    after: Side | None
    label: Label | None
    """None when nothing stands that it could touch, or when only a plan can tell."""
    planned: bool = False
    """Whether a plan of Terraform's gave the label; else it is what the two placements let expect."""
    notes: tuple[str, ...] = ()

    @property
    def hourly_usd(self) -> float:
        """What it adds to the cost, in USD an hour, as far as prices are known."""
        return (self.after.hourly_usd if self.after else 0) - (self.before.hourly_usd if self.before else 0)

    @property
    def kind(self) -> str:
        """new, gone or changed."""
        return "new" if self.before is None else "gone" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class Review:
    """All that a branch changes."""

    base: str
    """The commit that is compared with."""
    changes: tuple[Change, ...]
    unchanged: int
    """Clusters that are the same on both sides."""
    before_usd: float
    """USD an hour of all clusters, the unchanged ones included."""
    after_usd: float
    problems: tuple[str, ...] = ()
    """Specs that could not be read or placed."""

    @property
    def worst(self) -> Label | None:
        """The worst label of all changes."""
        labels = [change.label for change in self.changes if change.label]
        return max(labels, key=LABELS.index, default=None)


def expected(before: Side | None, after: Side | None) -> Label | None:
    """Return what the step does to machines that stand, judged by their placements alone: the worst that it can be."""
    if before is None:
        return None
    if after is None:
        return "data-loss"
    one, other = before.placement, after.placement
    if (one.cloud, one.region) != (other.cloud, other.region):
        return "data-loss"
    kept = {group.name: group for group in other.groups}
    labels = [_expected(group, kept.get(group.name)) for group in one.groups]
    return max(labels, key=LABELS.index)


def _expected(before: Group, after: Group | None) -> Label:
    if after is None or after.min_count < before.min_count:
        return "replace"
    same = (before.offer.instance_type, before.market, before.zone) == (
        after.offer.instance_type, after.market, after.zone,
    )  # fmt: skip
    return "live" if same and before.disk_gib <= after.disk_gib else "replace"


def _kind(group: Group) -> str:
    return group.offer.spot_kind if group.market == "spot" else group.offer.price_kind


def total_usd(sides: Iterable[Side | None]) -> float:
    """Return the cost of all sides together, USD an hour, as far as prices are known."""
    return round(sum(side.hourly_usd for side in sides if side), 6)


def unpriced(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return a line for each cluster of which a part has no known price."""
    return tuple(
        f"{change.cluster}: {', '.join(change.after.unpriced)}"
        for change in changes
        if change.after and change.after.unpriced
    )
