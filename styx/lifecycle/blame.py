"""Terraform's refusals told with the line of the spec that they come from."""

from collections.abc import Iterator
from contextlib import contextmanager

from styx.errors import StyxError, TerraformError
from styx.lifecycle.target import Target

_SHORTEST = 3
"""Shorter values are found in any message."""


@contextmanager
def blaming(target: Target) -> Iterator[None]:
    """Name, in what Terraform refuses in the body, the lines of the spec whose values it speaks of."""
    try:
        yield
    except TerraformError as error:
        _name_lines(error, target)
        raise


def _name_lines(error: StyxError, target: Target) -> None:
    for path, value in _named(target):
        if len(value) >= _SHORTEST and value in error.message:
            fault = target.spec.fault(target.index, path, f"{path} says {value}")
            place = f"{fault.file}:{fault.line}" if fault.line else fault.file
            error.message += f"\n{place}: {fault.message}"


def _named(target: Target) -> Iterator[tuple[str, str]]:
    """Yield the path and value of what a spec names in the cloud's own words, or lets through."""
    from styx.spec import requests

    network, styx = target.task.styx.network, target.task.styx
    yield from (("styx.network." + name, getattr(network, name) or "") for name in ("vpc", "subnet", "proxy_jump"))
    yield from (("styx.network.security_groups", group) for group in network.security_groups)
    yield from ((f"styx.tags.{key}", key) for key in styx.tags)
    for request in requests(target.task).alternatives:
        images = request.image_id or ""
        given = {"instance_type": request.instance_type, "zone": request.zone, "region": request.region}
        for name, value in {**given, "image_id": images if isinstance(images, str) else None}.items():
            yield f"resources.{name}", value or ""
        yield from ((f"resources.labels.{key}", key) for key in request.labels)
