"""Choosing: each task of a spec goes to its cheapest fitting offer, with runners-up and the reasons."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from styx.errors import BudgetError, NoOfferError
from styx.optimizer import candidates
from styx.plan import Cost, Group, Placement, Plan, Removed, TaskPlan

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.offer import Market, Offer
    from styx.optimizer.candidates import Candidates
    from styx.spec import Request, SpecFile, TaskSpec

LADDER = 10
"""Runners-up kept in a plan."""


def choose(spec: "SpecFile", catalog: "Catalog", cloud_ids: Sequence[str]) -> Plan:
    """Place every task of `spec` on the offers of `catalog` among `cloud_ids`.

    A cloud that the task names is allowed even when it is not in `cloud_ids`.
    Raises NoOfferError with what each constraint removed, BudgetError when the cheapest is over `styx.budget`.
    """
    return Plan(
        spec_digest=spec.digest,
        catalog_digest=catalog.digest,
        catalog_date=catalog.date,
        tasks=tuple(_place(task, catalog, cloud_ids) for task in spec.tasks),
    )


def _place(task: "TaskSpec", catalog: "Catalog", cloud_ids: Sequence[str]) -> TaskPlan:
    from styx.spec import requests

    asked = requests(task)
    found = [
        candidates.find(catalog, request, task.num_nodes, (request.cloud,) if request.cloud else tuple(cloud_ids))
        for request in asked.alternatives
    ]
    rungs = [(one.request, offer) for one in found for offer in one.fitting]
    if not asked.ordered:
        rungs.sort(key=lambda rung: _rank(*rung))
    if not rungs:
        raise NoOfferError(_nothing_fits(task, found), _loosen(found))
    placements = tuple(_placement(task, request, offer) for request, offer in rungs[: LADDER + 1])
    _within_budget(task, placements[0])
    return TaskPlan(
        task=task.name or "",
        num_nodes=task.num_nodes,
        placement=placements[0],
        ladder=placements[1:],
        considered=found[0].considered,
        removed=_removed(found[0]),
    )


def _rank(request: "Request", offer: "Offer") -> tuple[bool, float]:
    """Return a sort key: known prices first, then the cheapest; Python's sort keeps SQL's order among equals."""
    price = offer.price_usd("spot" if request.use_spot else "on_demand")
    return price is None, price or 0


def _placement(task: "TaskSpec", request: "Request", offer: "Offer") -> Placement:
    market: Market = "spot" if request.use_spot else "on_demand"
    price = offer.price_usd(market)
    zone = request.zone or next(iter(offer.zones), "")
    head = Group("head", "head", 1, 1, offer, market, zone)
    workers = task.num_nodes - 1
    rest = (Group("worker", "worker", workers, workers, offer, market, zone),) if workers else ()
    cost = Cost(compute_usd=round((price or 0) * task.num_nodes, 6), complete=price is not None)
    return Placement(offer.cloud, offer.region, (head, *rest), cost)


def _within_budget(task: "TaskSpec", placement: Placement) -> None:
    """Refuse what is over `styx.budget`; Terraform's precondition refuses it again without Styx."""
    limit, hourly = task.styx.budget.limit_hourly_usd, placement.cost.hourly_usd
    if limit is not None and hourly > limit:
        message = f"{task.name or 'the task'}: the cheapest placement costs ${hourly:.2f} an hour"
        raise BudgetError(f"{message}, over the budget of ${limit:.2f} an hour")


def _removed(found: "Candidates") -> tuple[Removed, ...]:
    left = found.considered
    rows = []
    for constraint, count in found.removed:
        left -= count
        rows.append(Removed(constraint, count, left))
    return tuple(rows)


def _nothing_fits(task: "TaskSpec", found: "Sequence[Candidates]") -> str:
    lines = [f"{task.name or 'the task'}: no machine fits"]
    for number, one in enumerate(found, 1):
        which = f"alternative {number}: " if len(found) > 1 else ""
        counts = ", ".join(f"{constraint} removed {count}" for constraint, count in one.removed)
        lines.append(f"  {which}of {one.considered} offers, {counts or 'none was left'}")
    return "\n".join(lines)


def _loosen(found: "Sequence[Candidates]") -> str:
    """Name the last constraint to remove anything: what it removed had met all the others before it."""
    last = [one.removed[-1][0] for one in found if one.removed]
    return f"loosen {' or '.join(sorted(set(last)))}" if last else "enable more clouds: see `styx config`"
