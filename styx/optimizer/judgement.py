"""Offers by their numbers, and what they are to an ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from styx.offer import Offer
from styx.optimizer.parameters import DOUBTFUL_MICRO_USD, UNKNOWN_MICRO_USD
from styx.optimizer.places import MICRO


@dataclass(frozen=True, slots=True)
class Spot:
    """An offer by its numbers, and what all machines of an ask would cost there."""

    micro_usd: int
    """Millionths of a USD an hour, disks and addresses included; more for what comes after any sound price."""
    kind: int
    place: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sort key: the price, then the larger machine, then the place."""
        return self.micro_usd, self.kind, self.place

    @property
    def known(self) -> bool:
        """Tell whether its price is known."""
        return self.micro_usd < UNKNOWN_MICRO_USD

    @property
    def doubtful(self) -> bool:
        """Tell whether its price looks wrong."""
        return DOUBTFUL_MICRO_USD <= self.micro_usd < UNKNOWN_MICRO_USD

    @property
    def hourly_usd(self) -> float | None:
        """What all machines cost an hour, None when it is not known."""
        return self.micro_usd % DOUBTFUL_MICRO_USD / MICRO if self.known else None


@dataclass(frozen=True, slots=True)
class Failing:
    """The offers that fail the same constraints."""

    mask: int
    offers: int
    cheapest: Spot


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the offers are to one ask."""

    fitting: int
    best: tuple[Spot, ...]
    """The cheapest of each place, by place."""
    cheapest: Mapping[int, Sequence[int]] = field(compare=False)
    """Place → the cheapest that fit there and its runners-up, numbered as in best.sql."""
    failing: tuple[Failing, ...]
    near: tuple[Spot, ...]
    """Next to the best of all: the same kind in other places, other kinds in the same place."""

    @property
    def first(self) -> Spot | None:
        """The cheapest that fits."""
        return min(self.best, key=lambda spot: spot.rank, default=None)

    @property
    def considered(self) -> int:
        """Offers in all."""
        return self.fitting + sum(group.offers for group in self.failing)


@dataclass(frozen=True, slots=True)
class Sold:
    """An offer and what the query knows of it beside."""

    offer: Offer
    blocked_zones: frozenset[str]
    interruptions_an_hour: float | None
    """None when nobody knows, or nothing asked for it."""
    marked: bool = False
    """A rule of the catalog's lint doubts it."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that may be used."""
        return tuple(zone for zone in self.offer.zones if zone not in self.blocked_zones)
