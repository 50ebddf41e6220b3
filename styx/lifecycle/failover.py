"""Failover: a refused rung of the ladder is taken away again, then the next one is tried, until one stands."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from styx import clouds
from styx.clouds.failure import Failure
from styx.errors import BudgetError, CapacityError, CredentialError, QuotaError, SpecError, StyxError
from styx.lifecycle.ladder import Tried
from styx.lifecycle.machines import Made
from styx.lifecycle.progress import Progress
from styx.lifecycle.refusal import failure_of
from styx.lifecycle.session import Session
from styx.plan import TaskPlan

Attempt = Callable[[TaskPlan], Made | None]
"""Renders and makes one rung; None when the user declines. What the cloud refuses is raised, and taken away by then."""

LONGEST_WAIT_S = 900.0

REFUSED = (CapacityError, QuotaError, CredentialError)
"""What another rung may not be refused for."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How an apply goes about it."""

    overwrite: bool = False
    """Write over generated files that were edited by hand."""
    failover: bool = True
    """Try the ladder's runners-up when the cloud has no capacity, or gives no more."""
    until_up: bool = False
    """Begin again, after a while, when no rung of the ladder has capacity."""


USUAL = Conduct()
"""How an apply goes about it when nothing is said."""


def climb(cluster: str, rungs: Sequence[TaskPlan], attempt: Attempt, conduct: Conduct, session: Session) -> Made | None:
    """Try the choice of a task, then its runners-up, until one stands; None when the user declines.

    A cluster of which something stands goes nowhere else. Raises what the choice raised when it alone was tried; else
    CapacityError, QuotaError or CredentialError with a reason for each rung. What is wrong with the request itself
    is raised at once.
    """
    wait_s = session.settings.retry_wait_s
    while True:
        try:
            return _once(cluster, rungs, attempt, conduct, session)
        except CapacityError as error:
            if not conduct.until_up:
                raise
            session.report(Progress("failover", "note", f"{error.message}\nnext try in {wait_s:g} s"))
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


def _once(cluster: str, rungs: Sequence[TaskPlan], attempt: Attempt, conduct: Conduct, session: Session) -> Made | None:
    tried: list[Tried] = []
    for rung in rungs:
        if any(one.rules_out(rung.placement) for one in tried):
            continue
        try:
            return attempt(rung)
        except (*REFUSED, BudgetError, SpecError) as error:
            is_last = not conduct.failover or len(rungs) == 1 or _stands(cluster, session)
            if is_last or not (tried or isinstance(error, REFUSED)):
                raise
            tried.append(_tried(rung, error))
        session.report(Progress("failover", "note", f"{tried[-1]}; nothing of it is left"))
    raise _refusal(tried)


def _stands(cluster: str, session: Session) -> bool:
    """Say whether anything of the cluster is left: it can then not be made elsewhere."""
    known = session.store.cluster(cluster)
    return bool(known and known.live)


def _tried(rung: TaskPlan, error: StyxError) -> Tried:
    if not isinstance(error, REFUSED):
        return Tried(rung.placement, Failure("invalid", "zone", error.message.splitlines()[0]), error)
    return Tried(rung.placement, failure_of(error, clouds.by_id(rung.placement.cloud)), error)


def _refusal(tried: Sequence[Tried]) -> StyxError:
    """Return the one error for all rungs: no capacity comes before no quota, and that before no credentials."""
    if len(tried) == 1:
        return tried[0].error
    worst = next(one.error for kind in REFUSED for one in tried if isinstance(one.error, kind))
    lines = "".join(f"\n  {one}" for one in tried)
    return type(worst)(f"nothing could be had, and nothing is left:{lines}", worst.hint, log=worst.log)
