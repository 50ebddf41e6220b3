"""Microsoft Azure."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx.clouds.azure.effects import EFFECTS
from styx.clouds.azure.failures import FAILURES
from styx.clouds.azure.module import inputs
from styx.clouds.cloud import Cloud, Feed, Http, Known, TagRule
from styx.clouds.power import Power
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.clouds.sweep import Account
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec


def mend(offers: Iterable[Offer], folder: Path) -> Iterable[Offer]:
    """See styx.clouds.azure.machines, which most commands never load."""
    from styx.clouds.azure import machines

    return machines.mend(offers, folder)


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterable[Offer]:
    """See styx.clouds.azure.prices, which only `styx catalog refresh` loads."""
    from styx.clouds.azure import prices

    return prices.fetch(http, hosts, known)


def findings() -> Iterable[Finding]:
    """See styx.clouds.azure.check, which only `styx check` loads."""
    from styx.clouds.azure import check

    return check.check()


def faults(task: "TaskSpec", placement: Placement) -> Iterable[Fault]:
    """See styx.clouds.azure.limits."""
    from styx.clouds.azure import limits

    return limits.faults(task, placement)


def services(task: "TaskSpec") -> Mapping[str, int]:
    """See styx.clouds.azure.limits."""
    from styx.clouds.azure import limits

    return limits.services(task)


def fast(offer: Offer) -> str:
    """See styx.clouds.azure.limits."""
    from styx.clouds.azure import limits

    return limits.fast(offer)


def most_volumes(offer: Offer) -> int:
    """See styx.clouds.azure.limits."""
    from styx.clouds.azure import limits

    return limits.most_volumes(offer)


def account() -> Account:
    """See styx.clouds.azure.sweep, which only a process of its own loads."""
    from styx.clouds.azure import sweep

    return sweep.account()


def switch(_region: str) -> Power:
    """See styx.clouds.azure.power, which only `styx stop` and `styx start` load."""
    from styx.clouds.azure import power

    return power.power()


CLOUD = Cloud(
    id="azure",
    title="Azure",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "network_tier", "ports", "region", "use_spot", "volumes", "zone", "image_id", "labels",
         "styx.network.allow", "styx.network.egress", "styx.network.ports", "styx.network.proxy_jump",
         "styx.network.public_ip", "styx.network.security_groups", "styx.network.subnet", "styx.network.tunnel",
         "styx.network.vpc", "styx.owner", "styx.ray.head", "styx.ssh_key", "styx.tags"},
    ),
    provider="azurerm",
    login_user="azureuser",
    inputs=inputs,
    zones="[1-3]",
    tag_rule=TagRule(
        key=r"(?i)(?!microsoft|azure|windows)[^<>%&\\?/\x00-\x1f]{1,512}",
        value=r"[^\x00-\x1f]{0,256}",
        most=50,
        said="a key of 1 to 512 without <>%&\\?/, not beginning with microsoft, azure or windows; a value of up to 256",
    ),
    tunnels=("bastion",),
    mend=mend,
    feed=Feed(hosts={"prices": "https://prices.azure.com"}, fetch=fetch),
    faults=faults,
    services=services,
    fast=fast,
    most_volumes=most_volumes,
    check=findings,
    credentials=(
        "`ARM_CLIENT_ID` with secret or certificate, `ARM_USE_MSI`, the Azure CLI; "
        "the subscription of `ARM_SUBSCRIPTION_ID`"
    ),
    failures=FAILURES,
    effects=EFFECTS,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=True,
        shutdown="bills",  # only a deallocated machine is free
        autostop="identity",
        autodown="identity",
        source="https://learn.microsoft.com/azure/virtual-machines/states-billing",
    ),
    spot="a spot VM (`priority`, `eviction_policy`)",
    fast_network="accelerated networking in a proximity placement group",
    image_forms="publisher:offer:sku:version, an id",
    account=account,
    power=switch,
    find_command="az resource list --resource-group styx-{cluster} --output table",
    identity="a managed identity",
)  # fmt: skip
