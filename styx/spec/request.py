"""A task's resources as a list of flat requests: what the optimizer looks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from styx.spec.accelerators import AcceleratorAsk
from styx.spec.infra import Infra
from styx.spec.quantities import Amount, LocalDisk
from styx.spec.resources import CONTAINER, AcceleratorArgs, Alternative, Autostop, DiskVolume, JobRecovery
from styx.spec.styx_block import Docker, Machine
from styx.spec.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Request:
    """One way to meet a task's needs; None is no constraint."""

    cloud: str | None = None
    region: str | None = None
    zone: str | None = None
    pool: str | None = None
    """The pool of `ssh/<pool>`."""
    context: str | None = None
    """The context of `k8s/<context>`."""
    cpus: Amount | None = None
    memory_gib: Amount | None = None
    memory_per_cpu: Amount | None = None
    """GiB for each vCPU, of `memory: 4x`."""
    accelerator: AcceleratorAsk | None = None
    instance_type: str | None = None
    use_spot: bool | None = None
    max_hourly_usd: float | None = None
    """For one machine."""
    disk_size_gib: int | None = None
    disk_tier: str | None = None
    network_tier: str | None = None
    local_disk: LocalDisk | None = None
    image_id: str | Mapping[str, str] | None = None
    """An image, or region → image."""
    ports: tuple[tuple[int, int], ...] = ()
    """First and last of each range."""
    labels: Mapping[str, str] = field(default_factory=dict)
    autostop: Autostop | None = None
    job_recovery: JobRecovery | None = None
    accelerator_args: AcceleratorArgs | None = None
    volumes: tuple[DiskVolume, ...] = ()
    arch: str | None = "x86_64"
    """None for any."""
    burstable: bool = False
    """Burstable machines will do."""
    marketplace: bool = False
    """Hosts of a marketplace will do."""
    asked: frozenset[str] = frozenset()
    """The fields of `resources` that ask for something, so that what a cloud cannot honour can be named."""

    @property
    def container(self) -> str:
        """The image of the container that jobs run in, as `image_id: docker:…` names it; empty for none."""
        if isinstance(self.image_id, str) and self.image_id.startswith(CONTAINER):
            return self.image_id.removeprefix(CONTAINER)
        return ""

    @property
    def machine_image(self) -> str | Mapping[str, str] | None:
        """The image that the machine itself starts from."""
        return None if self.container else self.image_id


@dataclass(frozen=True, slots=True)
class Requests:
    """Every way to meet a task's needs."""

    alternatives: tuple[Request, ...]
    ordered: bool
    """Take the first that can be had; the cheapest otherwise."""


def requests(task: TaskSpec) -> Requests:
    """Return the alternatives of `task`: any_of, ordered and accelerators, each completed by the base resources."""
    base = task.resources
    found: list[Request] = []
    ordered = bool(base.ordered)
    for entry in base.ordered or base.any_of or (Alternative(),):
        merged = _merged(base, entry)
        request = _request(merged, _place(base, entry), task.styx.machine)
        choice = merged["accelerators"]
        found += [replace(request, accelerator=ask) for ask in choice.asks] if choice else [request]
        ordered = ordered or bool(choice and choice.ordered)
    return Requests(tuple(_distinct(found)), ordered)


def container(task: TaskSpec, request: Request) -> Docker | None:
    """Return the container that jobs of `task` run in on what meets `request`; None for the machine itself."""
    if task.styx.environment.docker:
        return task.styx.environment.docker
    return Docker(image=request.container) if request.container else None


def _merged(base: Alternative, entry: Alternative) -> dict[str, Any]:
    """Return every field: the entry's where it says something, the base's otherwise; labels are joined."""
    merged = {
        name: getattr(entry if name in entry.model_fields_set else base, name) for name in Alternative.model_fields
    }
    return {**merged, "labels": {**base.labels, **entry.labels}}


def _place(base: Alternative, entry: Alternative) -> Infra:
    """Return where the entry may go; what it says of the cloud replaces all that the base says of the place."""
    outer, inner = _own_place(base), _own_place(entry)
    if entry.infra or (inner.cloud and outer.cloud and inner.cloud != outer.cloud):
        return inner
    here = replace(outer, cloud=inner.cloud or outer.cloud)
    if inner.region and inner.region != outer.region:
        return replace(here, region=inner.region, zone=inner.zone)
    return replace(here, zone=inner.zone or outer.zone)


def _own_place(one: Alternative) -> Infra:
    return one.infra or Infra(one.cloud, one.region, one.zone)


def _request(merged: Mapping[str, Any], place: Infra, machine: Machine) -> Request:
    memory = merged["memory"]
    return Request(
        cloud=place.cloud,
        region=place.region,
        zone=place.zone,
        pool=place.pool,
        context=place.context,
        cpus=merged["cpus"],
        memory_gib=memory.gib if memory else None,
        memory_per_cpu=memory.per_cpu if memory else None,
        instance_type=merged["instance_type"],
        use_spot=merged["use_spot"],
        max_hourly_usd=merged["max_hourly_cost"],
        disk_size_gib=merged["disk_size"],
        disk_tier=None if merged["disk_tier"] == "none" else merged["disk_tier"],
        network_tier=merged["network_tier"],
        local_disk=merged["local_disk"],
        image_id=merged["image_id"],
        ports=merged["ports"] or (),
        labels=merged["labels"],
        autostop=merged["autostop"],
        job_recovery=merged["job_recovery"],
        accelerator_args=merged["accelerator_args"],
        volumes=merged["volumes"],
        arch=None if machine.arch == "any" else machine.arch,
        burstable=machine.burstable,
        marketplace=machine.marketplace,
        asked=_asked(merged, place),
    )


def _asked(merged: Mapping[str, Any], place: Infra) -> frozenset[str]:
    """Return the fields that ask for something: `use_spot: false` and an empty list do not."""
    places = {"cloud": place.cloud, "region": place.region, "zone": place.zone, "infra": place.cloud}
    values = {**merged, **places}
    return frozenset(name for name, value in values.items() if value not in (None, False, (), {}, "none"))


def _distinct(found: list[Request]) -> list[Request]:
    """Return `found` without repetitions, which overrides can make of different alternatives."""
    kept: list[Request] = []
    for request in found:
        if request not in kept:
            kept.append(request)
    return kept
