"""Google Cloud."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx.clouds.cloud import Cloud, Feed, Http, Known, TagRule
from styx.clouds.gcp.effects import EFFECTS
from styx.clouds.gcp.failures import FAILURES
from styx.clouds.gcp.module import inputs
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
    """See styx.clouds.gcp.machines, which most commands never load."""
    from styx.clouds.gcp import machines

    return machines.mend(offers, folder)


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterable[Offer]:
    """See styx.clouds.gcp.prices, which only `styx catalog refresh` loads."""
    from styx.clouds.gcp import prices

    return prices.fetch(http, hosts, known)


def findings() -> Iterable[Finding]:
    """See styx.clouds.gcp.check, which only `styx check` loads."""
    from styx.clouds.gcp import check

    return check.check()


def faults(task: "TaskSpec", placement: Placement) -> Iterable[Fault]:
    """See styx.clouds.gcp.limits."""
    from styx.clouds.gcp import limits

    return limits.faults(task, placement)


def services(task: "TaskSpec") -> Mapping[str, int]:
    """See styx.clouds.gcp.limits."""
    from styx.clouds.gcp import limits

    return limits.services(task)


def fast(offer: Offer) -> str:
    """See styx.clouds.gcp.limits."""
    from styx.clouds.gcp import limits

    return limits.fast(offer)


def most_volumes(offer: Offer) -> int:
    """See styx.clouds.gcp.limits."""
    from styx.clouds.gcp import limits

    return limits.most_volumes(offer)


def account() -> Account:
    """See styx.clouds.gcp.sweep, which only a process of its own loads."""
    from styx.clouds.gcp import sweep

    return sweep.account()


def switch(_region: str) -> Power:
    """See styx.clouds.gcp.power, which only `styx stop` and `styx start` load."""
    from styx.clouds.gcp import power

    return power.power()


_LETTERS = "a-zß-öø-ÿα-ωа-я\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
"""Lower-case letters, and those of scripts without cases: labels may have others than ASCII's."""

CLOUD = Cloud(
    id="gcp",
    title="Google Cloud",
    capabilities=frozenset(
        {"accelerators", "autostop", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "network_tier", "ports", "region", "use_spot", "volumes", "zone", "image_id", "labels",
         "styx.network.allow", "styx.network.egress", "styx.network.ports", "styx.network.proxy_jump",
         "styx.network.public_ip", "styx.network.security_groups", "styx.network.subnet", "styx.network.tunnel",
         "styx.network.vpc", "styx.owner", "styx.ray.head", "styx.ssh_key", "styx.tags"},
    ),
    provider="google",
    login_user="ubuntu",
    inputs=inputs,
    zones="{region}-[a-z]",
    tag_rule=TagRule(
        key=rf"(?!goog)[{_LETTERS}][{_LETTERS}0-9_-]{{0,62}}",
        value=rf"[{_LETTERS}0-9_-]{{0,63}}",
        most=63,  # of 64: the provider adds one of its own
        said="lower-case letters, digits, _ and -, at most 63 of them; a key begins with a letter and not with goog",
    ),
    tunnels=("iap",),
    bucket_scheme="gs",
    mend=mend,
    sources={"gcp_attachable_gpus.csv": "the GPUs of Google Cloud that stand beside an N1: T4, V100, P100, P4"},
    feed=Feed(
        hosts={"prices": "https://cloudbilling.googleapis.com", "types": "https://compute.googleapis.com"},
        fetch=fetch,
    ),
    faults=faults,
    services=services,
    fast=fast,
    most_volumes=most_volumes,
    check=findings,
    credentials=(
        "`GOOGLE_OAUTH_ACCESS_TOKEN`, `GOOGLE_CREDENTIALS`, application default ones; "
        "the project of `GOOGLE_PROJECT`, `GOOGLE_CLOUD_PROJECT`"
    ),
    failures=FAILURES,
    effects=EFFECTS,
    power=switch,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=True,
        shutdown="stops",
        autostop="shutdown",
        autodown="identity",
        source="https://cloud.google.com/compute/docs/instances/stop-start-instance",
    ),
    spot="a Spot VM (`provisioning_model`)",
    fast_network="gVNIC",
    image_forms="an image, a family",
    account=account,
    find_command="gcloud compute instances list --filter=labels.styx-cluster={cluster}",
    identity="a service account",
)  # fmt: skip
