"""Nebius. It publishes no prices without an account, so there is no feed: the shipped ones stand."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from styx.clouds.cloud import Cloud, TagRule
from styx.clouds.nebius.effects import EFFECTS
from styx.clouds.nebius.failures import FAILURES
from styx.clouds.nebius.module import inputs, run_inputs
from styx.clouds.power import Power
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.clouds.sweep import Account
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec


def findings() -> Iterable[Finding]:
    """See styx.clouds.nebius.check, which only `styx check` loads."""
    from styx.clouds.nebius import check

    return check.check()


def faults(task: "TaskSpec", placement: Placement) -> Iterable[Fault]:
    """See styx.clouds.nebius.limits."""
    from styx.clouds.nebius import limits

    return limits.faults(task, placement)


def fast(offer: Offer) -> str:
    """See styx.clouds.nebius.limits."""
    from styx.clouds.nebius import limits

    return limits.fast(offer)


def account() -> Account:
    """See styx.clouds.nebius.sweep, which only a process of its own loads."""
    from styx.clouds.nebius import sweep

    return sweep.account()


def switch(_region: str) -> Power:
    """See styx.clouds.nebius.power, which only `styx stop` and `styx start` load."""
    from styx.clouds.nebius import power

    return power.power()


CLOUD = Cloud(
    id="nebius",
    title="Nebius",
    capabilities=frozenset(
        {"accelerators", "autostop", "cpus", "disk_size", "disk_tier", "image_id", "instance_type", "labels",
         "max_hourly_cost", "memory", "network_tier", "ports", "region", "use_spot", "volumes",
         "styx.network.allow", "styx.network.egress", "styx.network.ports", "styx.network.proxy_jump",
         "styx.network.public_ip", "styx.network.security_groups", "styx.network.subnet", "styx.network.vpc",
         "styx.owner", "styx.ray.head", "styx.ssh_key", "styx.tags"},
    ),
    provider="nebius",
    login_user="ubuntu",
    inputs=inputs,
    run_inputs=run_inputs,
    tag_rule=TagRule(
        key=r"[A-Za-z0-9]([\w./-]{0,61}[A-Za-z0-9])?",
        value=r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?",
        most=32,
        said="letters, digits and _.-, in a key / too, at most 63 of them, a letter or digit first and last",
    ),
    faults=faults,
    fast=fast,
    check=findings,
    credentials="`NEBIUS_IAM_TOKEN`; the project of `NEBIUS_PROJECT_ID`",
    failures=FAILURES,
    effects=EFFECTS,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=True,
        shutdown="chosen",
        chosen_by='`recovery_policy`: "FAIL" stops it, with "RECOVER", the default, it is started again',
        autostop="shutdown",
        autodown="outside",
        source="https://docs.nebius.com/compute/virtual-machines/stopped-with-linux-commands",
    ),
    spot="a preemptible VM (`preemptible`)",
    fast_network="InfiniBand (`gpu_cluster`)",
    image_forms="a family, an id",
    account=account,
    power=switch,
    find_command="nebius compute instance list --parent-id $NEBIUS_PROJECT_ID",
    identity="a service account",
)  # fmt: skip
