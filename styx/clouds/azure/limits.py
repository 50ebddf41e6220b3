"""What Azure refuses that can be known before it is asked, and what of its network is paid for."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from styx.clouds.azure.module import has_fast_network
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec

_DISKS = re.compile(r"Standard_[DE]\d+[a-z]*_v[3-6]")
"""Sizes that take two disks a vCPU: https://learn.microsoft.com/azure/virtual-machines/sizes, "Max data disks"."""

_MOST_DISKS = 64


def fast(offer: Offer) -> str:
    """Return what `network_tier: best` gives such a machine."""
    return "accelerated networking, a place close to the others" if has_fast_network(offer) else ""


def most_volumes(offer: Offer) -> int:
    """Return how many data disks a size takes at most; of sizes whose number is not known, no fewer than they do."""
    if _DISKS.fullmatch(offer.instance_type):
        return min(2 * int(offer.vcpus), 32 if offer.vcpus <= _MOST_DISKS else _MOST_DISKS)
    return max(4, min(4 * int(offer.vcpus), _MOST_DISKS))


def faults(task: "TaskSpec", placement: Placement) -> Iterator[Fault]:
    """Yield what no network, no firewall and no size of Azure is."""
    network = task.styx.network
    subnet = "/".join(part for part in (network.vpc, network.subnet) if part)
    if network.subnet and subnet.count("/") != 2:
        what = f"{subnet} does not say the resource group of the network, or not the network"
        yield "styx.network.subnet", what, "write vpc: GROUP/NETWORK and subnet: NAME"
    if network.subnet and network.tunnel:
        what = "Styx makes a Bastion only in a network of its own"
        yield "styx.network.tunnel", what, "leave out the subnet, or name a proxy_jump"
    groups = network.security_groups
    if groups and (len(groups) > 1 or "/" not in groups[0]):
        what = "a machine takes one network security group on Azure, named by its resource group, too"
        yield "styx.network.security_groups", what, "write [GROUP/NAME]"
    slow = [group.offer.instance_type for group in placement.groups if not has_fast_network(group.offer)]
    if 0 < len(slow) < len(placement.groups) and _asks_for_best(task):
        what = f"{slow[0]} has no accelerated networking, which network_tier: best asks for"
        yield "resources.network_tier", what, "leave it out, or name another instance_type"


def _asks_for_best(task: "TaskSpec") -> bool:
    from styx.spec import requests

    return all(one.network_tier == "best" for one in requests(task).alternatives)


def services(task: "TaskSpec") -> dict[str, int]:
    """Return what is paid for of the network that templates/terraform/azure makes."""
    tunnel = task.styx.network.tunnel
    return {"NAT gateway": 1, "Bastion": 1, "address": 2} if tunnel else {"NAT gateway": 1, "address": 1}
