"""From offers by number to a placement: groups, a zone, and the cost by what it is paid for."""

from collections.abc import Sequence
from dataclasses import replace
from math import fsum
from typing import cast

from styx.offer import Market
from styx.optimizer.ask import Ask
from styx.optimizer.index import Index
from styx.optimizer.judgement import Sold, Spot
from styx.optimizer.places import Extra, Place, is_own
from styx.optimizer.search import Candidate
from styx.optimizer.spot import expected_usd
from styx.plan import Cost, Group, Placement


class Placer:
    """Turns candidates into placements; each offer is read once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._places = {place.place: place for place in index.places}
        self._sold: dict[Ask, dict[tuple[int, int], Sold]] = {}

    def read(self, candidates: Sequence[Candidate]) -> None:
        """Read the offers of all `candidates` at once."""
        wanted: dict[Ask, list[Spot]] = {}
        for one in candidates:
            for ask, spot in zip(one.way.asks, one.spots, strict=True):
                wanted.setdefault(ask, []).append(spot)
        for ask, spots in wanted.items():
            self._sold.setdefault(ask, {}).update(self._index.sold(ask, spots))

    def sold(self, candidate: Candidate) -> tuple[Sold, ...]:
        """Return the offers of a candidate that was read."""
        pairs = zip(candidate.way.asks, candidate.spots, strict=True)
        return tuple(self._sold[ask][spot.kind, spot.place] for ask, spot in pairs)

    def placement(self, candidate: Candidate, *, zone: str | None = None, differs: str = "") -> Placement:
        """Return where a candidate that was read puts its machines: in `zone`, or in the first that all have."""
        place = self._places[candidate.place]
        sold = self.sold(candidate)
        groups, costs = [], []
        for number, (ask, one) in enumerate(zip(candidate.way.asks, sold, strict=True)):
            extra = self._index.facts.beside(ask, place)
            chosen = zone or ask.zone or next(iter(zones(sold)), next(iter(one.zones), ""))
            groups += self._groups(ask, one, chosen, first=number == 0, place=place)
            costs.append(_cost(ask, one, extra))
        return Placement(place.cloud, place.region, tuple(groups), total(costs), differs)

    def _groups(self, ask: Ask, sold: Sold, zone: str, *, first: bool, place: Place) -> list[Group]:
        """Return the head, when it is among these machines, and the workers."""
        offer = sold.offer
        tier = self._index.facts.tier(place.cloud, ask.disk_tier) or ask.disk_tier
        market = cast(Market, ask.market)
        workers = ask.num_nodes - first
        head = [Group("head", "head", 1, 1, offer, market, zone)] if first else []
        rest = [Group("worker", "worker", workers, workers, offer, market, zone)] if workers else []
        if is_own(place.cloud):  # with the disk that it has
            return head + rest
        return [replace(group, disk_gib=ask.disk_gib, disk_tier=tier) for group in head + rest]


def zones(sold: Sequence[Sold]) -> tuple[str, ...]:
    """Return the zones that all offers may use."""
    return tuple(zone for zone in sold[0].zones if all(zone in one.zones for one in sold[1:]))


def total(costs: Sequence[Cost]) -> Cost:
    """Return the sum of the groups' costs."""
    expected = [cost.expected_usd for cost in costs]
    counted = any(one is not None for one in expected)
    return Cost(
        compute_usd=round(fsum(cost.compute_usd for cost in costs), 6),
        disk_usd=round(fsum(cost.disk_usd for cost in costs), 6),
        address_usd=round(fsum(cost.address_usd for cost in costs), 6),
        network_usd=round(fsum(cost.network_usd for cost in costs), 6),
        network=tuple(service for cost in costs for service in cost.network),
        complete=all(cost.complete for cost in costs),
        expected_usd=round(fsum(cost.expected_usd or cost.hourly_usd for cost in costs), 6) if counted else None,
    )


def _cost(ask: Ask, sold: Sold, extra: Extra) -> Cost:
    """Return what the machines of one ask cost; a machine of one's own needs no disk or address that costs."""
    price = sold.offer.price_usd(cast(Market, ask.market))
    beside = Extra(0, 0) if sold.offer.divisible else extra
    cost = Cost(
        compute_usd=(price or 0) * ask.num_nodes,
        disk_usd=(beside.disk_usd or 0) * ask.num_nodes,
        address_usd=(beside.address_usd or 0) * ask.num_nodes,
        network_usd=beside.network_usd,
        network=beside.network,
        complete=None not in (price, beside.disk_usd, beside.address_usd),
    )
    risk = sold.interruptions_an_hour
    if price is None or risk is None or not ask.restart_hours:
        return cost
    each = expected_usd(price, risk, ask.num_nodes, ask.restart_hours)
    return replace(cost, expected_usd=each * ask.num_nodes + cost.hourly_usd - cost.compute_usd)
