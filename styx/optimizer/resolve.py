"""Names that a spec gives and the catalog must know: clouds, regions, zones, machine types, accelerators."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import Fault, SpecError

if TYPE_CHECKING:
    from styx.optimizer.index import Index
    from styx.spec import Request, SpecFile, TaskSpec
    from styx.spec.accelerators import AcceleratorAsk
    from styx.spec.resources import Alternative

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that nothing has."""

    field: str
    """Of `resources`."""
    name: str
    message: str
    nearest: tuple[str, ...]

    @property
    def hint(self) -> str:
        """What to write instead."""
        return (
            f"did you mean {' or '.join(self.nearest)}?" if self.nearest else "`styx show-gpus` and the docs list them"
        )


def resolved(request: "Request", index: "Index") -> "tuple[Request, list[Unknown]]":
    """Return `request` with the catalog's own names, and every name in it that is unknown."""
    unknown = [*_unknown_place(request, index)]
    if request.instance_type and (found := _unknown_type(request, request.instance_type, index)):
        unknown.append(found)
    wanted = request.accelerator
    if wanted is not None and wanted.name is not None:
        known = {alias: name for name, alias in index.names("accelerators")}
        name = known.get(wanted.name.lower())
        if name is None:
            nearest = near(wanted.name.lower(), known)
            message = f"no accelerator is called {wanted.name}"
            unknown.append(
                Unknown("accelerators", wanted.name, message, tuple(dict.fromkeys(known[one] for one in nearest)))
            )
        else:
            request = replace(request, accelerator=replace(wanted, name=name))
    return request, unknown


def refuse(spec: "SpecFile", task: int, unknown: Iterable[Unknown]) -> None:
    """Raise SpecError with the line of each unknown name, when there is one."""
    faults: list[Fault] = []
    for one in unknown:
        path = _path(spec.tasks[task], one)
        fault = spec.fault(task, path, one.message, one.hint)
        if fault not in faults:
            faults.append(fault)
    if faults:
        raise SpecError(faults, "mend the names above; `styx show-gpus` lists the accelerators that there are")


def _unknown_place(request: "Request", index: "Index") -> "Iterator[Unknown]":
    """Yield the first part of the place that does not exist: what is below it cannot be judged."""
    cloud, region, zone = request.cloud, request.region, request.zone
    known_clouds = {place.cloud for place in index.places} | set(clouds.ids())
    if cloud and cloud not in known_clouds:
        yield Unknown(
            "infra", cloud, f"there is no cloud {cloud}", near(cloud, known_clouds) or tuple(sorted(known_clouds))
        )
        return
    if region:
        regions = _of(cloud, index.names("regions"))
        if region not in regions:
            where = cloud or "any cloud"
            yield Unknown("infra", region, f"there is no region {region} in {where}", near(region, regions))
            return
    if zone:
        zones = _of(cloud, index.names("zones"))
        if zones and zone not in zones:
            yield Unknown("infra", zone, f"there is no zone {zone} in {cloud or 'any cloud'}", near(zone, zones))


def _unknown_type(request: "Request", name: str, index: "Index") -> "Unknown | None":
    types = _of(request.cloud, index.names("types"))
    if name in types:
        return None
    where = request.cloud or "the catalog"
    return Unknown("instance_type", name, f"there is no machine type {name} in {where}", near(name, types))


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
    return unknown.field if getattr(block, unknown.field) == unknown.name else None
