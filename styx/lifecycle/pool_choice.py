"""Which host of a pool each machine of a cluster gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from styx.errors import CapacityError, HostError
from styx.lifecycle.pool_findings import why_not
from styx.lifecycle.pools import Seen
from styx.offer import Offer

if TYPE_CHECKING:
    from styx.clouds import Facts
    from styx.run.pool import Lease


@dataclass(frozen=True, slots=True)
class Need:
    """One machine of a cluster."""

    machine: str
    offer: Offer
    """What its host must at least be."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a cluster wants of a pool."""

    place: str
    """As `infra` names it: cloud/pool."""
    needs: Sequence[Need]
    """By rank."""
    holder: "Lease"
    has: Mapping[str, str] = field(default_factory=dict)
    """Machine → id of the host that it has."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What each host must be labelled with."""

    def against(self, seen: Seen, offer: Offer) -> str:
        """Return why a host cannot be such a machine; empty when it can."""
        if wrong := why_not(seen):
            return wrong
        if self.is_anothers(seen):
            return f"leased to {seen.looked.lease}"
        labels = {**seen.host.labels, "name": seen.host.name}
        if lacking := [f"{name}: {text}" for name, text in self.labels.items() if labels.get(name) != text]:
            return f"not labelled {', '.join(lacking)}"
        facts = _facts(seen)
        return "" if facts and facts.fits(offer) else f"is {facts.type if facts else 'unknown'}"

    def is_anothers(self, seen: Seen) -> bool:
        """Tell whether another cluster has the host."""
        lease = seen.looked.lease
        return lease is not None and not lease.is_of(self.holder)


def chosen(wish: Wish, pool: Sequence[Seen]) -> dict[str, Seen]:
    """Return machine → its host: the one that it has, else the smallest free one that is enough.

    Raises CapacityError saying why each of the others will not do, HostError for one that it has and that is away.
    """
    found = _had(wish, pool)
    left = [need for need in wish.needs if need.machine not in found]
    free = [seen for seen in pool if seen not in found.values()]
    # Who can take the fewest hosts chooses first, and takes the smallest: the big ones stay for who needs them.
    for need in sorted(left, key=lambda need: sum(not wish.against(seen, need.offer) for seen in free)):
        fitting = sorted((seen for seen in free if not wish.against(seen, need.offer)), key=_size)
        if not fitting:
            raise _shortage(wish, pool, need.offer)
        found[need.machine] = fitting[0]
        free.remove(fitting[0])
    return {need.machine: found[need.machine] for need in wish.needs}


def _had(wish: Wish, pool: Sequence[Seen]) -> dict[str, Seen]:
    """Return machine → the host that it has, as far as that is still one for it."""
    by_id = {seen.host.id: seen for seen in pool}
    found = {}
    for need in wish.needs:
        seen = by_id.get(wish.has.get(need.machine, ""))
        if seen is None:
            continue
        if not seen.looked.is_whole:
            hint = "bring it back and apply again, or take it out of the pool: another one is then taken for it"
            raise HostError(f"{need.machine} is {seen.host.id}: {why_not(seen)}", hint)
        if not wish.against(seen, need.offer):
            found[need.machine] = seen
    return found


def _shortage(wish: Wish, pool: Sequence[Seen], offer: Offer) -> CapacityError:
    number = sum(need.offer == offer for need in wish.needs)
    lines = []
    for seen in pool:
        why = wish.against(seen, offer)
        lines.append(f"\n  {seen.host.id}: {why or 'can be had'}")
    what = f"{number} free {'host' if number == 1 else 'hosts'} of at least {offer.instance_type}"
    hint = f"ask for fewer or smaller ones, or wait; `styx check {wish.place}` shows the pool"
    return CapacityError(f"{wish.place} does not have {what}{''.join(lines)}", hint)


def _facts(seen: Seen) -> "Facts | None":
    return seen.host.told(seen.looked.facts)


def _size(seen: Seen) -> tuple[float, float, float, str]:
    facts = _facts(seen)
    return (facts.accelerator_count, facts.vcpus, facts.memory_gib, seen.host.name) if facts else (0, 0, 0, "")
