"""Why one offer was not chosen: the constraints that it fails, or the cheaper offers before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx.errors import UsageError
from styx.offer import Offer
from styx.optimizer import explain, resolve, wishes
from styx.optimizer.constraints import failed
from styx.optimizer.index import Index, index
from styx.optimizer.parameters import MICRO
from styx.optimizer.places import unable_clouds
from styx.optimizer.search import Conditions, Searcher

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.optimizer.ask import Ask
    from styx.spec import SpecFile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one offer is to one group of machines of a task."""

    task: str
    group: str
    """Empty, or which alternative and group of the task."""
    failed: tuple[tuple[str, str], ...]
    """Each constraint that it fails, with what was asked, and what the offer has."""
    hourly_usd: float | None
    """For all machines; None when the price is not known."""
    cheaper: int
    """How many offers that fit cost less."""
    best: str
    """The cheapest that fits, as cloud/region/type; empty when none does."""
    best_hourly_usd: float | None


def why_not(
    spec: "SpecFile", catalog: "Catalog", cloud_ids: Sequence[str], offer: str, conditions: Conditions | None = None
) -> tuple[Verdict, ...]:
    """Return what `offer`, written cloud/region/type, is to each group of each task.

    Raises UsageError when there is no such offer, naming the nearest.
    """
    found = index(catalog)
    names = _names(offer)
    searcher = Searcher(found, cloud_ids, conditions or Conditions())
    verdicts = []
    for number, task in enumerate(spec.tasks):
        search = searcher.search(spec, number)
        for one in search.found:
            for group, ask in zip(explain.groups(one), one.way.asks, strict=True):
                which = (f"alternative {one.way.number + 1} " if len(search.found) > 1 else "") + group.rstrip(": ")
                verdicts.append(_verdict(found, (task.name or "", which), ask, names))
    return tuple(verdicts)


def _names(offer: str) -> tuple[str, str, str]:
    parts = offer.split("/")
    if len(parts) != 3 or not all(parts):
        raise UsageError(
            f"{offer!r} names no offer", "write cloud/region/type, for example as `styx optimize` prints it"
        )
    return parts[0], parts[1], parts[2]


def _verdict(found: Index, labels: tuple[str, str], ask: "Ask", names: tuple[str, str, str]) -> Verdict:
    judged = found.mask(ask, names)
    if judged is None:
        raise _no_such_offer(found, names)
    mask, spot = judged
    sold = found.sold(ask, [spot])[spot.kind, spot.place].offer
    first = next(iter(found.top(ask, 1)), None)
    best = found.sold(ask, [first])[first.kind, first.place].offer if first else None
    return Verdict(
        task=labels[0],
        group=labels[1],
        failed=tuple((wishes.wish(ask, name), _has(sold, ask, name)) for name in failed(mask)),
        hourly_usd=spot.micro_usd / MICRO if spot.known else None,
        cheaper=found.cheaper(ask, spot),
        best=f"{best.cloud}/{best.region}/{best.instance_type}" if best else "",
        best_hourly_usd=first.micro_usd / MICRO if first and first.known else None,
    )


def _no_such_offer(found: Index, names: tuple[str, str, str]) -> UsageError:
    cloud, region, instance_type = names
    clouds = {place.cloud for place in found.places}
    regions = {place.region for place in found.places if place.cloud == cloud}
    types = {name for one, name in found.names("types") if one == cloud}
    for what, name, known in (
        ("cloud", cloud, clouds),
        ("region", region, regions),
        ("machine type", instance_type, types),
    ):
        if name not in known:
            near = resolve.near(name, known)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known)[:10])}"
            return UsageError(f"the catalog has no {what} {name}", hint)
    return UsageError(
        f"{cloud} sells no {instance_type} in {region}", "name one of the regions that `styx optimize` prints"
    )


def _has(offer: Offer, ask: "Ask", constraint: str) -> str:
    """Return what the offer has where the constraint asks for something else; empty when there is nothing to say."""
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
