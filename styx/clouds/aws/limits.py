"""What EC2 refuses that can be known before it is asked, and what of its network is paid for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from styx.clouds.aws.hardware import can_be_close, efa_cards
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec

_RULES = 60
"""Rules of a security group in one direction, a network of a port being one: docs.aws.amazon.com, Amazon VPC quotas."""


def fast(offer: Offer) -> str:
    """Return what `network_tier: best` gives such a machine."""
    efa = "EFA" if efa_cards(offer.instance_type) else ""
    close = "a place close to the others" if can_be_close(offer.instance_type) else ""
    return ", ".join(part for part in (efa, close) if part)


def faults(task: "TaskSpec", _placement: Placement) -> Iterator[Fault]:
    """Yield what a security group cannot say, and what a named network keeps from the machines."""
    from styx.spec import requests

    network = task.styx.network
    if network.security_groups:
        return
    ssh = 1 + len(network.allow)  # the caller's
    spans = {span for one in requests(task).alternatives for span in one.ports}
    asked = {f"{first}-{last}" if last > first else str(first) for first, last in spans}
    inwards = 1 + ssh + sum(len(cidrs) or ssh for cidrs in network.ports.values())
    inwards += ssh * len(asked - set(network.ports))
    for count, field in ((inwards, "ports" if network.ports else "allow"), (1 + len(network.egress), "egress")):
        if count > _RULES:
            what = f"{count} rules, a network of a port being one, and AWS takes {_RULES} a security group"
            yield f"styx.network.{field}", what, "join networks or ports, or name security_groups of your own"
    buckets = [place for place, mount in task.file_mounts.items() if urlsplit(str(mount.source)).scheme == "s3"]
    if network.egress and network.subnet:
        for place in buckets:
            what = "a bucket has no network of its own that egress could name, and this one is not Styx's"
            yield f"file_mounts.{place}", what, "leave out egress, or name security_groups that let the machines to S3"


def services(task: "TaskSpec") -> dict[str, int]:
    """Return what is paid for of the network that templates/terraform/aws makes."""
    network = task.styx.network
    # An endpoint each for ssm, ssmmessages and ec2messages.
    tunnel = {"interface endpoint": 3} if network.tunnel and network.egress else {}
    return {"NAT gateway": 1, "address": 1, **tunnel}
