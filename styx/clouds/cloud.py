"""What every cloud tells Styx about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from styx.offer import Offer

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
]
"""A field of `resources` that a cloud can honour; the others are refused by name when a spec is planned."""


def _no_offers() -> tuple[Offer, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: the only thing that other packages know of it."""

    id: str
    title: str
    capabilities: frozenset[Capability]
    login_user: str = ""
    """Empty when nobody logs in over SSH."""
    embedded: bool = False
    """True when it needs no account: it is offered without being configured."""
    live_offers: Callable[[], tuple[Offer, ...]] = _no_offers
    """Offers that no shipped table can know, read when the catalog is opened."""
    run_inputs: Callable[[str, int], Mapping[str, object]] = field(default=lambda _cluster, _slot: {})
    """Terraform variables that belong to this machine and run: (cluster, slot) → name → value."""
    slot_taken: Callable[[int], bool] = field(default=lambda _slot: False)
    """Whether something else on this machine uses a slot; only asked of an embedded cloud."""
