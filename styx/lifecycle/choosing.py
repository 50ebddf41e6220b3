"""From a spec to a plan: refuse what cannot be honoured, then let the optimizer choose."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import NoOfferError
from styx.lifecycle import locked, policing
from styx.lifecycle.honour import refuse_beyond, refuse_unhonoured
from styx.lifecycle.limits import faster
from styx.lifecycle.locked import Lock
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Placement, Plan

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.spec import SpecFile


class Catalogs:
    """The catalogs that one command has opened, by the clouds in them: many specs ask the same few."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, ...], Catalog] = {}

    def of(self, cloud_ids: Iterable[str]) -> "Catalog":
        """Return the offers of these clouds; raise CatalogError when a file is bad."""
        from styx.catalog import open_catalog

        key = tuple(sorted(set(cloud_ids)))
        if key not in self._opened:
            self._opened[key] = open_catalog(key)
        return self._opened[key]


def choose_placements(
    targets: Sequence[Target],
    session: Session,
    catalogs: Catalogs | None = None,
    *,
    locks: Sequence[Lock | None] | None = None,
    committed: bool = False,
) -> Plan:
    """Return where every task of the targets' spec goes: where its lock says, unless that does not do.

    `locks` are used in the place of those on disk; a choice with none is made anew. With `committed` a lock made for
    this very spec is taken as it is, whatever the catalog and this machine say now.
    Raises SpecError for fields that nothing honours, NoOfferError or BudgetError as the optimizer does, PolicyError for
    what the repository or the spec forbids.
    """
    for target in targets:
        refuse_unhonoured(target)
    catalogs = catalogs or Catalogs()
    locks = [locked.lock_of(target) for target in targets] if locks is None else locks
    plan = locked.plan_of(targets, locks)
    if plan is None or (locked.is_own(plan) and not committed):
        plan = _chosen(targets, locks, session, catalogs, plan)
    elif not committed:
        _say_what_changed(plan, session, catalogs)
    for target in targets:
        placement = plan.tasks[target.index].placement
        refuse_beyond(target, placement)
        if told := faster(target, placement):
            session.report(Progress("choose", "note", f"network_tier: best: {told}"))
        _warn_of_old_prices(placement, session)
    policing.enforce(targets, plan, session.settings)
    return plan


def _chosen(
    targets: Sequence[Target],
    locks: Sequence[Lock | None],
    session: Session,
    catalogs: Catalogs,
    before: Plan | None,
) -> Plan:
    """Ask the optimizer; `before` is what the locks hold for this very spec, taken when it is the same machines."""
    from styx.optimizer import Conditions, choose
    from styx.spec import requests

    spec, allowed = targets[0].spec, session.cloud_ids()
    named = {request.cloud for task in spec.tasks for request in requests(task).alternatives if request.cloud}
    _look_at_pools(named & set(clouds.ids()), spec)
    # A cloud that does not exist is told by the optimizer, with the line that names it.
    known = {*allowed, *(named & set(clouds.ids()))}

    def full() -> Plan:
        catalog = catalogs.of(known)
        blocked = policing.left_out(targets, session.settings, catalog)
        try:
            return choose(spec, catalog, allowed, Conditions(blocklist=blocked))
        except NoOfferError:
            if not blocked:
                raise
            # What is chosen without the policies tells which rule it breaks.
            return choose(spec, catalog, allowed)

    def note(text: str) -> None:
        session.report(Progress("choose", "note", text))

    try:
        plan = locked.keeping(targets, locks, full, note, sorted(known))
    except NoOfferError as error:
        if named or not all(clouds.by_id(cloud_id).embedded for cloud_id in allowed):
            raise
        hint = (
            f"only {', '.join(allowed)} was considered: compare all clouds with `styx optimize`, or name one (--infra)"
        )
        raise NoOfferError(error.message, hint) from error
    if before and all(
        locked.same_machines(old.placement, new.placement) for old, new in zip(before.tasks, plan.tasks, strict=True)
    ):
        return before
    return plan


def _say_what_changed(plan: Plan, session: Session, catalogs: Catalogs) -> None:
    """Report a locked offer that the catalog has no longer, or at another price."""
    groups = [group for task in plan.tasks for group in task.placement.groups]
    if not groups:
        return
    from styx.catalog.current import current_prices

    now = current_prices(catalogs.of(group.offer.cloud for group in groups), [group.offer for group in groups])
    for offer, market in dict.fromkeys((group.offer, group.market) for group in groups):
        where = f"{offer.cloud}/{offer.region}/{offer.instance_type}"
        price, found = offer.price_usd(market), now.get((offer.cloud, offer.region, offer.instance_type))
        if found is None:
            text = f"{where} of the lock is gone from the catalog; it is kept until `styx update` finds another"
        elif found.on(market) is None and price is not None:
            text = f"the catalog has no price of {where} any more; the lock's ${price:,.4f} an hour is kept"
        elif found.on(market) != price:
            was = "no price" if price is None else f"${price:,.4f}"
            text = f"{where} costs ${found.on(market):,.4f} an hour now, {was} in the lock; see `styx update`"
        else:
            continue
        session.report(Progress("choose", "note", text))


def _look_at_pools(cloud_ids: set[str], spec: "SpecFile") -> None:
    """Look at hosts that are asked for by their pool, or by their cloud, and that nothing is known of yet."""
    from styx.lifecycle import pools
    from styx.spec import requests

    asked = [request for task in spec.tasks for request in requests(task).alternatives]
    for cloud_id in cloud_ids:
        if clouds.by_id(cloud_id).pools:
            named = {request.region for request in asked if request.cloud == cloud_id}
            pools.learn(cloud_id, named)


def _warn_of_old_prices(placement: Placement, session: Session) -> None:
    """Report a price that is older than the user's limit; the user's own machines have no date."""
    limit = session.settings.price_max_age_days
    dates = [group.offer.price_as_of for group in placement.groups if group.offer.price_as_of]
    today = datetime.now(UTC).date()
    if dates and (age := (today - date.fromisoformat(min(dates))).days) > limit:
        hint = f"fetch new ones: styx catalog refresh --cloud {placement.cloud}"
        text = f"the price is of {min(dates)}, {age} days ago (price_max_age_days is {limit}); {hint}"
        session.report(Progress("choose", "note", text))
