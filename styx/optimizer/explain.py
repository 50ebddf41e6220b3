"""Why the rest would not do, and what would: counts, the nearest machines that exist, the one wish to give up."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from styx.errors import NoOfferError
from styx.optimizer import wishes
from styx.optimizer.constraints import BITS, failed, told
from styx.optimizer.index import Index
from styx.optimizer.judgement import Failing, Judgement, Spot
from styx.optimizer.search import Found
from styx.plan import Relaxation, Removed

if TYPE_CHECKING:
    from styx.optimizer.ask import Ask

_BY_CLOUD = ("disk_tier", "features", "styx.machine.marketplace")
"""Constraints that leave out whole clouds, which are then named."""

_SIZES = ("accelerators (count)", "cpus", "memory")
"""Constraints of which the nearest number that exists says more than a price; in the order of sizes.sql."""


def removed(ask: "Ask", judgement: Judgement, index: Index) -> tuple[Removed, ...]:
    """Return how many offers each constraint removed, each offer counted for the first that it fails."""
    counts = counted(judgement.failing)
    left = judgement.considered
    rows = []
    for name in counts:
        left -= counts[name]
        left_out = f" (not on {', '.join(index.clouds_without(ask, name))})" if name in _BY_CLOUD else ""
        rows.append(Removed(wishes.wish(ask, name) + left_out, counts[name], left))
    return tuple(rows)


def counted(failing: Iterable[Failing]) -> dict[str, int]:
    """Return constraint → offers that fail it first, in the order of the constraints."""
    counts: dict[str, int] = {}
    groups = tuple(failing)
    names = [failed(group.mask & -group.mask)[0] for group in groups]
    for name, group in zip(names, groups, strict=True):
        # Another accelerator and another number of the same are told in one: the number says both.
        first = f"{name} (count)" if f"{name} (count)" in names else name
        counts[first] = counts.get(first, 0) + group.offers
    return {name: counts[name] for name in BITS if name in counts}


def relaxations(ask: "Ask", judgement: Judgement, index: Index) -> tuple[Relaxation, ...]:
    """Return what giving up each constraint alone would bring, the one that helps most first.

    That is the cheapest, or when nothing fits the one with the most machines.
    """
    return tuple(
        Relaxation(wishes.wish(ask, failed(group.mask)[0]), group.offers, index.hourly_usd(ask, group.cheapest))
        for group in _alone(judgement)
    )


def _alone(judgement: Judgement) -> list[Failing]:
    """Return the offers that fail one constraint, by constraint, the one that helps most first."""
    alone = [group for group in judgement.failing if group.mask.bit_count() == 1]
    return sorted(alone, key=_helps_by_price if judgement.fitting else _helps_by_number)


def _helps_by_price(group: Failing) -> tuple[int, int]:
    return group.cheapest.micro_usd, group.mask


def _helps_by_number(group: Failing) -> tuple[int, int]:
    return -group.offers, group.mask


def nothing_fits(name: str, found: Sequence[Found], index: Index) -> NoOfferError:
    """Return the error that says, for each way and group, what removed every offer, and what is nearest."""
    lines = [f"{name or 'the task'}: no machine fits"]
    hints: list[str] = []
    for one in found:
        which = f"alternative {one.way.number + 1}: " if len(found) > 1 else ""
        for group, ask, judgement in zip(groups(one), one.way.asks, one.judgements, strict=True):
            if judgement.fitting:
                continue
            counts = ", ".join(_count(row) for row in removed(ask, judgement, index))
            lines.append(f"  {which}{group}of {judgement.considered} offers, {counts or 'none was left'}")
            lines += [f"  {which}{group}{line}" for line in nearest(ask, judgement, index)]
            hints.append(_give_up(ask, judgement, index))
        if all(judgement.fitting for judgement in one.judgements):
            lines.append(f"  {which}no region has both such a head and such workers")
    return NoOfferError("\n".join(lines), "; or ".join(dict.fromkeys(hints)) or "allow more regions, or ask for less")


def groups(found: Found) -> tuple[str, ...]:
    """Return how each ask of a way is called in a message."""
    return ("",) if len(found.way.asks) == 1 else ("head: ", "workers: ")


def nearest(ask: "Ask", judgement: Judgement, index: Index) -> list[str]:
    """Return lines that name the nearest machines that exist."""
    lines = []
    for group in judgement.failing:
        names = failed(group.mask)
        if len(names) == 1 and names[0] in _SIZES:
            sizes = _sizes(ask, names[0], group, index)
            lines.append(f"nearest: {wishes.nearest_size(ask, names[0], sizes)}")
    return lines or [f"nearest: {line}" for line in _cheapest(ask, judgement, index)]


def _sizes(ask: "Ask", constraint: str, group: Failing, index: Index) -> dict[float, Spot]:
    """Return the sizes of the machines that only their size rules out → the cheapest of each."""
    found: dict[float, Spot] = {}
    for *sizes, spot in index.sizes(ask, group.mask):
        size = sizes[_SIZES.index(constraint)]
        found[size] = min(found.get(size, spot), spot, key=lambda one: one.rank)
    return found


def _cheapest(ask: "Ask", judgement: Judgement, index: Index) -> list[str]:
    """Return the cheapest machine of the groups that fail least."""
    least = min((len(told(group.mask)) for group in judgement.failing), default=0)
    lines: list[str] = []
    for group in sorted(judgement.failing, key=lambda group: group.cheapest.micro_usd):
        if len(told(group.mask)) == least and len(lines) < 2:
            spot = index.failing(ask, group.mask, 1)[0]
            offer = index.sold(ask, [spot])[spot.kind, spot.place].offer
            hourly_usd = index.hourly_usd(ask, spot)
            price = "" if hourly_usd is None else f" at ${hourly_usd:.2f} an hour"
            without = " and ".join(wishes.wish(ask, name) for name in told(group.mask))
            lines.append(f"{offer.cloud}/{offer.region}/{offer.instance_type}{price}, without {without}")
    return lines


def _count(row: Removed) -> str:
    name, _, rest = row.constraint.partition(": ")
    return f"{name} removed {row.removed}" + (f" (asked: {rest})" if rest else "")


def _give_up(ask: "Ask", judgement: Judgement, index: Index) -> str:
    """Name the one constraint whose giving up helps most, or the fewest that together would."""
    if group := next(iter(_alone(judgement)), None):
        name = failed(group.mask)[0]
        if name in _SIZES:
            return _ask_for(ask, name, group, index)
        offers = "1 offer" if group.offers == 1 else f"{group.offers} offers"
        return f"loosen {wishes.wish(ask, name)}: {offers} would fit{_from(index.hourly_usd(ask, group.cheapest))}"
    least = min(judgement.failing, key=lambda group: (len(told(group.mask)), -group.offers), default=None)
    if least is None:
        return "the catalog holds no offer of these clouds: see `styx catalog info`"
    return f"loosen {' and '.join(wishes.wish(ask, name) for name in told(least.mask))}"


def _ask_for(ask: "Ask", constraint: str, group: Failing, index: Index) -> str:
    """Name the nearest sizes that exist, each with what it costs: the cheapest of all sizes may be far off."""
    sizes = _sizes(ask, constraint, group, index)
    near = wishes.nearest_sizes(ask, constraint, sizes)
    named = [f"{wishes.size(ask, constraint, one)}{_from(index.hourly_usd(ask, sizes[one]))}" for one in near]
    return f"ask for {'; or for '.join(named)}"


def _from(hourly_usd: float | None) -> str:
    return "" if hourly_usd is None else f", from ${hourly_usd:.2f} an hour"
