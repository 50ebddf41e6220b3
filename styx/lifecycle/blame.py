"""Terraform's refusals told with the line of the spec that they come from."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from styx.errors import StyxError, TerraformError
from styx.lifecycle.target import Target

_SHORTEST = 3
"""Shorter values are found in any message."""

_READ_AS = {
    "styx.network.vpc": ("var.network.vpc",),
    "styx.network.subnet": ("var.network.subnet",),
    "styx.network.security_groups": ("var.network.security_groups",),
    "resources.image_id": ("var.images",),
    "resources.instance_type": ("value.instance_type",),
    "resources.zone": ("value.zone",),
    "resources.region": ("var.placement",),
}
"""Path in a spec → how the modules read it."""


@contextmanager
def blaming(target: Target) -> Iterator[None]:
    """Name, in what Terraform refuses in the body, the lines of the spec whose values it speaks of."""
    try:
        yield
    except TerraformError as error:
        _name_lines(error, target)
        raise


def _name_lines(error: StyxError, target: Target) -> None:
    named = [(path, value) for path, value in _named(target) if len(value) >= _SHORTEST]
    spoken_of = [row for row in named if row[1] in error.message]
    for path, value in spoken_of or _read_in(_blocks(error, target), named):
        fault = target.spec.fault(target.index, path, f"{path} says {value}")
        place = f"{fault.file}:{fault.line}" if fault.line else fault.file
        error.message += f"\n{place}: {fault.message}"


def _read_in(blocks: str, named: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the rows that Terraform reads in these blocks, by the names of its variables."""
    return [(path, value) for path, value in named if any(name in blocks for name in _READ_AS.get(path, ()))]


def _blocks(error: StyxError, target: Target) -> str:
    """Return the blocks of the module that Terraform's diagnostics point at."""
    texts: list[str] = []
    for said in getattr(error, "diagnostics", ()):
        file = target.workdir.terraform / said.file
        if said.file and file.is_file() and file.parent == target.workdir.terraform:
            lines = file.read_text().splitlines()[max(said.line - 1, 0) :]
            texts += _to_the_end(lines)
    return "\n".join(texts)


def _to_the_end(lines: Sequence[str]) -> Iterator[str]:
    """Yield a block's lines: what `terraform fmt` ends with a brace in the first column."""
    for line in lines:
        yield line
        if line == "}":
            return


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
