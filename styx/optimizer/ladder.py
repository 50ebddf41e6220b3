"""The ladder: where failover goes, each rung with its price."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from styx.optimizer.index import RUNGS, Index
from styx.optimizer.judgement import Spot
from styx.optimizer.placing import Placer, zones
from styx.optimizer.search import Candidate, Found, Search
from styx.plan import Placement


@dataclass(frozen=True, slots=True)
class _Rungs:
    regions: list[Candidate]
    types: list[Candidate]
    clouds: list[Candidate]
    alternatives: list[Candidate]


_Step = tuple[str, list[Candidate]]
"""How rungs differ from the choice, and the rungs."""


def ladder(index: Index, placer: Placer, search: Search, chosen: Candidate) -> tuple[Placement, ...]:
    """Return the runners-up of `chosen`: other zones, then other regions, types, clouds and alternatives.

    The nearest come first, for they change least; within each kind the cheapest. A region that is full in one zone
    often has another, and a type that is gone from a region is often to be had next door. When time counts, machines of
    the same speed come before any slower one.
    """
    steps = _steps(index, search, chosen)
    if search.slower:
        steps += _slower(index, search, chosen, steps)
    placer.read([chosen, *(one for _, step in steps for one in step)])
    here = placer.placement(chosen)
    others = [zone for zone in zones(placer.sold(chosen)) if zone != here.groups[0].zone]
    asked_zone = any(ask.zone for ask in chosen.way.asks)
    first = [placer.placement(chosen, zone=zone, differs="zone") for zone in others if not asked_zone]
    rest = [placer.placement(one, differs=name) for name, step in steps for one in step]
    return tuple(first + rest)


def _steps(index: Index, search: Search, chosen: Candidate) -> tuple[_Step, ...]:
    rungs = _rungs(index, search, chosen)
    return (
        ("region", rungs.regions),
        ("type", rungs.types),
        ("cloud", rungs.clouds),
        ("alternative", rungs.alternatives),
    )


def _slower(index: Index, search: Search, chosen: Candidate, steps: Sequence[_Step]) -> tuple[_Step, ...]:
    """Return the steps to machines of any speed, without those that `steps` has."""
    way = next(one.way for one in search.slower if one.way.number == chosen.way.number)
    known = {_name(one) for _, step in steps for one in step} | {_name(chosen)}
    slower = _steps(index, replace(search, found=search.slower), replace(chosen, way=way))
    return tuple((name, [one for one in step if _name(one) not in known]) for name, step in slower)


def _name(candidate: Candidate) -> tuple[int, int, tuple[int, ...]]:
    return candidate.way.number, candidate.place, _kinds(candidate)


def _rungs(index: Index, search: Search, chosen: Candidate) -> _Rungs:
    cloud_of = {place.place: place.cloud for place in index.places}
    cloud = cloud_of[chosen.place]
    same_way = next(one for one in search.found if one.way == chosen.way)
    inside = [one for one in same_way.candidates if cloud_of[one.place] == cloud and one.place != chosen.place]
    kinds = _kinds(chosen)
    regions, types = [], [one for one in inside if _kinds(one) != kinds]
    if len(chosen.spots) == 1:
        found = [Candidate(chosen.way, (spot,)) for spot in _near(index, same_way, chosen)]
        regions = [one for one in found if _kinds(one) == kinds]
        types += [one for one in found if _kinds(one) != kinds]
    else:
        regions = [one for one in inside if _kinds(one) == kinds]
    others = [one for one in same_way.candidates if cloud_of[one.place] != cloud]
    first = [one.candidates[0] for one in search.found if one.way != chosen.way and one.candidates]
    return _Rungs(
        regions=_cheapest(regions),
        types=_cheapest(types, by=_kinds),
        clouds=_cheapest(others, by=lambda one: cloud_of[one.place]),
        alternatives=first[:RUNGS] if search.ordered else _cheapest(first),
    )


def _near(index: Index, found: Found, chosen: Candidate) -> Sequence[Spot]:
    """Return what lies next to a choice of one kind; for the cheapest of all it was read with the judgement."""
    judgement, spot = found.judgements[0], chosen.spots[0]
    return judgement.near if spot == judgement.first else index.near(chosen.way.asks[0], spot)


def _kinds(candidate: Candidate) -> tuple[int, ...]:
    return tuple(spot.kind for spot in candidate.spots)


def _cheapest(candidates: Iterable[Candidate], by: Callable[[Candidate], object] | None = None) -> list[Candidate]:
    """Return the cheapest, of each value of `by` only one."""
    kept: dict[object, Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.rank):
        kept.setdefault(by(one) if by else one, one)
    return list(kept.values())[:RUNGS]
