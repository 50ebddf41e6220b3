"""What Google Cloud refuses, or machines would not reach, known before it is asked; what is paid for of its network."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from styx.clouds.gcp.machines import SHARED_CORE
from styx.clouds.gcp.module import networking
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec

_STORAGE = frozenset({"199.36.153.8/30", "199.36.153.4/30"})
"""private.googleapis.com and restricted.googleapis.com: the only networks of Google's storage that have a name and
stay. https://cloud.google.com/vpc/docs/configure-private-google-access"""


def fast(offer: Offer) -> str:
    """Return what `network_tier: best` gives such a machine."""
    return ", ".join(networking(offer))


def most_volumes(offer: Offer) -> int:
    """Return how many disks a machine takes besides its own: 128 in all, 16 with a shared core.

    https://cloud.google.com/compute/docs/disks/persistent-disks#pdnumberlimits
    """
    return (16 if offer.instance_type in SHARED_CORE else 128) - 1


def faults(task: "TaskSpec", _placement: Placement) -> Iterator[Fault]:
    """Yield the buckets that machines could not reach."""
    network = task.styx.network
    if not network.egress or network.security_groups or _STORAGE & set(network.egress):
        return
    for place, mount in task.file_mounts.items():
        if urlsplit(str(mount.source)).scheme == "gs":
            what = "egress lets the machines reach no address of Google's storage"
            hint = "leave out egress, or add 199.36.153.8/30 to it, where your DNS has storage.googleapis.com"
            yield f"file_mounts.{place}", what, hint


_MOST_PAID = 32
"""Machines behind a gateway from which on it costs no more: https://cloud.google.com/nat/pricing."""


def services(task: "TaskSpec") -> dict[str, int]:
    """Return what is paid for of the network that templates/terraform/gcp makes; the tunnel costs nothing."""
    return {"NAT gateway for a machine": min(task.num_nodes, _MOST_PAID), "address": 1}
