"""AWS's public bulk price files: one CSV a region, no account needed.

Spot prices are not in them: the catalog's own estimate keeps its ratio to the on-demand price.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import dropwhile

from styx.clouds.aws.machines import BURSTABLE, FRACTIONS, GPUS, family
from styx.clouds.cloud import Http, Known
from styx.errors import CatalogError
from styx.offer import Offer

_ROOT = "/offers/v1.0/aws/AmazonEC2/current"
_WANTED = {
    "TermType": {"OnDemand"},
    "Unit": {"Hrs"},
    "Currency": {"USD"},
    "Operating System": {"Linux"},
    "Tenancy": {"Shared"},
    "Pre Installed S/W": {"NA"},
    "CapacityStatus": {"Used"},
    "MarketOption": {"OnDemand", ""},
}
"""Column → values of a plain Linux machine: docs.aws.amazon.com, price list query, EC2."""

_DISKS = re.compile(r"(\d+) x (\d+)")


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterator[Offer]:
    """Yield every shared Linux machine of every region that AWS lists."""
    root = hosts["prices"] + _ROOT
    regions = http.json(f"{root}/region_index.json").get("regions")
    if not regions:
        raise CatalogError(f"{root}/region_index.json lists no regions")
    for region in sorted(known.regions & set(regions) if known.regions else regions):
        yield from region_offers(http.lines(f"{root}/{region}/index.csv"), region, known)


def region_offers(lines: Iterable[str], region: str, known: Known) -> Iterator[Offer]:
    """Read one region's file: a few lines about the file, one of column names, then a row a price."""
    table = dropwhile(lambda line: not line.startswith('"SKU"'), lines)
    header = next(csv.reader(table), None)
    if header is None or not _WANTED.keys() - {"MarketOption"} <= set(header):  # files before 2023 lack that one
        raise CatalogError(f"the price file of {region} has no column names: it is cut off or has another form")
    for row in csv.DictReader(filter(_may_be_plain, table), header):
        if _is_plain(row):
            yield _offer(row, region, known)


def _may_be_plain(line: str) -> bool:
    """Say no to most lines of a file of millions before they are taken apart."""
    return '"OnDemand"' in line and '"Linux"' in line and '"Shared"' in line


def _is_plain(row: Mapping[str, str]) -> bool:
    plain = all((row.get(column) or "") in values for column, values in _WANTED.items())
    return plain and bool(row["Instance Type"]) and float(row["PricePerUnit"]) > 0


def _offer(row: Mapping[str, str], region: str, known: Known) -> Offer:
    name, price = row["Instance Type"], float(row["PricePerUnit"])
    shape = known.shape(region, name) or _new(row, region)
    before = known.offers.get((region, name))
    spot = _spot(before, price)
    return replace(
        shape,
        hourly_usd=price,
        price_kind="list",
        spot_hourly_usd=spot,
        spot_kind="unknown" if spot is None else "estimated",
    )


def _spot(before: Offer | None, price: float) -> float | None:
    if before is None or not before.hourly_usd or before.spot_hourly_usd is None:
        return None
    return round(price * before.spot_hourly_usd / before.hourly_usd, 6)


def _new(row: Mapping[str, str], region: str) -> Offer:
    """Return a machine that the catalog does not know yet, from the price list alone."""
    name = row["Instance Type"]
    accelerator = GPUS.get(family(name))
    count = FRACTIONS.get(name, float(row.get("GPU") or 0))
    return Offer(
        cloud=__package__.rpartition(".")[2],
        region=region,
        instance_type=name,
        vcpus=float(row["vCPU"]),
        memory_gib=float(row["Memory"].replace(",", "").removesuffix(" GiB")),
        accelerator=accelerator if count else None,
        accelerator_count=count if accelerator else 0,
        arch="arm64" if "Graviton" in row.get("Physical Processor", "") else "x86_64",
        burstable=family(name) in BURSTABLE,
        local_disk_gib=_local_disk_gib(row.get("Storage", "")),
    )


def _local_disk_gib(storage: str) -> float:
    """Read `2 x 1900 NVMe SSD`, in decimal GB; `EBS only` is none."""
    found = _DISKS.search(storage.replace(",", ""))
    return round(int(found[1]) * int(found[2]) * 1e9 / 2**30, 1) if found else 0
