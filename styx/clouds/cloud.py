"""What every cloud tells Styx about itself."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from styx.clouds.effects import Effects
from styx.clouds.failure import Pattern
from styx.clouds.pool import Pools
from styx.clouds.power import Power
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.clouds.sweep import Account
from styx.clouds.wanted import Fault, Wanted
from styx.host import Host
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec

SLOTS = 21
"""Further disks of a machine where no other number is known: AWS has letters for so many."""

Capability = Literal[
    "accelerator_args",
    "accelerators",
    "autostop",
    "cpus",
    "disk_size",
    "disk_tier",
    "image_id",
    "instance_type",
    "job_recovery",
    "labels",
    "local_disk",
    "max_hourly_cost",
    "memory",
    "network_tier",
    "ports",
    "region",
    "use_spot",
    "volumes",
    "zone",
    "styx.lifetime",
    "styx.network.allow",
    "styx.network.egress",
    "styx.network.ports",
    "styx.network.proxy_jump",
    "styx.network.public_ip",
    "styx.network.security_groups",
    "styx.network.subnet",
    "styx.network.tunnel",
    "styx.network.vpc",
    "styx.owner",
    "styx.ray.head",
    "styx.ssh_key",
    "styx.tags",
]
"""A field of `resources` or of the `styx` block that a cloud can honour; others are refused when a spec is planned."""


@dataclass(frozen=True, slots=True)
class TagRule:
    """What a cloud takes as tags or labels."""

    key: str
    """A regular expression for the whole key."""
    value: str
    most: int
    """How many a machine can carry, Styx's own four included."""
    said: str
    """The rule in words, with its source."""

    def plain(self, text: str) -> str:
        """Return `text` as a value that the cloud takes: itself, else in lower case, others than a-z 0-9 as dashes."""
        if re.fullmatch(self.value, text):
            return text
        return re.sub(r"[^a-z0-9]+", "-", text.lower())[:63].strip("-")


def _no_offers() -> tuple[Offer, ...]:
    return ()


def _nothing_to_check() -> tuple[Finding, ...]:
    return ()


def _as_they_are(offers: Iterable[Offer], _folder: Path) -> Iterable[Offer]:
    return offers


class Http(Protocol):
    """Asks a price feed, again after a passing fault; raises CatalogError when there is no whole answer."""

    def json(self, url: str, query: Mapping[str, str] | None = None, token: str = "") -> dict[str, Any]:
        """Return the JSON object that a GET answers; `token` is a bearer's."""
        ...

    def lines(self, url: str) -> Iterator[str]:
        """Yield the lines of a long answer, once all of it is there."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """The offers of one cloud that the catalog holds: a feed of prices alone is completed from them."""

    offers: Mapping[tuple[str, str], Offer]
    """(region, instance type) → offer."""
    by_type: Mapping[str, Offer]
    """Instance type → an offer of it in some region."""
    regions: frozenset[str] = frozenset()
    """Only these are asked for; empty for all. A feed that cannot leave others out need not."""

    def shape(self, region: str, instance_type: str) -> Offer | None:
        """Return the machine without any price, None when nothing is known of such a type; zones are its region's."""
        here = self.offers.get((region, instance_type))
        found = here or self.by_type.get(instance_type)
        if found is None:
            return None
        return replace(
            found,
            region=region,
            zones=here.zones if here else (),
            hourly_usd=None,
            spot_hourly_usd=None,
            price_kind="unknown",
            spot_kind="unknown",
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a cloud publishes its prices."""

    hosts: Mapping[str, str]
    """What is asked for → base URL."""
    fetch: Callable[[Http, Mapping[str, str], Known], Iterable[Offer]]
    """(http, hosts, what is known) → offers; raises CredentialError without a needed key."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: the only thing that other packages know of it."""

    id: str
    title: str
    capabilities: frozenset[Capability]
    login_user: str = ""
    """Empty when nobody logs in over SSH."""
    provider: str = ""
    """Terraform's name of the provider that makes its machines; empty when none is needed."""
    embedded: bool = False
    """True when it needs no account: it is offered without being configured."""
    pools: Callable[[], Pools] | None = None
    """Where its machines stand already, and are leased instead of made: region → hosts. Raises SpecError for a file of
    them that is wrong."""
    marketplace: bool = False
    """True when its hosts belong to many strangers: it is taken only when `styx.machine.marketplace` says so."""
    live_offers: Callable[[], tuple[Offer, ...]] = _no_offers
    """Offers that no shipped table can know, read when the catalog is opened."""
    run_inputs: Callable[[str, int], Mapping[str, object]] = field(default=lambda _cluster, _slot: {})
    """Terraform variables that belong to this machine and run: (cluster, slot) → name → value."""
    slot_taken: Callable[[int], bool] = field(default=lambda _slot: False)
    """Whether something else on this machine uses a slot; only asked of an embedded cloud."""
    mend: Callable[[Iterable[Offer], Path], Iterable[Offer]] = _as_they_are
    """Offers as the facts in a source folder have them → as they are meant, with what only this cloud knows."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """File of that folder which only this cloud reads → what the catalog lacks without it."""
    feed: Feed | None = None
    """None when the cloud publishes no prices that can be read."""
    inputs: Callable[[Wanted], Mapping[str, object]] = field(default=lambda _wanted: {})
    """Terraform variables that only this cloud's module has; its templates see them as `inputs`, to decide blocks."""
    tells_private_address: bool = True
    """False when only the machines themselves know it: they are asked once they let us in."""
    has_firewall: bool = True
    """False when its module cannot say who gets in: the machines' own is told before anything listens."""
    tag_rule: TagRule | None = None
    """None when nothing carries tags: a machine's name is then all that tells whose it is."""
    tunnels: tuple[str, ...] = ()
    """The values of `styx.network.tunnel` that reach its machines."""
    zones: str = ""
    """A regular expression for the whole name of a zone, `{region}` standing for its region; empty when it has none."""
    bucket_scheme: str = ""
    """How the URIs of its own buckets start, without `://`: a role of the machines can then read those named."""
    lost_machines: Callable[[Sequence[Host]], tuple[str, ...]] = field(default=lambda _hosts: ())
    """Terraform addresses of machines that are gone, for a cloud whose provider cannot see that."""
    gone: str = ""
    """A regular expression for what its provider says when it cannot read a machine that is gone; empty for one that
    takes such a machine out of the state by itself."""
    check: Callable[[], Iterable[Finding]] = _nothing_to_check
    """Whether its SDK, credentials and permissions suffice: `styx check` runs it in a process of its own."""
    credentials: str = ""
    """Where its check, and so its provider, look for credentials, in this order; Markdown."""
    failures: tuple[Pattern, ...] = ()
    """How its provider words a refusal; the first that fits counts."""
    effects: Effects = field(default_factory=Effects)
    """What a change of its resources does to machines that stand."""
    stopping: Stopping = field(default_factory=Stopping)
    """How its machines stop, and what ends their bill."""
    power: Callable[[str], Power] | None = None
    """Region → what stops and starts the machines there; None where Styx cannot."""
    spot: str = ""
    """Its own mechanism for spot machines; empty when it sells none."""
    faults: Callable[["TaskSpec", Placement], Iterable[Fault]] = field(default=lambda _task, _placement: ())
    """What it does not take of a task where it was placed, told before anything is made."""
    services: Callable[["TaskSpec"], Mapping[str, int]] = field(default=lambda _task: {})
    """What is paid for by the hour of a network made for machines without public addresses: service of
    catalog/network_prices.csv → how many."""
    most_volumes: Callable[[Offer], int] = field(default=lambda _offer: SLOTS)
    """How many further disks a machine takes at most, as far as that is known."""
    fast: Callable[[Offer], str] = field(default=lambda _offer: "")
    """What `network_tier: best` gives a machine of this kind, in words; empty when it has nothing of it."""
    fast_network: str = ""
    """What `network_tier: best` gives a machine; empty when it has nothing better than what all machines have."""
    image_forms: str = ""
    """What `image_id` can be, besides a role's own container; empty when the image cannot be chosen."""
    account: Callable[[], Account] | None = None
    """Opens the account to look for what was forgotten there: `sweeping` does it in a process of its own. Raises
    ToolMissingError without the SDK, CredentialError without credentials. None where nothing can be forgotten."""
    find_command: str = ""
    """The cloud's own command that lists what was forgotten; `{cluster}` and `{region}` are filled in."""
    identity: str = ""
    """What gives a machine rights without a secret on it; empty when nothing does."""
    host_keys: str = ""
    """Where the host keys that SSH expects come from; empty when the first answer is believed."""

    def faster(self, placement: Placement) -> str:
        """Return what `network_tier: best` gives each kind of machine of a placement, for people."""
        kinds = {group.offer.instance_type: self.fast(group.offer) or "nothing" for group in placement.groups}
        return "; ".join(f"{kind} gets {what}" for kind, what in kinds.items())

    @property
    def is_own(self) -> bool:
        """Whether its machines are the user's: nothing is paid for them, nor for what is beside them."""
        return self.embedded or self.pools is not None

    @property
    def is_remote(self) -> bool:
        """Whether its machines are reached over SSH."""
        return bool(self.login_user) or self.pools is not None
