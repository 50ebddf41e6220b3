"""`update`: look again for the best offers, and lock those that save enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from styx.catalog.current import current_prices
from styx.lifecycle import locked, policing
from styx.lifecycle.choosing import Catalogs, choose_placements
from styx.lifecycle.progress import step
from styx.lifecycle.rendered import Rendered, render_target
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Placement, Plan
from styx.state import RunLock


@dataclass(frozen=True, slots=True)
class Updated:
    """One task, where its lock had it and where it goes now."""

    target: Target
    before: Placement | None
    """At today's prices; None without a lock, and when its offer is gone, does not do any more or breaks a policy."""
    after: Placement
    gone: bool
    """Whether there is a lock whose offer cannot be had any more."""
    rendered: Rendered | None
    """None when the lock stays as it is."""

    @property
    def saving_usd(self) -> float | None:
        """USD an hour; None when either cost is not known in full."""
        if self.before is None or not (self.before.cost.complete and self.after.cost.complete):
            return None
        return self.before.cost.hourly_usd - self.after.cost.hourly_usd


def update_specs(
    specs: Sequence[Sequence[Target]], session: Session, *, min_saving: float = 0, overwrite: bool = False
) -> tuple[Updated, ...]:
    """Choose anew for each spec, and write the folders of those that save the fraction `min_saving` of their cost.

    The tasks of a spec are judged together. One whose locked offer cannot be had any more is always written.
    Raises what the optimizer and the rendering raise.
    """
    catalogs, found = Catalogs(), list[Updated]()
    for targets in specs:
        with step(session.report, "choose"):
            plan = choose_placements(targets, session, catalogs, locks=[None] * len(targets))
            updates = [_compared(target, plan, session, catalogs) for target in targets]
        ejected = any(target.workdir.is_ejected for target in targets)
        if not ejected and _is_due(updates, min_saving):
            updates = [_written(update, plan, session, overwrite=overwrite) for update in updates]
        found += updates
    return tuple(found)


def _compared(target: Target, plan: Plan, session: Session, catalogs: Catalogs) -> Updated:
    lock, after = locked.lock_of(target), plan.tasks[target.index].placement
    before = None
    if lock is not None:
        before = _at_todays_prices(target, locked.task_plan(lock).placement, catalogs)
    if before is not None and policing.broken(target, before, session.settings):
        before = None
    return Updated(target, before, after, lock is not None and before is None, None)


def _at_todays_prices(target: Target, placement: Placement, catalogs: Catalogs) -> Placement | None:
    """Return the locked placement as the catalog prices it now; None when it cannot be had any more."""
    offers = locked.offers_of(placement)
    prices = current_prices(catalogs.of([placement.cloud]), offers)
    now = []
    for offer in offers:
        price = prices.get((offer.cloud, offer.region, offer.instance_type))
        if price is None:
            return None
        now.append(replace(offer, hourly_usd=price.hourly_usd, spot_hourly_usd=price.spot_hourly_usd))
    return locked.placed(target, tuple(now), [placement.cloud])


def _is_due(updates: Sequence[Updated], min_saving: float) -> bool:
    """Tell whether what was chosen anew is taken."""
    if any(update.before is None for update in updates):
        return True
    savings = [update.saving_usd for update in updates]
    if None in savings:
        return not min_saving
    before = sum(update.before.cost.hourly_usd for update in updates if update.before)
    saving = sum(one for one in savings if one is not None)
    return saving >= min_saving * before and (saving > 0 or not min_saving)


def _written(update: Updated, plan: Plan, session: Session, *, overwrite: bool) -> Updated:
    target = update.target
    with RunLock(target.cluster, verb="update", timeout_s=session.settings.lock_timeout_s):
        return replace(update, rendered=render_target(target, plan, session, overwrite=overwrite))
