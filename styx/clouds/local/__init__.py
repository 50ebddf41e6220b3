"""This machine as a cloud: no account, no root, no price."""

import socket
from collections.abc import Sequence
from pathlib import Path

from styx import paths
from styx.clouds.cloud import Cloud
from styx.clouds.local.effects import EFFECTS
from styx.clouds.local.offers import offers
from styx.clouds.power import Power
from styx.clouds.stopping import Stopping
from styx.host import Host


def run_inputs(_cluster: str, slot: int) -> dict[str, object]:
    """Return where this machine keeps the cluster: its loopback network's number and the folder of machines."""
    return {"slot": slot, "root": str(paths.state() / CLOUD.id)}


def slot_taken(slot: int) -> bool:
    """Say whether somebody listens on the ports of `slot`: another user's cluster, or any other program."""
    first = 21000 + slot * 16  # as in templates/terraform/local/main.tf
    return any(_listens(f"127.77.{slot}.1", port) for port in range(first, first + 3))


def _listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def lost_machines(hosts: Sequence[Host]) -> tuple[str, ...]:
    """Return the addresses of the machines whose folder was deleted by hand."""
    gone = (host.name for host in hosts if not Path(host.folder, "machine.json").is_file())
    return tuple(f'terraform_data.machine["{name}"]' for name in gone)


def switch(region: str) -> Power:
    """See styx.clouds.local.power, which only `styx stop` and `styx start` load."""
    from styx.clouds.local import power

    return power.power(region)


CLOUD = Cloud(
    id="local",
    title="this machine",
    capabilities=frozenset(
        {"accelerators", "cpus", "instance_type", "max_hourly_cost", "memory", "ports", "region"},
    ),
    embedded=True,
    live_offers=offers,
    run_inputs=run_inputs,
    slot_taken=slot_taken,
    effects=EFFECTS,
    power=switch,
    stopping=Stopping(
        can_stop=True, shutdown="ends", autodown="shutdown", source="templates/terraform/local/machine.py"
    ),
    lost_machines=lost_machines,
)
