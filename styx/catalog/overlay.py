"""The user's own terms over the catalog: discounts, prepaid machines, private types, what is never to be chosen."""

import os
from dataclasses import dataclass
from pathlib import Path

from styx import paths
from styx.errors import Fault, SpecError
from styx.offer import Offer

FILE = "overlay.yaml"
VARIABLE = "STYX_CATALOG_OVERLAY"


@dataclass(frozen=True, slots=True)
class Discount:
    """A negotiated price: so many percent off, or a price; the first that matches a machine holds."""

    cloud: str = "*"
    region: str = "*"
    type: str = "*"
    market: str = "*"
    percent: float | None = None
    hourly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Prepaid:
    """Machines that are paid for already: so many of a type cost nothing more."""

    cloud: str
    region: str
    type: str
    max_count: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is never to be chosen."""

    cloud: str = "*"
    region: str = "*"
    type: str = "*"


@dataclass(frozen=True, slots=True)
class Overlay:
    """The user's own terms."""

    path: Path
    digest: str
    discounts: tuple[Discount, ...] = ()
    prepaid: tuple[Prepaid, ...] = ()
    private: tuple[Offer, ...] = ()
    hidden: tuple[Hidden, ...] = ()

    def missing(self, prepaid: Prepaid) -> SpecError:
        """Return the error of a prepaid machine that the catalog does not have."""
        what = f"{prepaid.cloud}/{prepaid.region}/{prepaid.type}"
        fault = Fault(str(self.path), 0, 0, "prepaid", f"the catalog has no {what}", "give it under `private` too")
        return SpecError([fault], "mend the overlay; `styx show-gpus --all` lists types")


def default_path() -> Path:
    """Return where the overlay is: $STYX_CATALOG_OVERLAY, else overlay.yaml in the user's configuration folder."""
    return Path(os.environ.get(VARIABLE) or paths.config() / FILE)


def read(path: Path | None = None) -> Overlay | None:
    """Return the overlay at `path`, or the default one, None when there is none; raise SpecError with its faults."""
    if path is None and VARIABLE not in os.environ and not default_path().exists():
        return None
    from styx.catalog import overlay_file

    return overlay_file.read(path or default_path())
