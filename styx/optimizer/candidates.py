"""Which offers meet one request, and which constraint removed the others: the SQL beside this file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx.offer import Offer

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.spec import Request

MOST = 50
"""Offers kept for one request: far more than failover will ever try."""

_CONSTRAINTS = (
    "clouds", "infra", "instance_type", "accelerators", "cpus", "memory", "styx.machine.arch",
    "styx.machine.burstable", "num_nodes", "use_spot", "max_hourly_cost",
)  # fmt: skip
"""In the order in which candidates.sql judges them."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The offers that fit a request, cheapest first, and how many each constraint removed."""

    request: "Request"
    fitting: tuple[Offer, ...]
    considered: int
    removed: tuple[tuple[str, int], ...]


def find(catalog: "Catalog", request: "Request", num_nodes: int, cloud_ids: tuple[str, ...]) -> Candidates:
    """Judge every offer of `catalog` against `request` for `num_nodes` machines on the clouds allowed."""
    connection = catalog.connection
    connection.execute(_sql("candidates"), _parameters(request, num_nodes, cloud_ids))
    removed = dict(connection.execute(_sql("removed")).fetchall())
    fitting = connection.execute(_sql("fitting"), {"most": MOST}).fetchall()
    return Candidates(
        request=request,
        fitting=tuple(_offer(row) for row in fitting),
        considered=len(catalog.offers),
        removed=tuple((name, removed[name]) for name in _CONSTRAINTS if name in removed),
    )


def _parameters(request: "Request", num_nodes: int, cloud_ids: tuple[str, ...]) -> dict[str, object]:
    """Return candidates.sql's named parameters."""
    ask = request.accelerator
    return {
        "clouds": list(cloud_ids),
        "cloud": request.cloud,
        "region": request.region,
        "zone": request.zone,
        "instance_type": request.instance_type,
        "accelerator": ask.name if ask else None,
        "accelerator_count": ask.count if ask else 0,
        "gpu_memory_gib": ask.min_memory_gib if ask else None,
        "gpu_memory_at_least": ask.at_least if ask else False,
        "cpus": request.cpus.value if request.cpus else None,
        "cpus_at_least": request.cpus.at_least if request.cpus else False,
        "memory_gib": request.memory_gib.value if request.memory_gib else None,
        "memory_at_least": request.memory_gib.at_least if request.memory_gib else False,
        "memory_gib_per_cpu": request.memory_per_cpu.value if request.memory_per_cpu else None,
        "arch": request.arch,
        "burstable": request.burstable,
        "use_spot": bool(request.use_spot),
        "max_hourly_usd": request.max_hourly_usd,
        "num_nodes": num_nodes,
    }


def _offer(row: tuple[Any, ...]) -> Offer:
    """Return a row of `offers`, whose columns are the fields in order; lists become tuples, for an offer is hashable."""
    return Offer(*(tuple(value) if isinstance(value, list) else value for value in row))


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
