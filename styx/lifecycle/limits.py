"""What the chosen cloud does not take of a task, by its own limits: told before Terraform is asked."""

from collections import Counter
from collections.abc import Iterator, Mapping

from styx import clouds
from styx.clouds import Cloud
from styx.lifecycle.target import Target
from styx.plan import Placement

Row = tuple[str, str, str]
"""A path in the task, what is wrong with it and what to do."""


def beyond(target: Target, placement: Placement, cloud: Cloud) -> Iterator[Row]:
    """Yield what machines there cannot have, and what the cloud says itself."""
    if "volumes" in cloud.capabilities:
        yield from _volumes(target, placement, cloud)
    yield from _tier(target, placement, cloud)
    if "image_id" in cloud.capabilities:
        yield from _image(target, placement, cloud)
    yield from cloud.faults(target.task, placement)


def faster(target: Target, placement: Placement) -> str:
    """Return what `network_tier: best` brings to each kind of machine, for people; empty when nobody asks for it."""
    return clouds.by_id(placement.cloud).faster(placement) if _best(target) else ""


def _volumes(target: Target, placement: Placement, cloud: Cloud) -> Iterator[Row]:
    """Yield more disks than a machine takes, and two that are one."""
    from styx.render import volume_name
    from styx.spec import requests

    alternatives = requests(target.task).alternatives
    count = min(len(one.volumes) for one in alternatives)
    for group in placement.groups:
        if count > (most := cloud.most_volumes(group.offer)):
            what = f"{count} volumes, and {group.offer.instance_type} of {cloud.title} takes {most}"
            yield "resources.volumes", what, "name fewer and larger ones, or another instance_type"
            break
    for one in alternatives:
        names = Counter(volume_name(volume.path or "") for volume in one.volumes)
        for number, volume in enumerate(one.volumes):
            if names[volume_name(volume.path or "")] > 1:
                what = f"two volumes cannot both be mounted at {volume.path}"
                yield f"resources.volumes[{number}]", what, "give each a path of its own"


def _tier(target: Target, placement: Placement, cloud: Cloud) -> Iterator[Row]:
    if "network_tier" not in cloud.capabilities or not _best(target):
        return
    if not any(cloud.fast(group.offer) for group in placement.groups):
        kinds = " and ".join(dict.fromkeys(group.offer.instance_type for group in placement.groups))
        what = f"{kinds} of {cloud.title} has nothing faster than what all machines have"
        yield "resources.network_tier", what, "leave it out, or name another instance_type"


def _image(target: Target, placement: Placement, cloud: Cloud) -> Iterator[Row]:
    """Yield a family that there is not for the processor of these machines."""
    from styx.catalog import images
    from styx.spec import requests

    here = [one for one in requests(target.task).alternatives if one.cloud in (None, cloud.id)]
    asked = {_named(one.machine_image, placement.region) for one in here}
    for arch in dict.fromkeys(group.offer.arch for group in placement.groups):
        for name in sorted(asked):
            if there := images.unknown(cloud.id, arch, name):
                what = f"{cloud.title} has no image family {name!r} for {arch}"
                hint = f"did you mean {', or '.join(there)}? An image of your own is named by its id"
                yield "resources.image_id", what, hint


def _named(image: str | Mapping[str, str] | None, region: str) -> str:
    return image if isinstance(image, str) else (image or {}).get(region, "")


def _best(target: Target) -> bool:
    from styx.spec import requests

    return all(one.network_tier == "best" for one in requests(target.task).alternatives)
