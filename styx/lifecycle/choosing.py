"""From a spec to a plan: refuse what cannot be honoured, then let the optimizer choose."""

from collections.abc import Sequence

from styx.lifecycle.honour import refuse_beyond, refuse_unhonoured
from styx.lifecycle.session import Session
from styx.lifecycle.target import Target
from styx.plan import Plan


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
    plan = choose(spec, open_catalog(sorted({*allowed, *named})), allowed)
    for target in targets:
        refuse_beyond(target, plan.tasks[target.index].placement)
    return plan
