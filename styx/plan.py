"""A plan: where each task of a spec goes, what it costs, what else would do, and why the rest would not."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from styx.errors import IntegrityError
from styx.offer import Market, Offer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1

T = TypeVar("T")

_READERS: "dict[object, TypeAdapter[Any]]" = {}


@dataclass(frozen=True, slots=True)
class Cost:
    """USD an hour, by what it is paid for."""

    compute_usd: float
    disk_usd: float = 0.0
    address_usd: float = 0.0
    egress_usd: float = 0.0
    egress_known: bool = True
    """False when data leaves and nobody knows what that costs."""
    network_usd: float = 0.0
    """The cluster's own gateways, tunnels and their addresses; traffic through them is not counted."""
    network: tuple[tuple[str, int], ...] = ()
    """What that is for: service and how many."""
    complete: bool = True
    """False when a part has no known price: the total is then a lower bound."""
    expected_usd: float | None = None
    """USD for an hour of useful work on spot machines, interruptions counted; None when the choice went by price."""

    @property
    def hourly_usd(self) -> float:
        """USD an hour in all."""
        return self.compute_usd + self.disk_usd + self.address_usd + self.egress_usd + self.network_usd


@dataclass(frozen=True, slots=True)
class Group:
    """Machines of one kind in a placement."""

    name: str
    role: str
    """`head` or `worker`; a group of role head has one machine."""
    min_count: int
    max_count: int
    offer: Offer
    market: Market = "on_demand"
    zone: str = ""
    """Empty when the region has no zones or the cloud chooses."""
    disk_gib: int = 0
    """The main disk; 0 when the machine has no disk of its own."""
    disk_tier: str = ""
    """low, medium, high or ultra; empty with `disk_gib`."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one task goes: one cloud, one region, its groups and their cost."""

    cloud: str
    region: str
    groups: tuple[Group, ...]
    cost: Cost
    differs: str = ""
    """What a rung of the ladder changes first: zone, region, type, cloud or alternative; empty for the choice."""

    @property
    def num_nodes(self) -> int:
        """Machines that stand at the start."""
        return sum(group.min_count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many candidates one constraint removed."""

    constraint: str
    """As the user would write it, for example `accelerators: A100:8`."""
    removed: int
    left: int


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What giving up one constraint alone would bring."""

    constraint: str
    """As in Removed."""
    offers: int
    """How many more would fit."""
    hourly_usd: float | None
    """The cheapest of them, for all machines; None when no price is known."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task and where it goes."""

    task: str
    num_nodes: int
    placement: Placement
    ladder: tuple[Placement, ...] = ()
    """Runners-up, best first: where failover goes."""
    considered: int = 0
    """Candidates before any constraint."""
    removed: tuple[Removed, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    """What each constraint costs."""
    doubts: tuple[str, ...] = ()
    """What the catalog's lint doubts about the chosen offers' prices."""

    @staticmethod
    def from_json(data: object) -> "TaskPlan":
        """Read what `asdict` gave; raise IntegrityError when it is malformed."""
        return _read(TaskPlan, data)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every task of a spec and where it goes."""

    spec_digest: str
    catalog_digest: str
    catalog_date: str
    tasks: tuple[TaskPlan, ...]
    version: int = VERSION
    query_digest: str = ""
    """SHA-256 of all that was asked of the catalog: the same query and catalog give the same plan."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` reads them back."""
        return asdict(self)

    @staticmethod
    def from_json(data: object) -> "Plan":
        """Read what `to_json` gave; raise IntegrityError when it is another version or malformed."""
        found = data.get("version") if isinstance(data, dict) else None
        if found != VERSION:
            raise IntegrityError(
                f"this plan has version {found!r}; this Styx reads version {VERSION}",
                "make a new one with `styx plan`",
            )
        return _read(Plan, data)


def _read(kind: type[T], data: object) -> T:
    from pydantic import TypeAdapter

    # Made once: it takes longer than many readings.
    reader = _READERS.setdefault(kind, _READERS.get(kind) or TypeAdapter(kind))
    try:
        found: T = reader.validate_python(data)
    except ValueError as error:
        raise IntegrityError(f"the plan is malformed: {error}", "make a new one with `styx plan`") from error
    return found
