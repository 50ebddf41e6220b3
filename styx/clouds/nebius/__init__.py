"""Nebius. It publishes no prices without an account, so there is no feed: the shipped ones stand."""

from collections.abc import Iterable

from styx.clouds.cloud import Cloud
from styx.clouds.nebius.failures import FAILURES
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping


def findings() -> Iterable[Finding]:
    """See styx.clouds.nebius.check, which only `styx check` loads."""
    from styx.clouds.nebius import check

    return check.check()


CLOUD = Cloud(
    id="nebius",
    title="Nebius",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "max_hourly_cost", "memory", "ports",
         "region", "use_spot"},
    ),
    login_user="ubuntu",
    check=findings,
    failures=FAILURES,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=True,
        shutdown="chosen",
        chosen_by='recovery_policy = "FAIL"; with "RECOVER", the default, it is started again',
        autostop="shutdown",
        autodown="outside",
        source="https://docs.nebius.com/compute/virtual-machines/stopped-with-linux-commands",
    ),
    spot="a preemptible VM (`preemptible`)",
    fast_network="InfiniBand (`gpu_cluster`)",
    image_forms="a family, an id",
    identity="a service account",
)  # fmt: skip
