"""`reap`: what carries Styx's tags, on every cloud that lets us in, and is in no state that is known here."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from styx import clouds
from styx.clouds import Cloud, Found
from styx.errors import CredentialError, LeakError, StyxError, ToolMissingError
from styx.lifecycle import known, remains, sweep
from styx.lifecycle.progress import Progress, step
from styx.lifecycle.remains import Place
from styx.lifecycle.session import Session
from styx.run.process import Stop
from styx.state import RunLock
from styx.workdir import Workdir


@dataclass(frozen=True, slots=True)
class Orphan:
    """One thing that no state here knows of."""

    cloud: str
    found: Found
    own: bool
    """Whether its tags name whoever asks."""
    made_here: bool
    """Whether its run is in this machine's journal: else it may well stand in a state elsewhere."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    orphans: tuple[Orphan, ...]
    unseen: tuple[tuple[str, str], ...]
    """Clouds that could not be searched, and why."""


def survey(names: Sequence[str], session: Session, cluster: str = "") -> Survey:
    """Look on the clouds of `names`, on all that let us in when empty, for one cluster or all of them.

    Raises UsageError for an unknown cloud, and what keeps us from looking at one that is named.
    """
    known_clouds = [clouds.by_id(name) for name in names or clouds.ids()]
    places = [Place(cloud, cluster) for cloud in known_clouds if cloud.account is not None]
    with step(session.report, "look"):
        answers = _look(places)
    found: list[Orphan] = []
    unseen: list[tuple[str, str]] = []
    for place, answer in zip(places, answers, strict=True):
        if not isinstance(answer, StyxError):
            found += _orphans(place.cloud, answer, session)
        elif names:
            raise answer
        else:
            unseen.append((place.cloud.id, answer.message))
    return Survey(tuple(found), tuple(unseen))


def reap(orphans: Iterable[Orphan], session: Session) -> int:
    """End these and see them gone, cluster by cluster, each under its lock; return how many there were.

    Raises LockedError while another run is at work on one, LeakError for what cannot be ended.
    """
    groups: dict[tuple[str, str], set[str]] = {}
    for one in orphans:
        groups.setdefault((one.cloud, one.found.cluster), set()).add(one.found.id)
    ended, faults = 0, list[str]()
    for (cloud_id, cluster), ids in groups.items():
        try:
            ended += _reap(Place(clouds.by_id(cloud_id), cluster), ids, session)
        except LeakError as error:
            faults.append(error.message)
    if faults:
        raise LeakError("; ".join(faults), "end it by hand, or run the command again")
    return ended


def _reap(place: Place, ids: set[str], session: Session) -> int:
    """End what still is an orphan once nobody else is at work."""
    settings = session.settings
    with (
        RunLock(place.cluster, verb="reap", timeout_s=settings.lock_timeout_s),
        session.store.run(place.cluster, "reap", session.owner) as run,
        step(session.report, f"reap {place.cluster}"),
    ):
        still = [one.found for one in _orphans(place.cloud, remains.find(place), session) if one.found.id in ids]
        regions = tuple(sorted({one.region for one in still if one.region}))
        sweep.end(replace(place, regions=regions), still, session, run)
    return len(still)


def _look(places: Sequence[Place]) -> list[list[Found] | StyxError]:
    """Return what each has, or why it cannot be seen."""
    stop = Stop()

    def look(place: Place) -> list[Found] | StyxError:
        try:
            return remains.find(place, stop)
        except (ToolMissingError, CredentialError) as error:
            return error

    with ThreadPoolExecutor(max(len(places), 1)) as pool:
        try:
            return list(pool.map(look, places))
        except BaseException:
            stop.ask()  # else the pool would wait for all of them
            raise


def _orphans(cloud: Cloud, found: Iterable[Found], session: Session) -> list[Orphan]:
    rows: dict[str, list[Found]] = {}
    for one in found:
        rows.setdefault(one.cluster, []).append(one)
    orphans = []
    for cluster, things in rows.items():
        runs = {event.run_id for event in session.store.events(cluster)} if _is_name(cluster) else set()
        others = any(one.owner not in {"", session.owner} for one in things)
        for one in _unknown(cluster, things, session):
            own = one.owner == session.owner or (not one.owner and not others)
            orphans.append(Orphan(cloud.id, one, own, made_here=one.run in runs))
    return orphans


def _unknown(cluster: str, found: list[Found], session: Session) -> list[Found]:
    """Return what the state of the cluster does not know; nothing where that state cannot be read."""
    record = session.store.cluster(cluster)
    if record is None:
        return found
    try:
        state = known.read(Workdir(record.folder), session, session.log(cluster, "reap", "terraform"))
    except (StyxError, ValueError) as error:
        session.report(Progress("look", "note", f"{cluster}: its state cannot be read, so it is left out: {error}"))
        return []
    ids = frozenset(host.id.lower() for host in record.hosts)
    return replace(state, texts=state.texts | ids).orphans(found)


def _is_name(cluster: str) -> bool:
    """Say whether a tag's text can be a cluster's name: anybody can write tags."""
    from styx.errors import UsageError
    from styx.state.record import check_name

    try:
        check_name(cluster)
    except UsageError:
        return False
    return True
