"""What a task asks of the chosen cloud's Terraform module."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from styx.clouds import Cloud, Image, Volume, Wanted
from styx.plan import Group
from styx.render import volumes

if TYPE_CHECKING:
    from styx.render.bundle import Rendering
    from styx.spec import Request, TaskSpec


def request(rendering: "Rendering") -> "Request":
    """Return the alternative of the task's resources that the placement answers; the first when none is told apart."""
    from styx.spec import requests

    placement = rendering.placement
    offer = placement.groups[-1].offer
    alternatives = requests(rendering.task).alternatives
    fits = (
        one
        for one in alternatives
        if one.cloud in (None, placement.cloud)
        and one.region in (None, placement.region)
        and one.instance_type in (None, offer.instance_type)
        and bool(one.use_spot) == (placement.groups[-1].market == "spot")
        and _same_accelerator(one, offer.accelerator)
    )
    return next(fits, alternatives[0])


def _same_accelerator(one: "Request", accelerator: str | None) -> bool:
    name = one.accelerator.name if one.accelerator else None
    return name is None or (accelerator or "").lower().startswith(name.lower())


def wanted(rendering: "Rendering", cloud: Cloud) -> Wanted:
    """Return what the module of `cloud` needs to know."""
    asked, network = request(rendering), rendering.task.styx.network
    groups = both(rendering.placement.groups)
    return Wanted(
        cluster=rendering.cluster,
        region=rendering.placement.region,
        groups=groups,
        images={group.name: _image(rendering, cloud, group) for group in groups},
        fast_network=asked.network_tier == "best",
        public_ip=network.has_public_ip,
        tunnel=network.tunnel or "",
        volumes=_volumes(rendering, asked),
        labels=asked.labels,
        buckets=_buckets(rendering.task, cloud.bucket_scheme),
        stops_when_idle=bool(asked.autostop and not asked.autostop.down),
    )


def _volumes(rendering: "Rendering", asked: "Request") -> tuple[Volume, ...]:
    """Return the further disks by their numbers; an order of the spec's means nothing to those that stand."""
    by_name = {volumes.name(one.path or ""): one for one in asked.volumes}
    numbers = volumes.numbered(by_name, rendering.volumes)
    return tuple(
        Volume(name, by_name[name].path or "", by_name[name].disk_size or 100, by_name[name].disk_tier or "", number)
        for name, number in sorted(numbers.items(), key=lambda one: one[1])
    )


def both(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the head and the workers, of whom there may be none: one more machine is then one more in a count."""
    if any(group.role == "worker" for group in groups):
        return groups
    head = groups[0]
    none = Group("worker", "worker", 0, 0, head.offer, head.market, head.zone, head.disk_gib, head.disk_tier)
    return (*groups, none)


def image_key(rendering: "Rendering", group: Group) -> dict[str, Any]:
    """Return what decides the image of `group`: another one is looked for only when this changes."""
    asked: Any = request(rendering).machine_image or ""
    named = asked if isinstance(asked, str) else asked.get(rendering.placement.region, "")
    return {"asked": named, "arch": group.offer.arch, "gpu": group.offer.accelerator is not None}


def _image(rendering: "Rendering", cloud: Cloud, group: Group) -> Image:
    """Return the image of `group`: what the lock has, what the spec names, the cloud's own for such a machine."""
    from styx.catalog import images

    if locked := rendering.images.get(group.name):
        return Image(id=locked)
    key = image_key(rendering, group)
    found = images.family(cloud.id, key["arch"], gpu=key["gpu"], named=key["asked"])
    return Image(owner=found.owner, name=found.name) if found else Image(name=key["asked"])


def _buckets(task: "TaskSpec", scheme: str) -> dict[str, bool]:
    """Return bucket → whether it is written to, of the cloud's own buckets that file mounts name."""
    found: dict[str, bool] = {}
    for mount in task.file_mounts.values():
        for source in mount.source if isinstance(mount.source, tuple) else (mount.source,):
            parts = urlsplit(source or "")
            if scheme and parts.scheme == scheme:
                found[parts.netloc] = found.get(parts.netloc, False) or mount.mode in ("MOUNT", "MOUNT_CACHED")
    return found
