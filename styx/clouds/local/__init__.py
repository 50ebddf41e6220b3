"""This machine as a cloud: no account, no root, no price."""

from styx import paths
from styx.clouds.cloud import Cloud
from styx.clouds.local.offers import offers


def run_inputs(_cluster: str, slot: int) -> dict[str, object]:
    """Return where this machine keeps the cluster: its loopback network's number and the folder of machines."""
    return {"slot": slot, "root": str(paths.state() / CLOUD.id)}


CLOUD = Cloud(
    id="local",
    title="this machine",
    capabilities=frozenset(
        {"accelerators", "cpus", "instance_type", "max_hourly_cost", "memory", "ports", "region"},
    ),
    embedded=True,
    live_offers=offers,
    run_inputs=run_inputs,
)
