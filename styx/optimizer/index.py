"""The offers of a catalog, taken apart for many queries: the only module that runs SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from styx.offer import Offer
from styx.optimizer import parameters
from styx.optimizer.ask import Ask
from styx.optimizer.places import Facts, Place
from styx.optimizer.tables import sql, tables

if TYPE_CHECKING:
    import duckdb

    from styx.catalog import Catalog

RUNGS = 4
"""Runners-up of each sort that a ladder has."""

REMEMBERED = 1000
"""Judgements and offers kept for the next time that the same is asked."""

KIND_BITS = 22
"""Of the number that best.sql orders by: the price is above, the kind below."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An offer by its numbers, and what all machines of an ask would cost there."""

    micro_usd: int
    """Millionths of a USD an hour, disks and addresses included."""
    kind: int
    place: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sort key: the price, then the smaller machine, then the place."""
        return self.micro_usd, self.kind, self.place

    @property
    def known(self) -> bool:
        """Tell whether its price is known."""
        return self.micro_usd < parameters.UNKNOWN_MICRO_USD


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
        self._connection = tables(connection)
        self.places = tuple(Place(*row) for row in self._run("places"))
        self._places = {place.place: place for place in self.places}
        self._details = {row[0]: row[1:] for row in self._run("details")}
        self._kinds: dict[int, tuple[Any, ...]] = {}
        self._names: dict[str, list[tuple[str, ...]]] = {}
        self._doubts: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.facts = Facts.read(self._run("disks"), self._run("addresses"))
        self._loaded: Ask | None = None
        self._judgements: dict[Ask, Judgement] = {}
        self._sold: dict[tuple[object, ...], dict[tuple[int, int], Sold]] = {}
        self._filled: dict[str, parameters.Parameters] = {}
        self._careful: tuple[object, ...] = ()

    def judge(self, ask: Ask) -> Judgement:
        """Judge every offer; what was asked before is remembered."""
        if ask not in self._judgements:
            if len(self._judgements) >= REMEMBERED:
                self._judgements.clear()
            self._judgements[ask] = self._judged(ask)
        return self._judgements[ask]

    def _judged(self, ask: Ask) -> Judgement:
        self._load(ask)
        rows = self._run("best")
        spots = [
            (kin, offers, cheapest >> KIND_BITS, cheapest & ((1 << KIND_BITS) - 1)) for kin, offers, cheapest in rows
        ]
        best = tuple(Spot(micro, kind, kin) for kin, _, micro, kind in spots if kin > 0)
        return Judgement(
            fitting=sum(offers for kin, offers, _, _ in spots if kin > 0),
            best=best,
            near=tuple(self.near(ask, min(best, key=lambda spot: spot.rank))) if best else (),
            failing=tuple(Failing(-kin, offers, Spot(micro, kind, 0)) for kin, offers, micro, kind in spots if kin < 0),
        )

    def near(self, ask: Ask, chosen: Spot) -> list[Spot]:
        """Return the same kind in other places and other kinds in the same place, the cheapest of each."""
        self._load(ask)
        rows = self._run("rungs", kind=chosen.kind, place=chosen.place, most=RUNGS)
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

    def cheaper(self, ask: Ask, spot: Spot) -> int:
        """Return how many offers that fit are cheaper than `spot`."""
        self._load(ask)
        return int(self._run("cheaper", micro_usd=spot.micro_usd)[0][0])

    def sold(self, ask: Ask, spots: Sequence[Spot]) -> dict[tuple[int, int], Sold]:
        """Return the offers of `spots` by (kind, place), as `ask` sees them."""
        self._take_care(ask)
        known = self._sold.setdefault(self._careful, {})
        if sum(map(len, self._sold.values())) > REMEMBERED:
            self._sold = {self._careful: (known := {})}
        wanted = {(spot.kind, spot.place) for spot in spots}
        if missing := sorted(wanted - known.keys()):
            known |= self._read(missing)
        return {key: known[key] for key in wanted}

    def _read(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Sold]:
        numbers = {"kinds": [kind for kind, _ in wanted], "places": [place for _, place in wanted]}
        missing = sorted(set(numbers["kinds"]) - self._kinds.keys())
        if missing:
            self._kinds |= {row[0]: row[1:] for row in self._run("kinds", kinds=missing)}
        care = {row[:2]: row[2:] for row in self._run("care", **numbers)} if self._careful else {}
        rows = self._run("sold", **numbers)
        return {row[:2]: self._one(row, *care.get(row[:2], (None, None))) for row in rows}

    def _one(self, row: tuple[Any, ...], blocked_zones: list[str] | None, risk: float | None) -> Sold:
        kind, place, detail, hourly_usd, spot_hourly_usd = row
        cloud, instance_type, vcpus, memory_gib, accelerator, count, gpu_gib, *rest = self._kinds[kind]
        arch, burstable, disk_gib, max_count, divisible = rest
        zones, price_kind, spot_kind, price_as_of = self._details[detail]
        offer = Offer(
            cloud, self._places[place].region, instance_type, vcpus, memory_gib, tuple(zones), accelerator, count,
            gpu_gib, arch, burstable, disk_gib, hourly_usd, spot_hourly_usd, price_kind, spot_kind, price_as_of,
            max_count, divisible,
        )  # fmt: skip
        return Sold(offer, frozenset(blocked_zones or ()), risk)

    def names(self, what: str) -> list[tuple[str, ...]]:
        """Return every (cloud, name) of `regions`, `zones` or `types`, or every (name, alias) of `accelerators`."""
        if what not in self._names:
            self._names[what] = self._run(f"known_{what}")
        return self._names[what]

    def doubts(self, offer: Offer) -> tuple[str, ...]:
        """Return what the catalog doubts about an offer."""
        key = (offer.cloud, offer.region, offer.instance_type)
        if key not in self._doubts:
            rows = self._run("doubts", cloud=key[0], region=key[1], instance_type=key[2])
            self._doubts[key] = tuple(row[0] for row in rows)
        return self._doubts[key]

    def egress_prices(self) -> dict[tuple[str, str], float]:
        """Return (cloud, `internet` or `region`) → USD a GiB."""
        return {(cloud, kind): usd for cloud, kind, usd in self._run("egress")}

    def _load(self, ask: Ask) -> None:
        """Fill the temporary tables with the judgement of `ask`."""
        if ask == self._loaded:
            return
        self._loaded = None
        self._take_care(ask)
        self._fill("judged_kinds", parameters.of_kinds(ask))
        self._fill("judged_places", parameters.of_places(ask, self.places, self.facts))
        self._run("clear")
        self._run("judged", **parameters.of_offers(ask))
        self._loaded = ask

    def _fill(self, name: str, values: parameters.Parameters) -> None:
        """Run the SQL file that fills a table, unless the last query filled it with the same."""
        if self._filled.get(name) != values:
            self._filled.pop(name, None)
            self._run(name, **values)
            self._filled[name] = values

    def _take_care(self, ask: Ask) -> None:
        """Read offers through zones, blocklist and interruptions only when an ask needs that: it costs time."""
        blocked = tuple(one for one in ask.blocklist if not one.whole_places)
        counted = (ask.num_nodes, ask.restart_hours) if ask.use_spot and ask.restart_hours else ()
        careful = (ask.zone, blocked, counted)
        if careful == self._careful or (not any(careful) and not self._careful):
            return
        for table in ("offers_elsewhere", "blocked_offers", "risks"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # one of the three
        if ask.zone:
            self._run("elsewhere", zone=ask.zone)
        if blocked:
            self._run("blocked", **parameters.of_blocked(blocked))
        if counted:
            self._run("risks", num_nodes=ask.num_nodes, restart_hours=ask.restart_hours)
        self._run("considered_with_care" if any(careful) else "considered")
        self._careful = careful if any(careful) else ()

    def _run(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` with named parameters."""
        return self._connection.execute(sql(name), values or None).fetchall()
