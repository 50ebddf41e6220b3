"""From a spec to a plan: refuse what cannot be honoured, then let the optimizer choose."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import NoOfferError
from styx.lifecycle.honour import refuse_beyond, refuse_unhonoured
from styx.lifecycle.limits import faster
from styx.lifecycle.progress import Progress
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Placement, Plan

if TYPE_CHECKING:
    from styx.spec import SpecFile


def choose_placements(targets: Sequence[Target], session: Session) -> Plan:
    """Return where every task of the targets' spec goes.

    Raises SpecError for fields that nothing honours, NoOfferError or BudgetError as the optimizer does.
    """
    from styx.catalog import open_catalog
    from styx.optimizer import choose
    from styx.spec import requests

    for target in targets:
        refuse_unhonoured(target)
    spec, allowed = targets[0].spec, session.cloud_ids()
    named = {request.cloud for task in spec.tasks for request in requests(task).alternatives if request.cloud}
    _look_at_pools(named & set(clouds.ids()), spec)
    # A cloud that does not exist is told by the optimizer, with the line that names it.
    catalog = open_catalog(sorted({*allowed, *(named & set(clouds.ids()))}))
    try:
        plan = choose(spec, catalog, allowed)
    except NoOfferError as error:
        if named or not all(clouds.by_id(cloud_id).embedded for cloud_id in allowed):
            raise
        hint = (
            f"only {', '.join(allowed)} was considered: compare all clouds with `styx optimize`, or name one (--infra)"
        )
        raise NoOfferError(error.message, hint) from error
    for target in targets:
        placement = plan.tasks[target.index].placement
        refuse_beyond(target, placement)
        if told := faster(target, placement):
            session.report(Progress("choose", "note", f"network_tier: best: {told}"))
        _warn_of_old_prices(placement, session)
    return plan


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
