"""Which accelerators there are, and what they cost: the questions of `styx show-gpus`."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from styx.catalog.open import Catalog
from styx.errors import NoOfferError, UsageError

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cheapest:
    """The machine with the cheapest accelerators of a kind."""

    cloud: str
    region: str
    instance_type: str
    count: float
    hourly_usd: float
    """Of the whole machine."""


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One kind of accelerator, over all the offers asked about."""

    name: str
    memory_gib: float | None
    """Of one."""
    vendor: str | None
    memories_gib: tuple[float, ...]
    """Every size that is sold under its name."""
    clouds: tuple[str, ...]
    counts: tuple[float, ...]
    """How many a machine can have."""
    on_demand: Cheapest | None
    spot: Cheapest | None


@dataclass(frozen=True, slots=True)
class GpuOffer:
    """One machine with accelerators."""

    accelerator: str
    count: float
    gpu_memory_gib: float | None
    cloud: str
    region: str
    instance_type: str
    vcpus: float
    memory_gib: float
    hourly_usd: float | None
    spot_hourly_usd: float | None
    price_kind: str
    spot_kind: str
    price_as_of: str


@dataclass(frozen=True, slots=True)
class Question:
    """Which offers are asked about."""

    region: str | None = None
    count: float | None = None
    least_gib: float | None = None
    """Memory of one."""
    most_gib: float | None = None
    spot: bool = False
    """Only machines sold as spot, by their spot price."""
    all: bool = False
    """Every offer, not just the cheapest of each cloud and number."""


def accelerators(catalog: Catalog, question: Question) -> tuple[Accelerator, ...]:
    """Return every accelerator that somebody sells, by name."""
    _check_region(catalog, question.region)
    asked = {"region": question.region, "spot": question.spot}
    rows = catalog.connection.execute(_sql("gpus"), asked).fetchall()
    return tuple(
        Accelerator(name, memory, vendor, tuple(sizes), tuple(clouds), tuple(counts), _cheapest(here), _cheapest(spot))
        for name, memory, vendor, sizes, clouds, counts, here, spot in rows
    )


def offers(catalog: Catalog, name: str | None, question: Question) -> tuple[GpuOffer, ...]:
    """Return machines with accelerator `name` (any of its names; None: of any name), cheapest first.

    Raises UsageError, with the nearest names, for one that nobody sells, and NoOfferError when no machine is left.
    """
    _check_region(catalog, question.region)
    found = resolve(catalog, name) if name else None
    asked = {
        "name": found,
        "count": question.count,
        "least_gib": question.least_gib,
        "most_gib": question.most_gib,
        "region": question.region,
        "spot": question.spot,
        "all": question.all,
    }
    rows = catalog.connection.execute(_sql("gpu_offers"), asked).fetchall()
    if not rows:
        raise _nothing(catalog, found, question)
    return tuple(GpuOffer(*row) for row in rows)


def resolve(catalog: Catalog, name: str) -> str:
    """Return the catalog's spelling of an accelerator; raise UsageError, with the nearest names, when it has none."""
    found = catalog.connection.execute(_sql("gpu_names")).fetchall()
    canonical = {alias.lower(): str(spelled) for alias, spelled in found}
    if name.lower() in canonical:
        return canonical[name.lower()]
    near = nearest(name, canonical)
    spelled = ", ".join(dict.fromkeys(canonical[one] for one in near))
    hint = f"did you mean {spelled}?" if spelled else "`styx show-gpus` lists them"
    raise UsageError(f"no accelerator is called {name!r}", hint)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to five of `known` (lower case) that look like `name` or begin as it does."""
    asked, listed = name.lower(), sorted(known)
    begun = [one for one in listed if one.startswith(asked) or asked.startswith(one)]
    alike = difflib.get_close_matches(asked, listed, n=5, cutoff=0.5)
    return list(dict.fromkeys([*alike, *begun]))[:5]


def _nothing(catalog: Catalog, name: str | None, question: Question) -> NoOfferError:
    """Say which numbers of `name` there are, or which sizes of memory."""
    if name is None:
        sizes = catalog.connection.execute(_sql("gpu_memories")).fetchall()
        listed = ", ".join(f"{size:g}GB" for (size,) in sizes)
        return NoOfferError("nobody asked about sells GPUs of so much memory", f"there is {listed}")
    rows = catalog.connection.execute(_sql("gpu_counts"), {"name": name}).fetchall()
    counts = ", ".join(f"{name}:{count:.3g}" for (count,) in rows)
    asked = name if question.count is None else f"{name}:{question.count:.3g}"
    where = f" in {question.region}" if question.region else ""
    spot = " as spot" if question.spot else ""
    hint = f"there is {counts}" if counts else "ask for other clouds"
    return NoOfferError(f"nobody asked about sells {asked}{where}{spot}", hint)


def _check_region(catalog: Catalog, region: str | None) -> None:
    """Refuse a region that no cloud has, with the nearest."""
    if region is None:
        return
    known = [name for (name,) in catalog.connection.execute(_sql("region_names")).fetchall()]
    if region not in known:
        near = nearest(region, known)
        hint = f"did you mean {', '.join(near)}?" if near else "see the cloud's own list of regions"
        raise UsageError(f"no region is called {region!r}", hint)


def _cheapest(value: dict[str, Any] | None) -> Cheapest | None:
    return Cheapest(**value) if value else None


def _sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text()
