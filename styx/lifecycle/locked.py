"""The lock decides: what was chosen stays chosen until somebody updates it, or the spec asks for what it has not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from styx import clouds
from styx.errors import IntegrityError, NoOfferError, SpecError, UsageError
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.plan import Placement, Plan, TaskPlan

if TYPE_CHECKING:
    from styx.catalog import Catalog

Lock = dict[str, Any]
"""A styx.lock.json that was read."""

_TASK = ("task", "num_nodes", "placement", "ladder")
"""What a lock holds of a plan."""


def lock_of(target: Target) -> Lock | None:
    """Return the lock of the target's folder; None when there is none, or when it is another cluster's."""
    return lock_for(target, target.workdir.lock()) if target.workdir.lock_file.exists() else None


def lock_for(target: Target, lock: Lock) -> Lock | None:
    """Return `lock` when it is this target's."""
    own = lock.get("cluster") == target.cluster and lock.get("task") == (target.task.name or "")
    return lock if own else None


def task_plan(lock: Mapping[str, Any]) -> TaskPlan:
    """Return what a lock holds of a plan; raise IntegrityError when it is malformed."""
    return TaskPlan.from_json({name: lock.get(name) for name in _TASK})


def plan_of(targets: Sequence[Target], locks: Sequence[Lock | None]) -> Plan | None:
    """Return the plan that the locks hold, when every task has one and the spec is the one that they were made for."""
    found = [lock for lock in locks if lock and lock.get("spec_digest") == targets[0].spec.digest]
    if len(found) < len(targets):
        return None
    newest = max(found, key=lambda lock: str(lock.get("catalog_date", "")))
    tasks = tuple(task_plan(lock) for lock in found)
    try:
        return Plan(newest["spec_digest"], newest["catalog_digest"], newest["catalog_date"], tasks)
    except KeyError as error:
        raise IntegrityError(f"the lock of {targets[0].cluster} has no {error}", "render the folder again") from error


def is_own(plan: Plan) -> bool:
    """Tell whether machines of the user's own are in a plan: they have no price to hold on to, and come and go."""
    return any(clouds.by_id(task.placement.cloud).is_own for task in plan.tasks)


def same_machines(one: Placement, other: Placement) -> bool:
    """Tell whether two placements are of the same machines, whatever they cost."""
    return _machines(one) == _machines(other)


def _machines(placement: Placement) -> list[tuple[object, ...]]:
    return [
        (placement.cloud, placement.region, one.name, one.min_count, one.offer.instance_type, one.market)
        for one in placement.groups
    ]


Full = Callable[[], Plan]
Note = Callable[[str], None]


def keeping(
    targets: Sequence[Target], locks: Sequence[Lock | None], full: Full, note: Note, kept_ids: Sequence[str]
) -> Plan:
    """Return the plan of `full` with each task on the offers of its lock, where they still do what the spec asks.

    `kept_ids` are the clouds that may be chosen. A task whose lock does not fit any more is told through `note`.
    """
    placements = [_kept(target, lock, kept_ids) for target, lock in zip(targets, locks, strict=True)]
    try:
        plan = full()
    except NoOfferError:
        if None in placements:
            raise
        return _only_locked(targets, locks, placements)
    tasks = []
    for target, lock, placement in zip(targets, locks, placements, strict=True):
        task = plan.tasks[target.index]
        if placement is not None:
            task = on(placement, task)
        elif lock and not same_machines(task_plan(lock).placement, task.placement):
            note(f"{_where(task_plan(lock).placement)} of the lock does not fit any more: chosen anew")
        tasks.append(task)
    return replace(plan, tasks=tuple(tasks))


def _kept(target: Target, lock: Lock | None, kept_ids: Sequence[str]) -> Placement | None:
    """Return where a task goes when it may only use the offers of its lock; None when they will not do."""
    if lock is None:
        return None
    before = task_plan(lock).placement
    if clouds.by_id(before.cloud).is_own:
        return None
    found = placed(target, offers_of(before), [one for one in kept_ids if one == before.cloud])
    return _in_zone(found, before) if found else None


def placed(target: Target, offers: tuple[Offer, ...], cloud_ids: Sequence[str]) -> Placement | None:
    """Return where a task by itself goes when there are only `offers`; None when they will not do."""
    from styx.optimizer import choose

    spec, number = target.spec, target.index
    alone = replace(
        spec,
        tasks=(target.task,),
        documents=spec.documents[number : number + 1],
        origins=spec.origins[number : number + 1],
    )
    try:
        return choose(alone, _catalog_of(offers), cloud_ids).tasks[0].placement
    except (NoOfferError, SpecError, UsageError):  # a name that only other offers have is unknown to these few
        return None


@lru_cache(maxsize=64)
def _catalog_of(offers: tuple[Offer, ...]) -> "Catalog":
    """Return a catalog of a few offers, made once: the specs of a repository share them."""
    from styx.catalog import Catalog

    return Catalog(offers)


def offers_of(placement: Placement) -> tuple[Offer, ...]:
    """Return the offers of a placement, each once."""
    return tuple(dict.fromkeys(group.offer for group in placement.groups))


def _in_zone(placement: Placement, before: Placement) -> Placement:
    """Return `placement` in the zone that it had, with what it pays for data that leaves: it may be a pipeline's."""
    zone = before.groups[0].zone
    groups = tuple(replace(group, zone=zone or group.zone) for group in placement.groups)
    paid = before.cost
    complete = placement.cost.complete and paid.egress_known
    cost = replace(placement.cost, egress_usd=paid.egress_usd, egress_known=paid.egress_known, complete=complete)
    return replace(placement, groups=groups, cost=cost)


def on(placement: Placement, task: TaskPlan) -> TaskPlan:
    """Return `task` at `placement`; what was chosen instead, and its runners-up, are the ladder."""
    rungs = [one for one in (task.placement, *task.ladder) if not _same(one, placement)]
    ladder = tuple(replace(one, differs=_difference(placement, one)) for one in rungs)
    return replace(task, placement=placement, ladder=ladder)


def _same(one: Placement, other: Placement) -> bool:
    return same_machines(one, other) and one.groups[0].zone == other.groups[0].zone


def _difference(one: Placement, other: Placement) -> str:
    """Return the largest step from one placement to the other, as a ladder names it."""
    if one.cloud != other.cloud:
        return "cloud"
    if one.region != other.region:
        return "region"
    return "zone" if same_machines(one, other) else "type"


def _only_locked(
    targets: Sequence[Target], locks: Sequence[Lock | None], placements: Sequence[Placement | None]
) -> Plan:
    """Return the plan of the locks alone, for a catalog that has nothing else left."""
    tasks = tuple(
        TaskPlan(target.task.name or "", target.task.num_nodes, placement)
        for target, placement in zip(targets, placements, strict=True)
        if placement is not None
    )
    lock = next(lock for lock in locks if lock)
    return Plan(targets[0].spec.digest, lock["catalog_digest"], lock["catalog_date"], tasks)


def _where(placement: Placement) -> str:
    group = placement.groups[-1]
    return f"{placement.cloud}/{placement.region}/{group.offer.instance_type}"
