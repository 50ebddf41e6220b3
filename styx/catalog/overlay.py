"""The user's own terms over the catalog: discounts, prepaid machines, private types, what is never to be chosen."""

import os
from dataclasses import dataclass
from pathlib import Path

from styx import paths
from styx.errors import Fault, UsageError
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
    line: int = 0
    """Where it stands in the file."""


@dataclass(frozen=True, slots=True)
class Prepaid:
    """Machines that are paid for already: so many of a type cost nothing more."""

    cloud: str
    region: str
    type: str
    max_count: int
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Cloud, region and type."""
        return self.cloud, self.region, self.type


@dataclass(frozen=True, slots=True)
class Private:
    """A machine type that no list has, or other terms for one that a list has: the listed one is then not there."""

    offer: Offer
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Cloud, region and type."""
        return self.offer.cloud, self.offer.region, self.offer.instance_type


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is never to be chosen."""

    cloud: str = "*"
    region: str = "*"
    type: str = "*"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """The user's own terms."""

    path: Path
    digest: str
    discounts: tuple[Discount, ...] = ()
    prepaid: tuple[Prepaid, ...] = ()
    private: tuple[Private, ...] = ()
    hidden: tuple[Hidden, ...] = ()

    def fault(self, section: str, line: int, message: str, hint: str = "") -> Fault:
        """Return a fault of one entry."""
        return Fault(str(self.path), line, 0, section, message, hint)


def default_path() -> Path:
    """Return where the overlay is: $STYX_CATALOG_OVERLAY, else overlay.yaml in the user's configuration folder.

    An empty variable is one that is not set.
    """
    return Path(os.environ.get(VARIABLE) or paths.config() / FILE)


def read(path: Path | None = None) -> Overlay | None:
    """Return the overlay at `path`, or the default one, None when there is none; raise SpecError with its faults."""
    named = path or (default_path() if os.environ.get(VARIABLE) else None)
    if named is None and not default_path().exists():
        return None
    if named and not named.exists():
        told = f"{named}: there is no such overlay"
        raise UsageError(told, f"look at the path given by --overlay or ${VARIABLE}; docs/catalog.md shows an overlay")
    from styx.catalog import overlay_file

    return overlay_file.read(path or default_path())
