"""The offers of a catalog, taken apart for many queries: the only module that runs SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from styx.offer import Offer
from styx.optimizer import parameters
from styx.optimizer.ask import Ask
from styx.optimizer.places import Facts, Place

if TYPE_CHECKING:
    import duckdb

    from styx.catalog import Catalog

KIND_BITS = 22
"""Of the number that best.sql orders by: the price is above, the kind below."""

UNKNOWN_MICRO_USD = 10**12
"""What judged.sql puts for a price that nobody knows."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An offer by its numbers, and what all machines of an ask would cost there."""

    micro_usd: int
    """Millionths of a USD an hour, disks and addresses included."""
    kind: int
    place: int

    @property
    def known(self) -> bool:
        """Tell whether its price is known."""
        return self.micro_usd < UNKNOWN_MICRO_USD


@dataclass(frozen=True, slots=True)
class Failing:
    """The offers that fail the same constraints."""

    mask: int
    offers: int
    cheapest: Spot
    """Its place is 0: not looked up."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the offers are to one ask."""

    fitting: int
    best: tuple[Spot, ...]
    """The cheapest of each place, by place."""
    failing: tuple[Failing, ...]

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

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that may be used."""
        return tuple(zone for zone in self.offer.zones if zone not in self.blocked_zones)


_indexes: "WeakKeyDictionary[duckdb.DuckDBPyConnection, Index]" = WeakKeyDictionary()


def index(catalog: "Catalog") -> "Index":
    """Return the index of `catalog`, made when first asked for."""
    found = _indexes.get(catalog.connection)
    if found is None:
        found = _indexes[catalog.connection] = Index(catalog.connection)
    return found


class Index:
    """The offers by kind of machine and by place, in temporary tables of the catalog's connection."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        # The cursor shares the database but is no key of _indexes: an index must not keep its own entry alive.
        self._connection = connection.cursor()
        self._run("speeds")
        self._run("index")
        self.places = tuple(Place(*row) for row in self._run("places"))
        self.facts = Facts.read(self._run("disks"), self._run("addresses"))
        self._loaded: Ask | None = None
        self._careful: tuple[object, ...] = ()
        self._run("offered")

    def judge(self, ask: Ask) -> Judgement:
        """Judge every offer."""
        self._load(ask)
        rows = self._run("best")
        spots = [
            (kin, offers, cheapest >> KIND_BITS, cheapest & ((1 << KIND_BITS) - 1)) for kin, offers, cheapest in rows
        ]
        return Judgement(
            fitting=sum(offers for kin, offers, _, _ in spots if kin > 0),
            best=tuple(Spot(micro, kind, kin) for kin, _, micro, kind in spots if kin > 0),
            failing=tuple(Failing(-kin, offers, Spot(micro, kind, 0)) for kin, offers, micro, kind in spots if kin < 0),
        )

    def rungs(self, ask: Ask, chosen: Spot, most: int) -> list[Spot]:
        """Return the same kind in other places and other kinds in the same place, at most so many of each."""
        self._load(ask)
        rows = self._run("rungs", kind=chosen.kind, place=chosen.place, most=most)
        return [Spot(*row) for row in rows]

    def top(self, ask: Ask, most: int) -> list[Spot]:
        """Return the cheapest offers that fit."""
        self._load(ask)
        return [Spot(*row) for row in self._run("top", most=most)]

    def failing(self, ask: Ask, mask: int, most: int) -> list[Spot]:
        """Return the cheapest offers that fail just the constraints of `mask`."""
        self._load(ask)
        return [Spot(*row) for row in self._run("failing", mask=mask, most=most)]

    def sizes(self, ask: Ask, mask: int) -> list[tuple[float, float, float]]:
        """Return the (accelerators, vCPUs, GiB) of the machines that fail just the constraints of `mask`."""
        self._load(ask)
        return self._run("sizes", mask=mask)

    def fastest(self, ask: Ask) -> float:
        """Return the TFLOPS of the fastest machine that fits."""
        self._load(ask)
        return float(self._run("fastest")[0][0] or 0)

    def mask(self, ask: Ask, names: tuple[str, str, str]) -> tuple[int, Spot] | None:
        """Return which constraints the offer of (cloud, region, type) fails, None when there is no such offer."""
        self._load(ask)
        rows = self._run("one", cloud=names[0], region=names[1], instance_type=names[2])
        return (rows[0][0], Spot(*rows[0][1:])) if rows else None

    def sold(self, spots: Sequence[Spot]) -> dict[tuple[int, int], Sold]:
        """Return the offers of `spots` by (kind, place)."""
        wanted = sorted({(spot.kind, spot.place) for spot in spots})
        rows = self._run("offers", kinds=[kind for kind, _ in wanted], places=[place for _, place in wanted])
        return {(row[0], row[1]): Sold(_offer(row[4:]), frozenset(row[2] or ()), row[3]) for row in rows}

    def names(self, what: str) -> list[tuple[str, ...]]:
        """Return every (cloud, name) of `regions`, `zones` or `types`, or every (name, alias) of `accelerators`."""
        return self._run(f"known_{what}")

    def egress_prices(self) -> dict[tuple[str, str], float]:
        """Return (cloud, `internet` or `region`) → USD a GiB."""
        return {(cloud, kind): usd for cloud, kind, usd in self._run("egress")}

    def _load(self, ask: Ask) -> None:
        """Fill the temporary tables with the judgement of `ask`."""
        if ask == self._loaded:
            return
        self._loaded = None
        self._take_care(ask)
        self._run("judged_kinds", **parameters.of_kinds(ask))
        self._run("judged_places", **parameters.of_places(ask, self.places, self.facts))
        self._run("judged", **parameters.of_offers(ask))
        self._loaded = ask

    def _take_care(self, ask: Ask) -> None:
        """Read offers through zones, blocklist and interruptions only when an ask needs that: it costs time."""
        blocked = tuple(one for one in ask.blocklist if not one.whole_places)
        careful = (ask.zone, blocked, ask.use_spot and ask.restart_hours > 0)
        if careful == self._careful or (not any(careful) and not self._careful):
            return
        for table in ("offers_elsewhere", "blocked_offers", "risks"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # one of the three
        if ask.zone:
            self._run("elsewhere", zone=ask.zone)
        if blocked:
            self._run("blocked", **parameters.of_blocked(blocked))
        if careful[2]:
            self._run("risks")
        self._run("offered_with_care" if any(careful) else "offered")
        self._careful = careful if any(careful) else ()

    def _run(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` with named parameters."""
        return self._connection.execute(_sql(name), values or None).fetchall()


def _offer(row: Sequence[Any]) -> Offer:
    """Return a row whose columns are the fields in order; lists become tuples, for an offer is hashable."""
    values: Iterator[Any] = (tuple(value) if isinstance(value, list) else value for value in row)
    return Offer(*values)


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()
