"""Tasks one after the other: dynamic programming over places, in time linear in tasks and places."""

from collections.abc import Mapping, Sequence

from styx.optimizer.flows import Egress, Flow
from styx.optimizer.places import MICRO, Place

_Best = tuple[int, int]
"""Millionths of a USD so far, and the place they lead to."""


def solve(
    costs: Sequence[Mapping[int, int]], flows: Sequence[Flow], places: Mapping[int, Place], egress: Egress
) -> list[int]:
    """Return the place of each task, least in all.

    A task's data stays in its region, moves within its cloud or leaves it. So the best way into a place is one of
    three: from the same place, from the best place of the same cloud, or from the best place of another cloud.
    """
    gib = {flow.source: flow.gib for flow in flows}
    totals = dict(costs[0])
    came_from: list[dict[int, int]] = []
    for number, options in enumerate(costs[1:]):
        ways = _Ways(totals, gib.get(number, 0), places, egress)
        best = {place: ways.into(place) for place in options}
        totals = {place: usd + options[place] for place, (usd, _) in best.items()}
        came_from.append({place: source for place, (_, source) in best.items()})
    chosen = [min(totals, key=lambda place: (totals[place], place))]
    for sources in reversed(came_from):
        chosen.append(sources[chosen[-1]])
    return chosen[::-1]


class _Ways:
    """The cheapest ways on from one task."""

    def __init__(self, totals: Mapping[int, int], gib: float, places: Mapping[int, Place], egress: Egress) -> None:
        self._totals, self._places = totals, places
        cheapest: dict[str, _Best] = {}
        for place, usd in totals.items():
            cloud = places[place].cloud
            cheapest[cloud] = min(cheapest.get(cloud, (usd, place)), (usd, place))
        self._within = {
            cloud: (usd + fee(gib, egress.between_regions(cloud)), place) for cloud, (usd, place) in cheapest.items()
        }
        self._leaving = {
            cloud: (usd + fee(gib, egress.leaving(cloud)), place) for cloud, (usd, place) in cheapest.items()
        }
        self._arriving: dict[str, _Best | None] = {}

    def into(self, place: int) -> _Best:
        """Return the cheapest way into `place`."""
        cloud = self._places[place].cloud
        if cloud not in self._arriving:
            others = (best for other, best in self._leaving.items() if other != cloud)
            self._arriving[cloud] = min(others, default=None)
        ways = [way for way in (self._within.get(cloud), self._arriving[cloud]) if way]
        if place in self._totals:
            ways.append((self._totals[place], place))
        return min(ways)


def fee(gib: float, usd_per_gib: float) -> int:
    """Return the price of moving so much, in millionths of a USD."""
    return round(gib * usd_per_gib * MICRO)
