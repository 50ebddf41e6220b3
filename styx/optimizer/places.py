"""Places, judged: whether a cloud and region may be used, and what disks and addresses cost there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from styx import clouds
from styx.catalog import network
from styx.optimizer.ask import Ask
from styx.optimizer.constraints import BITS

MICRO = 1_000_000
"""Prices are compared in millionths of a USD."""

HOURS_A_MONTH = 730
"""As every cloud's price list counts; disks are priced by the month."""

_RESTRICTED = BITS["restricted regions"]
_TIERS = ("low", "medium", "high", "ultra")
EVERYWHERE = "*"
"""The region of a price that holds in all regions of its cloud."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region of a cloud."""

    place: int
    cloud: str
    region: str
    restricted: str = ""
    """What an account needs to rent machines there beside being one; empty where any may."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What machines need beside themselves, in USD an hour; a part that nobody knows is None."""

    disk_usd: float | None
    """Of each machine, as `address_usd`."""
    address_usd: float | None
    network_usd: float = 0
    """Of all machines: gateways, tunnels and their addresses."""
    network: tuple[tuple[str, int], ...] = ()
    """What that is for: service and how many."""

    @property
    def known(self) -> bool:
        """Tell whether disk and address are; the services of a network have estimates at least."""
        return self.disk_usd is not None and self.address_usd is not None


class Judged(NamedTuple):
    """A place and what it is to an ask."""

    place: int
    mask: int
    beside_micro: int
    """What all machines need beside themselves, in millionths of a USD an hour; at the dearest known price where it is
    not known."""
    beside_known: bool


@dataclass(frozen=True)
class Facts:
    """Prices of disks and addresses."""

    disks: Mapping[tuple[str, str, str], float]
    """(cloud, region or `*`, tier) → USD a GiB and month."""
    addresses: Mapping[tuple[str, str], float]
    """(cloud, market) → USD an hour."""

    @staticmethod
    def read(disks: Iterable[tuple[Any, ...]], addresses: Iterable[tuple[Any, ...]]) -> "Facts":
        """Take the rows of the catalog's tables."""
        return Facts({row[:3]: row[3] for row in disks}, {row[:2]: row[2] for row in addresses})

    @cached_property
    def _tiers(self) -> dict[str, set[str]]:
        """The tiers that each cloud is known to have."""
        tiers: dict[str, set[str]] = {}
        for cloud, _, tier in self.disks:
            tiers.setdefault(cloud, set()).add(tier)
        return tiers

    @cached_property
    def own_prices(self) -> frozenset[tuple[str, str]]:
        """The (cloud, region) whose disks have prices of their own."""
        return frozenset((cloud, region) for cloud, region, _ in self.disks if region != EVERYWHERE)

    def tier(self, cloud: str, tier: str) -> str | None:
        """Return the tier that is meant on `cloud`, None when it is known not to have it; `best` is its highest."""
        has = self._tiers.get(cloud, set())
        if tier == "best":
            return next((one for one in reversed(_TIERS) if one in has), _TIERS[-1])
        return tier if tier in has or not has else None

    def disk_rate(self, cloud: str, region: str, tier: str) -> float | None:
        """Return USD a GiB and month, None when nobody knows."""
        return self.disks.get((cloud, region, tier), self.disks.get((cloud, EVERYWHERE, tier)))

    def beside(self, ask: Ask, place: Place) -> Extra:
        """Return what the machines of `ask` need beside themselves at `place`; one's own have disk and address."""
        if is_own(place.cloud):
            return Extra(0, 0)
        rate = self.disk_rate(place.cloud, place.region, self.tier(place.cloud, ask.disk_tier) or ask.disk_tier)
        address = self.addresses.get((place.cloud, ask.market)) if ask.public_ip else 0
        services = dict(ask.network).get(place.cloud, ())
        return Extra(
            None if rate is None else ask.disk_gib * rate / HOURS_A_MONTH,
            address,
            network.hourly_usd(place.cloud, dict(services)),
            services,
        )

    def dearest(self, ask: Ask) -> Extra:
        """Return the dearest known prices: an unknown one is ranked as if it were as high."""
        tier = _TIERS[-1] if ask.disk_tier == "best" else ask.disk_tier
        disks = [usd for (_, _, one), usd in self.disks.items() if one == tier]
        addresses = [usd for (_, market), usd in self.addresses.items() if market == ask.market]
        return Extra(
            ask.disk_gib * max(disks, default=0) / HOURS_A_MONTH,
            max(addresses, default=0) if ask.public_ip else 0,
        )


def judged(ask: Ask, places: Iterable[Place], facts: Facts) -> list[Judged]:
    """Return what every place is to `ask`."""
    unable = unable_clouds(ask)
    dearest = facts.dearest(ask)
    chosen = ask.region or ask.zone or ask.image_regions is not None or ask.blocklist
    masks: dict[str, int] = {}
    beside: dict[tuple[str, str], tuple[int, bool]] = {}
    rows = []
    for place in places:
        if place.cloud not in masks:
            masks[place.cloud] = _cloud_mask(ask, place.cloud, facts, unable)
        priced_alike = (place.cloud, place.region if (place.cloud, place.region) in facts.own_prices else EVERYWHERE)
        if priced_alike not in beside:
            extra = facts.beside(ask, place)
            beside[priced_alike] = (micro_usd(_beside_usd(ask, extra, dearest)), extra.known)
        region_mask = _region_mask(ask, place) if chosen else _RESTRICTED * bool(place.restricted)
        rows.append(Judged(place.place, masks[place.cloud] | region_mask, *beside[priced_alike]))
    return rows


def micro_usd(usd: float) -> int:
    """Return an amount in millionths of a USD."""
    return round(usd * MICRO)


def unable_clouds(ask: Ask) -> Mapping[str, frozenset[str]]:
    """Return cloud → fields asked for that it cannot honour; nothing when no cloud can, for then another says it."""
    allowed = [cloud for cloud in ask.cloud_ids if cloud in clouds.ids()]
    records = {cloud: clouds.by_id(cloud).capabilities for cloud in allowed}
    known = frozenset[str]().union(*records.values())
    missing = {cloud: (known & set(ask.features)) - able for cloud, able in records.items()}
    able = [cloud for cloud in ask.cloud_ids if not missing.get(cloud)]
    return {cloud: fields for cloud, fields in missing.items() if fields} if able else {}


def _cloud_mask(ask: Ask, cloud: str, facts: Facts, unable: Mapping[str, frozenset[str]]) -> int:
    failed = {
        # What the spec says of the cloud is said by `infra`.
        "clouds": ask.cloud is None and cloud not in ask.cloud_ids,
        "infra": ask.cloud not in (None, cloud),
        "styx.machine.marketplace": not ask.marketplace and _is_marketplace(cloud),
        "disk_tier": ask.disk_tier_asked and facts.tier(cloud, ask.disk_tier) is None,
        "features": cloud in unable,
    }
    return sum(BITS[name] for name, fails in failed.items() if fails)


def _region_mask(ask: Ask, place: Place) -> int:
    failed = {
        "infra": ask.region not in (None, place.region),
        "image_id": ask.image_regions is not None and place.region not in ask.image_regions,
        "blocklist": any(one.whole_places and one.covers(place.cloud, place.region) for one in ask.blocklist),
        "restricted regions": bool(place.restricted) and not _is_named(ask, place.region),
    }
    return sum(BITS[name] for name, fails in failed.items() if fails)


def _is_named(ask: Ask, region: str) -> bool:
    """Tell whether an ask names a region: itself, a zone of it, or an image for it."""
    return ask.region == region or (ask.zone or "").startswith(region) or region in (ask.image_regions or ())


def _beside_usd(ask: Ask, extra: Extra, dearest: Extra) -> float:
    disk = dearest.disk_usd if extra.disk_usd is None else extra.disk_usd
    address = dearest.address_usd if extra.address_usd is None else extra.address_usd
    return ask.num_nodes * ((disk or 0) + (address or 0)) + extra.network_usd


@cache
def is_own(cloud: str) -> bool:
    """Tell whether the machines of a cloud are the user's."""
    return cloud in clouds.ids() and clouds.by_id(cloud).is_own


def _is_marketplace(cloud: str) -> bool:
    """Tell whether the hosts of a cloud belong to many strangers."""
    return cloud in clouds.ids() and clouds.by_id(cloud).marketplace
