"""What a task takes instead of an offer that fits, and why: another alternative, or less to pay in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx.optimizer.flows import flows
from styx.optimizer.index import Index
from styx.optimizer.search import Candidate, Search, Way
from styx.optimizer.selection import chosen

if TYPE_CHECKING:
    from styx.spec import SpecFile


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a task goes."""

    candidate: Candidate
    name: str
    """As cloud/region/type, the head's type first where it is another."""
    hourly_usd: float | None
    """Of its machines, without data that leaves; None when a part of it is not known."""
    moves_data: bool
    """Data that goes to it or leaves it had a say."""
    ordered: bool
    """The alternatives are in order of preference."""
    has_budget: bool
    """What it costs must be known in full."""


def choices(spec: "SpecFile", searches: Sequence[Search], index: Index) -> list[Choice | None]:
    """Return where each task goes, over its budget if need be; None where nothing fits."""
    moved = flows(spec) if all(search.candidates for search in searches) else ()
    fitting = [number for number, search in enumerate(searches) if search.candidates]
    joined = {number for flow in moved for number in (flow.source, flow.target)}
    found: list[Choice | None] = [None] * len(searches)
    taken = chosen(spec, [searches[number] for number in fitting], moved, index)
    for number, one in zip(fitting, taken, strict=True):
        name, hourly_usd = _described(one, index)
        limit = spec.tasks[number].styx.budget.limit_hourly_usd
        found[number] = Choice(one, name, hourly_usd, number in joined, searches[number].ordered, limit is not None)
    return found


def because(choice: Choice, way: Way, place: int, *, known: bool) -> str:
    """Return why `choice` goes before machines of `way` at `place`, whose cost is `known`; empty when prices tell."""
    other = choice.candidate.way.number
    if other != way.number:
        return f"alternative {other + 1} " + ("comes first" if choice.ordered else "costs less")
    if place == choice.candidate.place:
        return ""
    if choice.has_budget and choice.hourly_usd is not None and not known:
        return "styx.budget takes a cost that is known in full"
    if choice.moves_data:
        return "with the data that the pipeline moves it costs less in all"
    return "head and workers together cost less there" if len(way.asks) > 1 else ""


def _described(one: Candidate, index: Index) -> tuple[str, float | None]:
    pairs = list(zip(one.way.asks, one.spots, strict=True))
    place = index.place(one.place)
    sold = [index.sold(ask, [spot])[spot.kind, spot.place].offer for ask, spot in pairs]
    types = " + ".join(dict.fromkeys(offer.instance_type for offer in sold))
    prices = [index.hourly_usd(ask, spot) for ask, spot in pairs]
    known = [price for price in prices if price is not None]
    return f"{place.cloud}/{place.region}/{types}", sum(known) if len(known) == len(prices) else None
