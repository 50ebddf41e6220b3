"""GPUs that are rented beside an N1 machine: each pair is an offer of its own."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from styx.errors import CatalogError
from styx.offer import Offer

PRICES_FILE = "gcp_attachable_gpus.csv"
HOST_FAMILY = "n1-"

LIMITS: Mapping[tuple[str, int], tuple[int, float]] = {
    ("T4", 1): (48, 312), ("T4", 2): (48, 312), ("T4", 4): (96, 624),
    ("P4", 1): (24, 156), ("P4", 2): (48, 312), ("P4", 4): (96, 624),
    ("V100", 1): (12, 78), ("V100", 2): (24, 156), ("V100", 4): (48, 312), ("V100", 8): (96, 624),
    ("P100", 1): (16, 104), ("P100", 2): (32, 208), ("P100", 4): (64, 208),
}  # fmt: skip
"""(GPU, how many) → most vCPUs and GiB of the machine beside them (cloud.google.com, GPU machine types, N1)."""

LEAST_VCPUS, LEAST_GIB = 2, 7.5
"""Of the machine for each GPU, an n1-standard-2's: our own limit. Google sells eight GPUs beside one vCPU too, which no
job keeps busy: below a core for each, the cheapest offer would be one that nobody wants."""


@dataclass(frozen=True, slots=True)
class Gpus:
    """What some GPUs cost in a region, without the machine."""

    region: str
    zones: tuple[str, ...]
    accelerator: str
    count: int
    hourly_usd: float
    spot_hourly_usd: float | None
    price_as_of: str


def pair_name(host: str, accelerator: str, count: int) -> str:
    """Return the instance type of an N1 with GPUs: `n1-standard-8+T4:1`."""
    return f"{host}+{accelerator}:{count}"


def split_name(instance_type: str) -> tuple[str, str, int]:
    """Return machine type, GPU (empty when there is none) and how many: the opposite of pair_name."""
    host, _, gpu = instance_type.partition("+")
    name, _, count = gpu.partition(":")
    return host, name, int(count or 0)


def offers(hosts: Iterable[Offer], folder: Path) -> Iterator[Offer]:
    """Yield an offer for each N1 of `hosts` and each price of `folder`'s list that fits beside it."""
    path = folder / PRICES_FILE
    if path.exists():
        yield from pairs(hosts, _read(path))


def pairs(hosts: Iterable[Offer], prices: Iterable[Gpus]) -> Iterator[Offer]:
    """Yield an offer for each N1 of `hosts` with each of the GPUs that its region sells and its size allows."""
    by_region: dict[str, list[Offer]] = defaultdict(list)
    for host in hosts:
        if host.instance_type.startswith(HOST_FAMILY):
            by_region[host.region].append(host)
    for gpus in prices:
        yield from (_pair(host, gpus) for host in _fitting(by_region[gpus.region], gpus))


def _fitting(hosts: Sequence[Offer], gpus: Gpus) -> Iterator[Offer]:
    most_vcpus, most_gib = LIMITS.get((gpus.accelerator, gpus.count), (0, 0))
    for host in hosts:
        fits = gpus.count * LEAST_VCPUS <= host.vcpus <= most_vcpus
        fits = fits and gpus.count * LEAST_GIB <= host.memory_gib <= most_gib
        if fits and set(host.zones) & set(gpus.zones):
            yield host


def _pair(host: Offer, gpus: Gpus) -> Offer:
    spot = None if host.spot_hourly_usd is None or gpus.spot_hourly_usd is None else (
        round(host.spot_hourly_usd + gpus.spot_hourly_usd, 6)
    )  # fmt: skip
    return replace(
        host,
        instance_type=pair_name(host.instance_type, gpus.accelerator, gpus.count),
        zones=tuple(zone for zone in host.zones if zone in gpus.zones),
        accelerator=gpus.accelerator,
        accelerator_count=gpus.count,
        hourly_usd=None if host.hourly_usd is None else round(host.hourly_usd + gpus.hourly_usd, 6),
        spot_hourly_usd=spot,
        price_as_of=min(host.price_as_of, gpus.price_as_of),
    )


def _read(path: Path) -> Iterator[Gpus]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            for row in reader:
                yield _gpus(row)
        except (KeyError, TypeError, ValueError, AttributeError, csv.Error) as error:
            told = f"{path}, line {reader.line_num}: {error!r}"
            raise CatalogError(told, "mend the source, then build again") from error


def _gpus(row: Mapping[str, str]) -> Gpus:
    return Gpus(
        region=row["region"],
        zones=tuple(row["zones"].split("|")),
        accelerator=row["accelerator"],
        count=int(row["accelerator_count"]),
        hourly_usd=float(row["price"]),
        spot_hourly_usd=float(row["spot_price"]) if row["spot_price"] else None,
        price_as_of=row["price_as_of"],
    )
