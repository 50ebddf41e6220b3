"""What Nebius refuses that can be known before it is asked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from styx.clouds.nebius.module import fabric
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec

_PORTS = 256
"""Styx's own limit: a rule takes eight ports, so that a range of as many is 32 rules; from 1,025 on Terraform cannot
even list them."""


def fast(offer: Offer) -> str:
    """Return what `network_tier: best` gives such a machine."""
    return "InfiniBand" if fabric(offer) else ""


def faults(task: "TaskSpec", _placement: Placement) -> Iterator[Fault]:
    """Yield the ranges of ports that are too long to be opened one by one."""
    from styx.spec import requests

    asked = {(first, last, "resources.ports") for one in requests(task).alternatives for first, last in one.ports}
    for ports in task.styx.network.ports:
        ends = [int(part) for part in str(ports).split("-")]
        asked.add((ends[0], ends[-1], f"styx.network.ports.{ports}"))
    for first, last, path in sorted(asked):
        if last - first >= _PORTS:
            what = f"Nebius opens ports one by one, and {first}-{last} are {last - first + 1}; {_PORTS} are taken"
            yield path, what, "open fewer, or name security_groups of your own"
