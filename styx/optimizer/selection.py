"""Choosing: each task of a spec goes to its cheapest fitting offer, with runners-up and the reasons."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from styx import files
from styx.errors import BudgetError
from styx.optimizer import explain
from styx.optimizer.flows import Egress, Flow, flows
from styx.optimizer.index import Index, index
from styx.optimizer.ladder import ladder
from styx.optimizer.placing import Placer
from styx.optimizer.search import Candidate, Conditions, Found, Search, Searcher, limited
from styx.plan import Cost, Placement, Plan, TaskPlan

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.spec import SpecFile, TaskSpec


def choose(
    spec: "SpecFile", catalog: "Catalog", cloud_ids: Sequence[str], conditions: Conditions | None = None
) -> Plan:
    """Place every task of `spec` on the offers of `catalog` among `cloud_ids`.

    A cloud that the task names is allowed even when it is not in `cloud_ids`.
    Raises SpecError when the spec names what does not exist, NoOfferError with what each constraint removed,
    BudgetError when the cheapest is over `styx.budget`.
    """
    conditions = conditions or Conditions()
    found = index(catalog)
    searcher = Searcher(found, cloud_ids, conditions)
    searches = [searcher.search(spec, number) for number in range(len(spec.tasks))]
    for task, search in zip(spec.tasks, searches, strict=True):
        if not search.candidates:
            raise explain.nothing_fits(task.name or "", search.found, found)
    moved = flows(spec)
    candidates = chosen(spec, searches, moved, found)
    egress = _egress(candidates, moved, found)
    planner = _Planner(found)
    return Plan(
        spec_digest=spec.digest,
        catalog_digest=catalog.digest,
        catalog_date=catalog.date,
        query_digest=_digest(searches, conditions),
        tasks=tuple(
            planner.plan(task, search, one, paid)
            for task, search, one, paid in zip(spec.tasks, searches, candidates, egress, strict=True)
        ),
    )


def top(
    spec: "SpecFile", catalog: "Catalog", cloud_ids: Sequence[str], most: int, conditions: Conditions | None = None
) -> tuple[tuple[Placement, ...], ...]:
    """Return the cheapest placements of each task by itself, at most so many, whatever they differ in.

    A task whose head is unlike its workers has one for each region. Raises what `choose` raises but for the budget.
    """
    found = index(catalog)
    searcher = Searcher(found, cloud_ids, conditions or Conditions())
    placer = Placer(found)
    ranked = []
    for number, task in enumerate(spec.tasks):
        search = searcher.search(spec, number)
        if not search.candidates:
            raise explain.nothing_fits(task.name or "", search.found, found)
        best = _best(search, found, most, task.styx.budget.limit_hourly_usd)
        placer.read(best)
        ranked.append(tuple(placer.placement(one) for one in best))
    return tuple(ranked)


def _best(search: Search, found: Index, most: int, limit_usd: float | None) -> list[Candidate]:
    ways = [one.way for one in search.found if one.candidates]
    single = [way for way in ways if len(way.asks) == 1]
    within = [limited(way, budget_usd=limit_usd) for way in single]
    candidates = [Candidate(way, (spot,)) for way in within for spot in found.top(way.asks[0], most)]
    # When nothing is within the budget, what it costs is still worth seeing.
    if not candidates:
        candidates = [Candidate(way, (spot,)) for way in single for spot in found.top(way.asks[0], most)]
    candidates += [one for pool in search.found if len(pool.way.asks) > 1 for one in pool.candidates]
    key = (lambda one: (one.way.number, one.rank)) if search.ordered else (lambda one: (0, one.rank))
    return sorted(candidates, key=key)[:most]


def chosen(spec: "SpecFile", searches: Sequence[Search], moved: Sequence[Flow], found: Index) -> list[Candidate]:
    """Return the candidate of each task: its best, unless moving data makes another place cheaper in all."""
    if not moved:
        return [search.candidates[0] for search in searches]
    from styx.optimizer.assign import assign

    places = {place.place: place for place in found.places}
    limits = [task.styx.budget.limit_hourly_usd for task in spec.tasks]
    affordable = [_affordable(search, limit, found) for search, limit in zip(searches, limits, strict=True)]
    by_place = [{one.place: one for one in candidates} for candidates in affordable]
    costs = [{place: one.micro_usd for place, one in options.items()} for options in by_place]
    where = assign(costs, moved, places, Egress(found.egress_prices()))
    return [options[place] for options, place in zip(by_place, where, strict=True)]


def _affordable(search: Search, limit_usd: float | None, found: Index) -> Sequence[Candidate]:
    """Return the candidates within a budget, unless there is none: what moves may lead to a dearer place otherwise."""
    if limit_usd is None:
        return search.candidates
    placer = Placer(found)
    placer.read(search.candidates)
    within = [one for one in search.candidates if _fits(placer.placement(one).cost, limit_usd)]
    return within or search.candidates


def _egress(chosen: Sequence[Candidate], moved: Sequence[Flow], found: Index) -> list[Cost]:
    """Return what each task pays for the data that leaves it: what is known of it, and whether that is all."""
    paid = [Cost(0)] * len(chosen)
    if moved:
        places = {place.place: place for place in found.places}
        prices = Egress(found.egress_prices())
        for flow in moved:
            ends = places[chosen[flow.source].place], places[chosen[flow.target].place]
            known, before = prices.known(*ends), paid[flow.source]
            usd = round(flow.gib * prices.usd_per_gib(*ends), 6) if known else 0
            known &= before.egress_known
            paid[flow.source] = replace(before, egress_usd=before.egress_usd + usd, egress_known=known)
    return paid


class _Planner:
    """Makes the plan of one task after the other; tasks that ask the same and go to the same place share the work."""

    def __init__(self, found: Index) -> None:
        self._index = found
        self._placer = Placer(found)
        self._made: dict[tuple[int, Candidate], tuple[Placement, tuple[Placement, ...]]] = {}

    def plan(self, task: "TaskSpec", search: Search, chosen: Candidate, egress: Cost) -> TaskPlan:
        """Return where a task goes and why; raise BudgetError when that is over its budget."""
        # A search lives as long as the choice, so its id names it.
        key = (id(search), chosen)
        if key not in self._made:
            rungs = ladder(self._index, self._placer, search, chosen)
            self._made[key] = (self._placer.placement(chosen), rungs)
        placement, rungs = self._made[key]
        placement = replace(placement, cost=_with_egress(placement.cost, egress))
        _within_budget(task, placement)
        limit = task.styx.budget.limit_hourly_usd
        way: Found = next(one for one in search.found if one.way == chosen.way)
        return TaskPlan(
            task=task.name or "",
            num_nodes=task.num_nodes,
            placement=placement,
            ladder=tuple(one for one in rungs if limit is None or _fits(one.cost, limit)),
            considered=way.judgements[-1].considered,
            removed=explain.removed(way.way.asks[-1], way.judgements[-1], self._index),
            relaxations=explain.relaxations(way.way.asks[-1], way.judgements[-1], self._index),
            doubts=self._doubts(chosen),
        )

    def _doubts(self, chosen: Candidate) -> tuple[str, ...]:
        """Return what the catalog doubts about the machines of a candidate that was read."""
        offers = [sold.offer for sold in self._placer.sold(chosen) if sold.marked]
        return tuple(dict.fromkeys(doubt for offer in offers for doubt in self._index.doubts(offer)))


def _with_egress(cost: Cost, egress: Cost) -> Cost:
    expected = None if cost.expected_usd is None else cost.expected_usd + egress.egress_usd
    known = egress.egress_known
    complete = cost.complete and known
    return replace(cost, egress_usd=egress.egress_usd, egress_known=known, expected_usd=expected, complete=complete)


def _fits(cost: Cost, limit: float) -> bool:
    """Tell whether a cost is within a budget: one that is not known in full is not."""
    return cost.complete and cost.hourly_usd <= limit


def _within_budget(task: "TaskSpec", placement: Placement) -> None:
    """Refuse what is over `styx.budget`; Terraform's precondition refuses it again without Styx."""
    limit, cost = task.styx.budget.limit_hourly_usd, placement.cost
    if limit is None or _fits(cost, limit):
        return
    name, budget = task.name or "the task", f"the budget of ${limit:.2f} an hour"
    if cost.hourly_usd > limit:
        least = "" if cost.complete else "at least "
        moving = f" (${cost.egress_usd:.2f} of it for data that leaves)" if cost.egress_usd else ""
        what = "the placement that costs least with its pipeline" if moving else "the cheapest placement"
        raise BudgetError(f"{name}: {what} costs {least}${cost.hourly_usd:.2f} an hour{moving}, over {budget}")
    where = f"{placement.cloud}/{placement.region}"
    message = f"{name}: a part of what {where} costs has no known price, so that it cannot be held to {budget}"
    raise BudgetError(message, "allow a cloud whose prices are all known (docs/catalog.md), or drop styx.budget")


def _digest(searches: Sequence[Search], conditions: Conditions) -> str:
    """Return a hash of everything that was asked of the catalog."""
    asked = [[ask for one in search.found for ask in one.way.asks] for search in searches]
    return files.sha256(repr((asked, conditions)))
