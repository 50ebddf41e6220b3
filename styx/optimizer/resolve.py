"""Names that a spec gives and the catalog must know: clouds, regions, zones, machine types, accelerators."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import Fault, SpecError

if TYPE_CHECKING:
    from styx.optimizer.index import Index
    from styx.spec import Request, SpecFile, TaskSpec
    from styx.spec.accelerators import AcceleratorAsk
    from styx.spec.resources import Alternative

_NEAREST, _SHOWN = 3, 10
_ACCELERATORS = "; `styx show-gpus` lists the accelerators that there are"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that nothing has."""

    field: str
    """Of `resources`."""
    name: str
    message: str
    nearest: tuple[str, ...]
    known: tuple[str, ...] = ()
    """Names that there are, where nothing is near."""

    @property
    def hint(self) -> str:
        """What to write instead."""
        if self.nearest:
            return f"did you mean {' or '.join(self.nearest)}?"
        more = " …" if len(self.known) > _SHOWN else ""
        return f"there are {', '.join(self.known[:_SHOWN])}{more}" if self.known else ""


def resolved(request: "Request", index: "Index") -> "tuple[Request, list[Unknown]]":
    """Return `request` with the catalog's own names, and every name in it that is unknown."""
    unknown = [*_unknown_place(request, index), *_unknown_image_regions(request, index)]
    if request.instance_type and (found := _unknown_type(request, request.instance_type, index)):
        unknown.append(found)
    wanted = request.accelerator
    if wanted is not None and wanted.name is not None:
        known = {alias: name for name, alias in index.names("accelerators")}
        name = known.get(wanted.name.lower())
        if name is None:
            nearest = tuple(dict.fromkeys(known[one] for one in near(wanted.name.lower(), known)))
            message = f"no accelerator is called {wanted.name}"
            unknown.append(Unknown("accelerators", wanted.name, message, nearest))
        else:
            request = replace(request, accelerator=replace(wanted, name=name))
    return request, unknown


def refuse(spec: "SpecFile", task: int, unknown: Sequence[Unknown]) -> None:
    """Raise SpecError with the line of each unknown name, when there is one."""
    faults: list[Fault] = []
    for one in unknown:
        path = _path(spec.tasks[task], one)
        fault = spec.fault(task, path, one.message, one.hint)
        if fault not in faults:
            faults.append(fault)
    if faults:
        accelerators = any(one.field == "accelerators" for one in unknown)
        raise SpecError(faults, f"mend the names above{_ACCELERATORS if accelerators else ''}")


def _unknown_place(request: "Request", index: "Index") -> "Iterator[Unknown]":
    """Yield the first part of the place that does not exist: what is below it cannot be judged."""
    cloud, region, zone = request.cloud, request.region, request.zone
    known_clouds = {place.cloud for place in index.places} | set(clouds.ids())
    if cloud and cloud not in known_clouds:
        yield Unknown("infra", cloud, clouds.missing(cloud), near(cloud, known_clouds), tuple(sorted(known_clouds)))
        return
    if region:
        regions = _of(cloud, index.names("regions"))
        if region not in regions:
            message = f"there is no region {region} in {cloud or 'any cloud'}"
            yield Unknown("infra", region, message, near(region, regions), tuple(regions))
            return
    if zone:
        yield from _unknown_zone((cloud, region, zone), index)


def _unknown_zone(place: tuple[str | None, str | None, str], index: "Index") -> "Iterator[Unknown]":
    """Yield a zone that its region does not have; where none is known, one that is called as no zone there can be."""
    cloud, region, zone = place
    rows = index.names("zones")
    zones = {name: None for one, where, name in rows if cloud in (None, one) and region in (None, where)}
    if zone in zones or (cloud and region and not zones and _may_be_zone(cloud, region, zone)):
        return
    elsewhere = next((f"{one}/{where}" for one, where, name in rows if name == zone), None)
    asked = "/".join([cloud or "*", *([region] if region else [])])
    message = f"there is no zone {zone} in {'any cloud' if asked == '*' else asked}"
    if elsewhere:
        message = f"{zone} is a zone of {elsewhere}, not of {asked}"
    yield Unknown("infra", zone, message, near(zone, zones), tuple(zones) or _zone_forms(cloud, region))


def _may_be_zone(cloud: str, region: str, zone: str) -> bool:
    """Tell whether a cloud calls its zones so: a catalog need not list them."""
    pattern = clouds.by_id(cloud).zones if cloud in clouds.ids() else ""
    return bool(pattern and re.fullmatch(pattern.replace("{region}", re.escape(region)), zone))


def _zone_forms(cloud: str | None, region: str | None) -> tuple[str, ...]:
    """Return how zones are called where none is known."""
    pattern = clouds.by_id(cloud).zones if cloud and cloud in clouds.ids() else ""
    if not pattern:
        return ("no zones",)
    return (f"zones {pattern.replace('{region}', region or 'REGION')}, asked as {cloud}/{region or 'REGION'}/ZONE",)


def _unknown_image_regions(request: "Request", index: "Index") -> "Iterator[Unknown]":
    """Yield the regions of a mapping of region to image that do not exist."""
    if isinstance(request.image_id, str | None):
        return
    regions = _of(request.cloud, index.names("regions"))
    for region in request.image_id:
        if region not in regions:
            message = f"there is no region {region} in {request.cloud or 'any cloud'}"
            yield Unknown("image_id", region, message, near(region, regions), tuple(regions))


def _unknown_type(request: "Request", name: str, index: "Index") -> "Unknown | None":
    types = _of(request.cloud, index.names("types"))
    if name in types:
        return None
    message = f"there is no machine type {name} in {request.cloud or 'the catalog'}"
    sellers = sorted({cloud for cloud, other in index.names("types") if other == name})
    if sellers:
        return Unknown("instance_type", name, f"{message}: it is one of {', '.join(sellers)}", ())
    return Unknown("instance_type", name, message, near(name, types))


def _of(cloud: str | None, rows: Iterable[tuple[str, ...]]) -> dict[str, None]:
    return {name: None for one, name in rows if cloud in (None, one)}


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the names most like `name`; those that merely differ in case come first."""
    folded = {one.lower(): one for one in known}
    return tuple(folded[one] for one in difflib.get_close_matches(name.lower(), folded, n=_NEAREST, cutoff=0.5))


def _path(task: "TaskSpec", unknown: Unknown) -> str:
    """Return where in the spec the name stands: in an entry of any_of or ordered, or in the base."""
    base = task.resources
    for block in ("any_of", "ordered"):
        for number, entry in enumerate(getattr(base, block)):
            if field := _field(entry, unknown):
                return f"resources.{block}[{number}].{field}"
    return f"resources.{_field(base, unknown) or unknown.field}"


def _field(block: "Alternative", unknown: Unknown) -> str | None:
    """Return the field of `block` that says the name."""
    if unknown.field == "infra":
        place = block.infra
        if place and unknown.name in (place.cloud, place.region, place.zone):
            return "infra"
        return next((field for field in ("cloud", "region", "zone") if getattr(block, field) == unknown.name), None)
    if unknown.field == "accelerators":
        asks: tuple[AcceleratorAsk, ...] = block.accelerators.asks if block.accelerators else ()
        return "accelerators" if any(ask.name == unknown.name for ask in asks) else None
    said = getattr(block, unknown.field)
    return unknown.field if said == unknown.name or (isinstance(said, Mapping) and unknown.name in said) else None
