"""A part of the market that a user names: a cloud, a region, a zone, or one machine type in a region."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from styx import clouds
from styx.errors import UsageError
from styx.optimizer.resolve import near

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.optimizer.index import Index

_SHOWN = 20
_FORMS = "write cloud, cloud/region, cloud/region/zone or cloud/region/type; * for any region: aws/*/p5.48xlarge"


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


def parts(text: str) -> tuple[str, str | None, str | None]:
    """Read `text` as cloud, region and zone or type, None for any; raise UsageError when it is none of _FORMS."""
    found = [None if part == "*" else part for part in text.strip("/").split("/")]
    cloud, region, last = [*found, None, None][:3]
    if len(found) > 3 or not cloud or "" in found:
        raise UsageError(f"{text!r} names no offers", _FORMS)
    return cloud, region, last


def scope(text: str, index: "Index") -> Scope:
    """Read `text` as one of _FORMS; raise UsageError, with the nearest names, when the catalog has no such thing."""
    cloud, region, last = parts(text)
    places = index.places
    if cloud not in {place.cloud for place in places}:
        raise _no_cloud(cloud, index)
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


def listed(catalog: "Catalog") -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return every (cloud, region) and every (cloud, machine type) of a catalog."""
    from styx.optimizer.index import index

    found = index(catalog)
    types = [(cloud, name) for cloud, name in found.names("types")]
    return [(place.cloud, place.region) for place in found.places], types


def _no_cloud(name: str, index: "Index") -> UsageError:
    """Return the error for what is no cloud: often it is a region, a zone or a type without its cloud."""
    regions = [f"{cloud}/{region}" for cloud, region in index.names("regions") if region == name]
    zones = [f"{cloud}/{region}/{zone}" for cloud, region, zone in index.names("zones") if zone == name]
    types = [f"{cloud}/*/{kind}" for cloud, kind in index.names("types") if kind == name]
    if meant := regions + zones + types:
        return UsageError(f"{name} is no cloud", f"write {' or '.join(meant)}")
    known = sorted({place.cloud for place in index.places})
    nearest = near(name, known)
    message = clouds.missing(name) if name not in clouds.ids() else f"the catalog has no offers of {name}"
    return UsageError(message, f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(known)}; {_FORMS}")


def _must_be(name: str, known: Collection[str], message: str) -> None:
    if name not in known:
        nearest = near(name, known)
        some = f"there are {', '.join(sorted(known))}" if len(known) <= _SHOWN else _FORMS
        raise UsageError(message, f"did you mean {' or '.join(nearest)}?" if nearest else some)
