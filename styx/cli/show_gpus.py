"""`styx show-gpus`: which GPUs there are, who sells them, and the cheapest of each."""

import re
from math import inf
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import options, wide

if TYPE_CHECKING:
    from styx.catalog import gpus


def show_gpus(  # noqa: PLR0913 - each is an option of the command line
    name: Annotated[
        str | None,
        Argument(
            metavar="[NAME[:COUNT]]", help="One kind of GPU by any of its names, or 80GB, 80GB+.", show_default=False
        ),
    ] = None,
    cloud: Annotated[list[str] | None, Option("--cloud", help="Only this cloud; may be given again.")] = None,
    region: Annotated[str | None, Option("--region", help="Only this region.")] = None,
    every: Annotated[
        bool, Option("--all", "-a", help="Every offer, not just the cheapest of each cloud and number.")
    ] = False,
    spot: Annotated[bool, Option("--spot", help="Only machines sold as spot, by their spot price.")] = False,
    json: options.Json = False,
) -> None:
    """List the GPUs that can be rented: memory, clouds, the cheapest machines on demand and on spot.

    Regions that most accounts cannot use count with --all, or when --region names one.

    Examples:

      styx show-gpus

      styx show-gpus H100:8 --cloud aws --spot

      styx show-gpus A100-80GB --all --json

      styx show-gpus 94GB
    """
    from styx.catalog import gpus, open_catalog

    catalog = open_catalog(_cloud_ids(cloud))
    kind, count = _asked(name)
    least, most = _memory(kind)
    question = gpus.Question(region, count, least, most, spot, every)
    if kind is None and not every:
        _summary(gpus.accelerators(catalog, question), json=json)
        return
    _offers(gpus.offers(catalog, None if least else kind, question), json=json)


def _cloud_ids(asked: list[str] | None) -> list[str]:
    """Return the clouds asked for; by default those that rent machines out."""
    from styx import clouds

    if asked:
        return [clouds.by_id(cloud_id).id for cloud_id in asked]
    return [cloud_id for cloud_id in clouds.ids() if not clouds.by_id(cloud_id).is_own]


def _asked(text: str | None) -> tuple[str | None, float | None]:
    """Read `H100` or `H100:8`."""
    from styx.errors import UsageError

    name, colon, count = (text or "").partition(":")
    if not colon:
        return name or None, None
    try:
        number = float(count)
    except ValueError:
        number = 0
    if not name or not 0 < number < 1e6:
        raise UsageError(f"{text!r} is not a GPU and a number", "write H100:8")
    return name, number


def _memory(kind: str | None) -> tuple[float | None, float | None]:
    """Read `80GB` or `80GB+`: the least and the most memory of one GPU."""
    found = re.fullmatch(r"([0-9]+)GB(\+?)", kind or "", re.IGNORECASE)
    if found is None:
        return None, None
    return float(found[1]), inf if found[2] else float(found[1])


def _summary(found: "tuple[gpus.Accelerator, ...]", *, json: bool) -> None:
    if json:
        _print_json(found)
        return
    rows = [
        (one.name, _gibs(one), " ".join(f"{count:.3g}" for count in one.counts), " ".join(one.clouds),
         _cheapest(one.on_demand), _cheapest(one.spot))
        for one in found
    ]  # fmt: skip
    wide.table(("gpu", "memory", "per machine", "clouds", "cheapest, $/hour each", "spot, $/hour each"), rows)


def _offers(found: "tuple[gpus.GpuOffer, ...]", *, json: bool) -> None:
    if json:
        _print_json(found)
        return
    rows = [
        (f"{one.accelerator}:{one.count:.3g}", _gib(one.gpu_memory_gib), f"{one.cloud}/{one.region}", one.instance_type,
         f"{one.vcpus:g}", f"{one.memory_gib:g} GiB", _usd(one.hourly_usd, one.price_kind),
         _usd(one.spot_hourly_usd, one.spot_kind), one.price_as_of)
        for one in found
    ]  # fmt: skip
    columns = ("gpus", "memory each", "where", "machine", "vCPUs", "memory", "$/hour", "spot $/hour", "price of")
    wide.table(columns, rows)


def _cheapest(one: "gpus.Cheapest | None") -> str:
    return "-" if one is None else f"{one.hourly_usd / one.count:.2f} {one.cloud}/{one.region} {one.instance_type}"


def _usd(amount: float | None, kind: str) -> str:
    """Return a price; one that no list has is marked."""
    if amount is None:
        return "-"
    return f"{amount:.2f}" + ("" if kind in {"list", "own"} else f" ({kind})")


def _gib(memory: float | None) -> str:
    return "?" if memory is None else f"{memory:g} GiB"


def _gibs(one: "gpus.Accelerator") -> str:
    sizes = one.memories_gib or ((one.memory_gib,) if one.memory_gib else ())
    return " or ".join(f"{size:g}" for size in sizes) + " GiB" if sizes else "?"


def _print_json(found: "tuple[gpus.Accelerator, ...] | tuple[gpus.GpuOffer, ...]") -> None:
    import json
    from dataclasses import asdict

    print(json.dumps([asdict(one) for one in found], indent=2))
