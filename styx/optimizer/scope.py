"""A part of the market that a user names: a cloud, a region, a zone, or one machine type in a region."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx.errors import UsageError
from styx.optimizer.resolve import near

if TYPE_CHECKING:
    from styx.optimizer.index import Index

_SHOWN = 20
_FORMS = "write cloud, cloud/region, cloud/region/zone or cloud/region/type; * for any region"


@dataclass(frozen=True, slots=True)
class Scope:
    """Offers that agree with every field that is not None."""

    cloud: str
    region: str | None = None
    zone: str | None = None
    instance_type: str | None = None

    def __str__(self) -> str:
        last = self.zone or self.instance_type
        return "/".join([self.cloud, *([self.region or "*"] if self.region or last else []), *([last] if last else [])])


def scope(text: str, index: "Index") -> Scope:
    """Read `text` as one of _FORMS; raise UsageError, with the nearest names, when the catalog has no such thing."""
    parts = [None if part == "*" else part for part in text.split("/")]
    cloud, region, last = [*parts, None, None][:3]
    if len(parts) > 3 or not cloud or "" in parts:
        raise UsageError(f"{text!r} names no offers", _FORMS)
    places = index.places
    _must_be(cloud, {place.cloud for place in places}, f"the catalog has no cloud {cloud}")
    if region is not None:
        regions = {place.region for place in places if place.cloud == cloud}
        _must_be(region, regions, f"{cloud} has no region {region} in the catalog")
    zones = {zone for one, where, zone in index.names("zones") if one == cloud and region in (None, where)}
    if last in zones:
        return Scope(cloud, region, zone=last)
    types = {name for one, name in index.names("types") if one == cloud}
    if last is not None:
        where = f"{cloud}/{region}" if region else cloud
        _must_be(last, types | zones, f"{where} has no zone, and {cloud} no machine type, called {last}")
    return Scope(cloud, region, instance_type=last)


def _must_be(name: str, known: Collection[str], message: str) -> None:
    if name not in known:
        nearest = near(name, known)
        some = f"there are {', '.join(sorted(known))}" if len(known) <= _SHOWN else _FORMS
        raise UsageError(message, f"did you mean {' or '.join(nearest)}?" if nearest else some)
