"""The sweep: before anything is made, and after all was destroyed, look for what carries the cluster's tags.

A Terraform that is killed while the cloud makes a machine never writes it down: its tags are all that tells of it.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from styx import clouds
from styx.clouds import Found
from styx.errors import CapacityError, CredentialError, LeakError, QuotaError, StyxError, ToolMissingError
from styx.lifecycle import known, remains
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.remains import Left, Look, Place
from styx.lifecycle.session import Session
from styx.state import ClusterRecord, Run

if TYPE_CHECKING:
    from styx.lifecycle.plan import Planned
    from styx.lifecycle.rendered import Rendered

FRESH_S = 60.0
"""How long a look counts while a person thinks about the plan."""

SKEW = timedelta(minutes=2)
"""How far the clocks of a cloud and of this machine may be apart."""

_REFUSALS = frozenset(one.__name__ for one in (CapacityError, QuotaError, CredentialError))
"""How a Terraform fails that ended by itself, and so knows all that it made."""

_EVER = 10_000

_WHOLE = {error.__name__ for error in (CapacityError, QuotaError, CredentialError)}
"""With these a cloud answers a Terraform that hears it: what it has made is in its state."""


@dataclass
class Way:
    """What stands between a plan and its machines."""

    session: Session
    look: Look | None
    """None where nothing can be forgotten, or nobody wants to know."""
    begun: float

    def clear(self, planned: "Planned", run: Run) -> None:
        """See that nothing of the cluster stands that its state does not know; what was orphaned is ended first.

        Raises ToolMissingError or CredentialError when that cannot be seen, LeakError naming what may hold data or
        cannot be ended. Nothing is asked when the plan creates nothing.
        """
        if self.look is None or not planned.terraform.add:
            return
        cluster, workdir = planned.rendered.cluster, planned.rendered.workdir
        with step(self.session.report, "sweep"):
            cut_off = _cut_off(cluster, run.id, self.session)
            if not (found := self.settled(cut_off=bool(cut_off))):
                return
            state = known.read(workdir, self.session, self.session.log(cluster, run.id, "terraform"))
            mine = _own(state.orphans(found), {self.session.owner, *state.owners}, self.session)
            runs = {one.run_id for one in self.session.store.runs(cluster, _EVER)}
            if kept := [one for one in mine if one.holds_data and not _is_unused(one, cut_off, runs)]:
                raise _may_hold_data(cluster, kept)
            end(self.look.place, mine, self.session, run)

    def settled(self, *, cut_off: bool) -> list[Found]:
        """Return what is there once everything that a cut off run made can be seen."""
        look = self.look
        if look is None:
            return []
        try:
            found = look.found()
            passed_s = time.monotonic() - self.begun
            if cut_off:  # the first look may have come too early
                time.sleep(max(0, self.session.settings.sweep_settle_s - passed_s))
            elif passed_s < FRESH_S:
                return found
            look.begin()
            return look.found()
        except (ToolMissingError, CredentialError) as error:
            message = f"cannot look for machines that a run before may have left: {error.message}"
            raise type(error)(message, f"{error.hint}; or give --no-sweep to apply without looking") from error


@contextmanager
def looking(rendered: "Rendered", session: Session) -> Iterator[Way]:
    """Begin to look for what the cloud has of a cluster, beside the plan that is made in this block."""
    place = _place(rendered, session)
    begun = time.monotonic()
    if place is None:
        yield Way(session, None, begun)
        return
    with remains.looking(place) as look:
        yield Way(session, look, begun)


def after_destroy(record: ClusterRecord, session: Session, run: Run) -> None:
    """See that nothing of a destroyed cluster is left, and end what is; raise LeakError for what remains.

    Where the cloud cannot be searched and a run was cut off while it created, that is a LeakError, too.
    """
    cloud = clouds.by_id(record.cloud)
    if cloud.account is None or not session.settings.sweep:
        return
    cut_off = _cut_off(record.name, run.id, session)
    place = Place(cloud, record.name, (record.region,))
    with step(session.report, "sweep"), remains.looking(place) as look:
        try:
            found = Way(session, look, time.monotonic()).settled(cut_off=bool(cut_off))
        except (ToolMissingError, CredentialError) as error:
            if cut_off:
                raise _unseen(record, error) from error
            session.report(Progress("sweep", "note", f"nobody looked: {error.message}"))
            return
        mine = _own(found, {session.owner, record.owner}, session)
        runs = {one.run_id for one in session.store.runs(record.name, _EVER)} | {record.run_id, ""}
        if strange := [one for one in mine if one.holds_data and one.run not in runs]:
            raise _may_hold_data(record.name, strange)
        end(place, mine, session, run)


def _place(rendered: "Rendered", session: Session) -> Place | None:
    placement = rendered.task_plan.placement
    cloud = clouds.by_id(placement.cloud)
    if cloud.account is None or not session.settings.sweep:
        return None
    record = session.store.cluster(rendered.cluster)
    before = {record.region} if record and record.cloud == cloud.id else set()
    return Place(cloud, rendered.cluster, tuple(sorted({placement.region, *before})))


def _cut_off(cluster: str, run_id: str, session: Session) -> list[tuple[datetime, datetime]]:
    """Return from when to when runs created, since the last whole destroy, whose creating never came to its end."""
    begun: dict[tuple[str, int], datetime] = {}
    ended: dict[tuple[str, int], datetime] = {}
    for event in session.store.events(cluster):
        step = event.run_id, event.seq
        if (event.verb, event.what, event.phase, event.detail.get("exit_code")) == ("destroy", "run", "end", 0):
            begun.clear()
        elif event.what != "terraform apply" or event.run_id == run_id:
            continue
        elif event.phase == "begin":
            begun[step] = _time(event.at)
        elif event.phase == "end" or event.detail.get("error") in _WHOLE:
            begun.pop(step, None)
        else:
            ended[step] = _time(event.at)
    return [(at, ended.get(step, datetime.now(UTC))) for step, at in begun.items()]


def _is_unused(found: Found, cut_off: Iterable[tuple[datetime, datetime]], runs: set[str]) -> bool:
    """Say whether a run that was cut off made it: nobody ever heard of it, so nobody has put anything there."""
    if not found.created or found.run not in runs:
        return False
    created = _time(found.created)
    return any(start - SKEW <= created <= end + SKEW for start, end in cut_off)


def _own(found: list[Found], owners: set[str], session: Session) -> list[Found]:
    """Return what belongs to these owners. What says no owner counts only where nobody else has such a cluster."""
    others = [one for one in found if one.owner and one.owner not in owners]
    if not others:
        return found
    whose = ", ".join(sorted({one.owner for one in others}))
    session.report(Progress("sweep", "note", f"a cluster of the same name belongs to {whose}: left alone"))
    return [one for one in found if one.owner in owners]


def end(place: Place, orphans: list[Found], session: Session, run: Run) -> None:
    """End the orphans and see them gone; raise LeakError for those that are not."""
    if not orphans:
        return
    names = [str(one) for one in orphans]
    with run.step("sweep", {"ends": names}):
        session.report(Progress("sweep", "note", f"ending what nobody knows of: {', '.join(names)}"))
        if left := remains.clear(place, [one.id for one in orphans], session.settings.sweep_patience_s):
            raise remaining(place.cluster, left)


def remaining(cluster: str, left: Iterable[Left]) -> LeakError:
    """Return the error for what a cloud does not end."""
    said = "; ".join(f"{one.found}: {one.why or 'still ending'}" for one in left)
    return LeakError(f"{cluster}: this is still there: {said}", "end it by hand, or run the command again")


def _may_hold_data(cluster: str, kept: Iterable[Found]) -> LeakError:
    names = ", ".join(str(one) for one in kept)
    message = f"{cluster}: these carry its name, are in no state that is known here, and may hold data: {names}"
    hint = (
        f"bring their Terraform state back, save what is on them, or end them: `styx reap --cluster {cluster} --yes`; "
        "to leave them as they are: --no-sweep"
    )
    return LeakError(message, hint)


def _unseen(record: ClusterRecord, error: StyxError) -> LeakError:
    """Return the error for a cluster that may lack machines in its state, where nobody can look."""
    command = clouds.by_id(record.cloud).find_command.format(cluster=record.name, region=record.region)
    message = f"{record.name}: a run was cut off while it created machines, and some may live on: {error.message}"
    hint = (
        f"{error.hint}, then run this again; or look yourself, `{command}`, and then `styx destroy {record.name} "
        "--no-sweep`"
    )
    return LeakError(message, hint)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
