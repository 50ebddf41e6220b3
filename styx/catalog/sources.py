"""Reading facts as they were compiled (`offers.csv.gz` and the tables beside it) into offers."""

import csv
import gzip
import io
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from styx.errors import CatalogError, UsageError
from styx.offer import Offer, PriceKind

OFFERS_FILE = "offers.csv.gz"
MEND = "mend the source, then build again"
KINDS: dict[str, PriceKind] = {"list": "list", "derived": "derived", "estimated": "estimated"}


def read(folder: Path) -> dict[str, list[Offer]]:
    """Return cloud → offers of `folder` as they stand there, wrong cells included."""
    path = folder / OFFERS_FILE
    if not path.is_file():
        raise UsageError(f"there is no {OFFERS_FILE} in {folder}", "give the folder with the facts: --source DIR")
    found: dict[str, list[Offer]] = defaultdict(list)
    for line, row in rows(path):
        try:
            offer = _offer(row)
        except (KeyError, TypeError, ValueError) as error:
            raise CatalogError(f"{path}, line {line}: {error!r}", MEND) from error
        found[offer.cloud].append(offer)
    return dict(found)


def opened(path: Path) -> TextIO:
    """Open a text file, gzipped when its name says so."""
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and row of a CSV file; raise CatalogError where it stops being one."""
    line = 1
    try:
        with opened(path) as stream:
            reader = csv.DictReader(stream, strict=True)
            for row in reader:
                line = reader.line_num
                yield line, row
    except (OSError, EOFError, ValueError, zlib.error, csv.Error) as error:
        raise CatalogError(f"{path}, after line {line}: {error or type(error).__name__}", MEND) from error


def _offer(row: dict[str, str]) -> Offer:
    price, spot = _number(row["price"]), _number(row["spot_price"])
    return Offer(
        cloud=row["cloud"],
        region=row["region"],
        instance_type=row["instance_type"],
        vcpus=float(row["vcpus"]),
        memory_gib=float(row["memory_gib"]),
        zones=tuple(zone for zone in row["zones"].split("|") if zone),
        accelerator=row["accelerator"] or None,
        accelerator_count=_number(row["accelerator_count"]) or 0,
        gpu_memory_gib=_number(row["gpu_memory_gib"]),
        arch=row["arch"],
        hourly_usd=price,
        spot_hourly_usd=spot,
        price_kind=_kind(price, row["price_kind"]),
        spot_kind=_kind(spot, row["spot_kind"]),
        price_as_of=row["price_as_of"],
    )


def _number(text: str) -> float | None:
    return float(text) if text else None


def _kind(price: float | None, kind: str) -> PriceKind:
    return "unknown" if price is None else KINDS.get(kind, "unknown")
