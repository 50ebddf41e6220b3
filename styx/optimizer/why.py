"""Why one offer was not chosen: the constraints that it fails, or the cheaper offers before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from styx.errors import NoOfferError, UsageError
from styx.offer import Offer
from styx.optimizer import explain, wishes
from styx.optimizer.constraints import told
from styx.optimizer.index import index
from styx.optimizer.places import unable_clouds
from styx.optimizer.preference import Choice, because, choices
from styx.optimizer.scope import Scope, parts, scope
from styx.optimizer.search import Conditions, Searcher, Way

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.optimizer.ask import Ask
    from styx.optimizer.places import Place
    from styx.spec import SpecFile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a part of the market is to one group of machines of a task, by its best offer."""

    task: str
    group: str
    """Empty, or which alternative and group of the task."""
    offer: str
    """The cheapest that fits, or the one that fails least, as cloud/region/type."""
    offers: int
    """How many offers the part has."""
    fitting: int
    removed: tuple[tuple[str, int], ...]
    """Each constraint, with how many offers of the part fail it first."""
    failed: tuple[tuple[str, str], ...]
    """Each constraint that `offer` fails, with what was asked, and what it has."""
    hourly_usd: float | None
    """Of `offer`, for all machines; None when a part of it is not known."""
    doubts: tuple[str, ...]
    """What the catalog doubts about `offer`."""
    doubtful: bool
    """Its price looks wrong, so that it comes after all that do not."""
    cheaper: int
    """How many offers that fit come before it."""
    best: str
    """The first that fits, as cloud/region/type; empty when none does."""
    best_hourly_usd: float | None
    chosen: str = ""
    """Where the task goes, as cloud/region/type; empty when nothing fits."""
    chosen_hourly_usd: float | None = None
    """Of its machines, without data that leaves; None when a part of it is not known."""
    because: str = ""
    """Why it goes there though `offer` fits, where that is more than the cheaper offers of the same group."""


def why_not(
    spec: "SpecFile", catalog: "Catalog", cloud_ids: Sequence[str], what: str, conditions: Conditions | None = None
) -> tuple[Verdict, ...]:
    """Return what becomes of `what` (a cloud, cloud/region, cloud/region/zone or cloud/region/type) for each task.

    Raises UsageError when there is no such thing, naming the nearest.
    """
    found = index(catalog)
    try:
        asked = scope(what, found)
    except UsageError:
        _refuse_hidden(catalog, what)
        raise
    searcher = Searcher(found, cloud_ids, conditions or Conditions())
    searches = [searcher.search(spec, number) for number in range(len(spec.tasks))]
    verdicts = []
    for task, search, choice in zip(spec.tasks, searches, choices(spec, searches, found), strict=True):
        for one in search.found:
            alternative = f"alternative {one.way.number + 1}" if len(search.found) > 1 else ""
            for group, ask in zip(explain.groups(one), one.way.asks, strict=True):
                label = ", ".join(part for part in (alternative, group.rstrip(": ")) if part)
                verdict, place = _verdict(catalog, (task.name or "", label), ask, asked)
                verdicts.append(_against(verdict, choice, one.way, place))
    return tuple(verdicts)


def _against(verdict: Verdict, choice: Choice | None, way: Way, place: int) -> Verdict:
    """Return the verdict with where the task goes."""
    if choice is None:
        return verdict
    reason = "" if verdict.failed else because(choice, way, place, known=verdict.hourly_usd is not None)
    return replace(verdict, chosen=choice.name, chosen_hourly_usd=choice.hourly_usd, because=reason)


def _verdict(catalog: "Catalog", labels: tuple[str, str], ask: "Ask", asked: Scope) -> tuple[Verdict, int]:
    """Return what the offers of `asked` are to one group of machines, and the place of the offer that is named."""
    found = index(catalog)
    groups = found.within(ask, asked)
    if not groups:
        _refuse_hidden(catalog, str(asked))
        message = f"the catalog has no {asked.instance_type} in {asked.cloud}/{asked.region}"
        raise UsageError(message, f"ask for {asked.cloud}/*/{asked.instance_type}: any region that sells it")
    nearest = min(groups, key=lambda group: (group.mask.bit_count(), group.cheapest.rank))
    mask, spot = nearest.mask, nearest.cheapest
    first = next(iter(found.top(ask, 1)), None)
    sold = found.sold(ask, [spot, *([first] if first else [])])
    offer = sold[spot.kind, spot.place].offer
    verdict = Verdict(
        task=labels[0],
        group=labels[1],
        offer=_name(offer),
        offers=sum(group.offers for group in groups),
        fitting=sum(group.offers for group in groups if group.mask == 0),
        removed=tuple(
            (wishes.wish(ask, name), number)
            for name, number in explain.counted(group for group in groups if group.mask).items()
        ),
        failed=tuple((wishes.wish(ask, name), _has(offer, ask, name, found.place(spot.place))) for name in told(mask)),
        hourly_usd=found.hourly_usd(ask, spot),
        doubts=found.doubts(offer),
        doubtful=spot.doubtful,
        cheaper=found.cheaper(ask, spot),
        best=_name(sold[first.kind, first.place].offer) if first else "",
        best_hourly_usd=found.hourly_usd(ask, first) if first else None,
    )
    return verdict, spot.place


def _refuse_hidden(catalog: "Catalog", what: str) -> None:
    """Raise NoOfferError when the user's own terms hide what was asked about."""
    from styx.catalog import overlaid

    terms = catalog.overlay
    if terms is None or not terms.hidden:
        return
    if lines := overlaid.hiding(catalog.connection, *parts(what)):
        raise NoOfferError(f"{what} is hidden by {terms.path}, {lines}", "take that out of `hidden` to have it judged")


def _name(offer: Offer) -> str:
    return f"{offer.cloud}/{offer.region}/{offer.instance_type}"


def _has(offer: Offer, ask: "Ask", constraint: str, place: "Place") -> str:
    """Return what the offer has where the constraint asks for something else; empty when there is nothing to say."""
    if constraint == "restricted regions":
        return f"{place.region}, which needs {place.restricted}"
    if constraint == "features":
        return f"{offer.cloud} cannot honour {', '.join(sorted(unable_clouds(ask).get(offer.cloud, ())))}"
    return _OFFERS[constraint](offer) if constraint in _OFFERS else ""


def _gpus(offer: Offer) -> str:
    return f"{offer.accelerator}:{offer.accelerator_count:g}" if offer.accelerator else "none"


_OFFERS: Mapping[str, Callable[[Offer], str]] = {
    "clouds": lambda offer: offer.cloud,
    "infra": lambda offer: "/".join([offer.cloud, offer.region, *offer.zones[:1]]),
    "image_id": lambda offer: offer.region,
    "instance_type": lambda offer: offer.instance_type,
    "accelerators": _gpus,
    "accelerators (count)": _gpus,
    "cpus": lambda offer: f"{offer.vcpus:g}",
    "memory": lambda offer: f"{offer.memory_gib:g}",
    "local_disk": lambda offer: f"{offer.local_disk_gib:g}",
    "styx.machine.arch": lambda offer: offer.arch,
    "styx.machine.burstable": lambda _offer: "true",
    "num_nodes": lambda offer: f"{offer.max_count} at most",
    "use_spot": lambda _offer: "no spot price",
    "max_hourly_cost": lambda offer: f"{offer.hourly_usd} on demand, {offer.spot_hourly_usd} on spot",
}
