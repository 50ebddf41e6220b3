"""The offers of a catalog, taken apart for many queries: the only module that runs SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from styx.offer import Offer
from styx.optimizer import parameters
from styx.optimizer.ask import Ask
from styx.optimizer.constraints import BITS
from styx.optimizer.judgement import Failing, Judgement, Sold, Spot
from styx.optimizer.places import MICRO, Facts, Judged, Place, judged
from styx.optimizer.tables import asking, sql, tables

if TYPE_CHECKING:
    import duckdb

    from styx.catalog import Catalog
    from styx.optimizer.scope import Scope

RUNGS = 4
"""Runners-up of each sort that a ladder has."""

REMEMBERED = 1000
"""Judgements and offers kept for the next time that the same is asked."""

KIND_BITS = 22
"""Of the number that best.sql orders by: the price is above, the kind below."""
KINDS = (1 << KIND_BITS) - 1


_indexes: "WeakKeyDictionary[duckdb.DuckDBPyConnection, Index]" = WeakKeyDictionary()


def index(catalog: "Catalog") -> "Index":
    """Return the index of `catalog`, made when first asked for."""
    found = _indexes.get(catalog.connection)
    if found is None:
        found = _indexes[catalog.connection] = Index(tables(catalog))
    return found


class Index:
    """The offers by kind of machine and by place, in temporary tables of the catalog's connection."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection
        self.places = tuple(Place(*row) for row in self._run("places"))
        self._places = {place.place: place for place in self.places}
        self._places_for: tuple[Ask | None, dict[int, Judged]] = (None, {})
        self._names: dict[str, list[tuple[str, ...]]] = {}
        self._doubts: dict[tuple[str, str, str], list[tuple[str, bool]]] | None = None
        self.facts = Facts.read(self._run("disks"), self._run("addresses"))
        self._judgements: dict[Ask, Judgement] = {}
        self._sold: dict[tuple[object, ...], dict[tuple[int, int], Sold]] = {}
        self._filled: parameters.Parameters = {}
        self._careful: tuple[object, ...] = ()

    def place(self, number: int) -> Place:
        """Return the place of that number."""
        return self._places[number]

    def hourly_usd(self, ask: Ask, spot: Spot) -> float | None:
        """Return what all machines cost an hour, None unless all of it is known: the unknown is ranked as dear."""
        return spot.hourly_usd if self.facts.beside(ask, self._places[spot.place]).known else None

    def clouds_without(self, ask: Ask, constraint: str) -> tuple[str, ...]:
        """Return the clouds of `ask` that fail a constraint as a whole."""
        fails = (place for place, row in self._judged_places(ask).items() if row.mask & BITS[constraint])
        return tuple(dict.fromkeys(cloud for place in fails if (cloud := self._places[place].cloud) in ask.cloud_ids))

    def judge(self, ask: Ask) -> Judgement:
        """Judge every offer; what was asked before is remembered."""
        if ask not in self._judgements:
            if len(self._judgements) >= REMEMBERED:
                self._judgements.clear()
            self._judgements[ask] = self._judged(ask)
        return self._judgements[ask]

    def _judged(self, ask: Ask) -> Judgement:
        places = self._judged_places(ask)
        best: list[Spot] = []
        fitting: dict[int, list[int]] = {}
        offers: dict[int, int] = {}
        cheapest: dict[tuple[int, int], tuple[int, int]] = {}
        for mask, place, number, first, least in self._run_offered(ask, "best", {"least": 1 + RUNGS}):
            there = places[place]
            failed = mask | there.mask
            offers[failed] = offers.get(failed, 0) + number
            if failed:
                key, found = (failed, there.beside_micro), (first, place)
                cheapest[key] = min(cheapest.get(key, found), found)
            else:
                best.append(_spot(ask, first, there))
                fitting[place] = least
        best.sort(key=lambda spot: spot.place)
        return Judgement(
            fitting=offers.get(0, 0),
            best=tuple(best),
            cheapest=fitting,
            near=tuple(self._near(ask, min(best, key=lambda spot: spot.rank), fitting)) if best else (),
            failing=_failing(ask, offers, cheapest),
        )

    def near(self, ask: Ask, chosen: Spot) -> list[Spot]:
        """Return the same kind in other places and other kinds in the same place, the cheapest of each."""
        return self._near(ask, chosen, self.judge(ask).cheapest)

    def _near(self, ask: Ask, chosen: Spot, cheapest: Mapping[int, Sequence[int]]) -> list[Spot]:
        places = self._judged_places(ask)
        numbers: parameters.Parameters = {"kind": chosen.kind, "place": chosen.place}
        rows = self._run_offered(ask, "same_kind", numbers, over="machines")
        elsewhere = [_spot(ask, number, places[place]) for number, place in rows if not places[place].mask]
        beside = [_spot(ask, number, places[chosen.place]) for number in cheapest[chosen.place]]
        others = [spot for spot in beside if spot.kind != chosen.kind]
        return sorted(elsewhere, key=lambda spot: spot.rank)[:RUNGS] + others[:RUNGS]

    def top(self, ask: Ask, most: int) -> list[Spot]:
        """Return the cheapest offers that fit."""
        return [Spot(*row) for row in self._run_judged(ask, "top", most=most)]

    def failing(self, ask: Ask, mask: int, most: int) -> list[Spot]:
        """Return the cheapest offers that fail just the constraints of `mask`."""
        return [Spot(*row) for row in self._run_judged(ask, "failing", mask=mask, most=most)]

    def sizes(self, ask: Ask, mask: int) -> list[tuple[float, float, float, Spot]]:
        """Return (accelerators, vCPUs, GiB, cheapest) of the machines that fail just the constraints of `mask`."""
        rows = self._run_judged(ask, "sizes", mask=mask)
        return [(accelerators, cpus, gib, Spot(*spot)) for accelerators, cpus, gib, *spot in rows]

    def fastest(self, ask: Ask) -> float:
        """Return the TFLOPS of the fastest machine that fits, 0 when nobody knows the speed of any."""
        return float(self._run_judged(ask, "fastest")[0][0] or 0)

    def within(self, ask: Ask, scope: "Scope") -> list[Failing]:
        """Return what became of the offers of `scope`, those that fit (mask 0) and those that fail least first."""
        rows = self._run_judged(ask, "scope", **{name: value or "" for name, value in asdict(scope).items()})
        return [Failing(mask, offers, Spot(*spot)) for mask, offers, *spot in rows]

    def cheaper(self, ask: Ask, spot: Spot) -> int:
        """Return how many offers that fit are cheaper than `spot`."""
        return int(self._run_judged(ask, "cheaper", micro_usd=spot.micro_usd)[0][0])

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
        care = {row[:2]: row[2:] for row in self._run("care", **numbers)} if self._careful else {}
        found = {}
        for kind, place, marked, hourly_rank, spot_rank, *offer in self._run("sold", **numbers):
            blocked_zones, risk = care.get((kind, place), (None, None))
            sold = _offer(offer, self._places[place].region, _usd(hourly_rank), _usd(spot_rank))
            found[kind, place] = Sold(sold, frozenset(blocked_zones or ()), risk, marked)
        return found

    def names(self, what: str) -> list[tuple[str, ...]]:
        """Return every (cloud, name) of `regions` or `types`, (cloud, region, zone), or (accelerator, alias)."""
        if what not in self._names:
            self._names[what] = self._run(f"known_{what}")
        return self._names[what]

    def doubts(self, offer: Offer) -> tuple[str, ...]:
        """Return what the catalog doubts about an offer; what the user says of a price is not doubted."""
        return tuple(detail for detail, _ in self._doubted(offer))

    def looks_wrong(self, offer: Offer) -> bool:
        """Tell whether the catalog doubts the price of an offer."""
        return any(priced for _, priced in self._doubted(offer))

    def _doubted(self, offer: Offer) -> list[tuple[str, bool]]:
        if self._doubts is None:
            self._doubts = {}
            for cloud, region, instance_type, *doubt in self._run("doubts"):
                self._doubts.setdefault((cloud, region, instance_type), []).append((doubt[0], doubt[1]))
        key = (offer.cloud, offer.region, offer.instance_type)
        return [] if offer.price_kind == "own" else self._doubts.get(key, [])

    def egress_prices(self) -> dict[tuple[str, str], float]:
        """Return (cloud, `internet` or `region`) → USD a GiB."""
        return {(cloud, kind): usd for cloud, kind, usd in self._run("egress")}

    def _judged_places(self, ask: Ask) -> dict[int, Judged]:
        """Return what every place is to `ask`."""
        if self._places_for[0] != ask:
            self._places_for = (ask, {row.place: row for row in judged(ask, self.places, self.facts)})
        return self._places_for[1]

    def _run_offered(
        self, ask: Ask, name: str, values: parameters.Parameters | None = None, *, over: str = "offered"
    ) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` over single machines, unless the budget for all of them must be looked at."""
        if ask.budget_usd is not None:
            return self._run_judged(ask, name, **values or {})
        self._take_care(ask)
        known = parameters.of_machines(ask) | (parameters.of_kinds(ask) if over == "offered" else {})
        return self._run_over(ask, over, name, known | (values or {}))

    def _run_judged(self, ask: Ask, name: str, **values: object) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` over every offer as `ask` judges it, its place included."""
        self._take_care(ask)
        places = parameters.of_places(self._judged_places(ask).values())
        if self._filled != places:
            self._connection.execute(sql("judged_places"), places)
            self._filled = places
        return self._run_over(ask, "judged", name, parameters.of_judged(ask) | parameters.of_kinds(ask) | values)

    def _run_over(self, ask: Ask, offers: str, name: str, values: parameters.Parameters) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` over `machines`, `offered` or `judged`, each made of the one before."""
        names = ("machines", "offered", "judged")
        text = "".join(map(sql, (*names[: names.index(offers) + 1], name)))
        rank, price = ("expected_rank", "spot_rank") if ask.use_spot else ("hourly_rank", "hourly_rank")
        text = text.replace("{rank}", rank).replace("{price}", price).replace("{offers}", offers)
        return self._connection.execute(asking(text, values), values).fetchall()

    def _take_care(self, ask: Ask) -> None:
        """Read offers through zones, blocklist and interruptions only when an ask needs that: it costs time."""
        blocked = tuple(one for one in ask.blocklist if not one.whole_places)
        counted = (ask.num_nodes, ask.restart_hours) if ask.use_spot and ask.restart_hours else ()
        zone = {"cloud": ask.cloud, "region": ask.region, "zone": ask.zone} if ask.zone else {}
        careful = (tuple(zone.values()), blocked, counted)
        if careful == self._careful or (not any(careful) and not self._careful):
            return
        for table in ("offers_elsewhere", "blocked_offers", "risks"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # one of the three
        if zone:
            self._run("elsewhere", **zone)
        if blocked:
            self._run("blocked", **parameters.of_blocked(blocked))
        if counted:
            self._run("risks", num_nodes=ask.num_nodes, restart_hours=ask.restart_hours)
        self._run("considered_with_care" if any(careful) else "considered")
        self._careful = careful if any(careful) else ()

    def _run(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        """Run the SQL file `name` with named parameters."""
        return self._connection.execute(sql(name), values or None).fetchall()


def _failing(
    ask: Ask, offers: Mapping[int, int], cheapest: Mapping[tuple[int, int], tuple[int, int]]
) -> tuple[Failing, ...]:
    """Put together what fails the same: `cheapest` holds best.sql's number and its place by mask and what is beside."""
    least: dict[int, Spot] = {}
    for (mask, beside_micro), (first, place) in cheapest.items():
        spot = Spot(parameters.total(first >> KIND_BITS, ask.num_nodes, beside_micro), first & KINDS, place)
        least[mask] = min(least.get(mask, spot), spot, key=lambda one: one.rank)
    return tuple(Failing(mask, offers[mask], least[mask]) for mask in sorted(least))


def _spot(ask: Ask, number: int, place: Judged) -> Spot:
    """Return what all machines of `ask` cost at a place; `number` is that of best.sql."""
    total = parameters.total(number >> KIND_BITS, ask.num_nodes, place.beside_micro)
    return Spot(total, number & KINDS, place.place)


def _usd(rank: int) -> float | None:
    """Return the price of a rank."""
    known = rank < parameters.UNKNOWN_MICRO_USD
    return rank % parameters.DOUBTFUL_MICRO_USD / MICRO if known else None


def _offer(row: Sequence[Any], region: str, hourly_usd: float | None, spot_hourly_usd: float | None) -> Offer:
    cloud, instance_type, vcpus, memory_gib, accelerator, count, gpu_gib, arch, burstable, disk_gib, *rest = row
    max_count, divisible, zones, price_kind, spot_kind, price_as_of = rest
    return Offer(
        cloud, region, instance_type, vcpus, memory_gib, tuple(zones), accelerator, count, gpu_gib, arch, burstable,
        disk_gib, hourly_usd, spot_hourly_usd, price_kind, spot_kind, price_as_of, max_count, divisible,
    )  # fmt: skip
