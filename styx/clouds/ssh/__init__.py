"""Machines that stand already, in pools: reached over SSH, leased to one cluster at a time, given back clean."""

from dataclasses import replace
from pathlib import Path

from styx import paths, settings
from styx.clouds.cloud import Cloud
from styx.clouds.pool import Facts, Pools, facts
from styx.clouds.ssh import file, inventory
from styx.clouds.ssh.effects import EFFECTS
from styx.clouds.stopping import Stopping
from styx.offer import Offer


def pools_file() -> Path:
    """Return the file of pools: the setting's, else pools.yaml of the user's configuration."""
    named = settings.load().pools
    return Path(named).expanduser() if named else paths.config() / "pools.yaml"


def pools() -> Pools:
    """Return every pool; none when there is no file and none was named. Raises SpecError for a file that is wrong."""
    path = pools_file()
    if not path.exists() and not settings.load().pools:
        return {}
    return inventory.read(path) if path.is_file() and inventory.is_inventory(path) else file.read(path)


def offers() -> tuple[Offer, ...]:
    """Return an offer for each kind of host in each pool: as many can be had as there are hosts at least like it."""
    found, offered = facts(), list[Offer]()
    for pool, hosts in sorted(pools().items()):
        known = [one for one in (host.told(found.get(host.way)) for host in hosts) if one]
        kinds = [_offer(pool, kind) for _, kind in sorted({one.type: one for one in known}.items())]
        offered += [replace(kind, max_count=sum(one.fits(kind) for one in known)) for kind in kinds]
    return tuple(offered)


def _offer(pool: str, kind: Facts) -> Offer:
    return Offer(
        cloud=CLOUD.id,
        region=pool,
        instance_type=kind.type,
        vcpus=kind.vcpus,
        memory_gib=kind.memory_gib,
        accelerator=kind.accelerator or None,
        accelerator_count=kind.accelerator_count,
        gpu_memory_gib=kind.gpu_memory_gib,
        arch=kind.arch,
        hourly_usd=0,
        price_kind="own",
    )


CLOUD = Cloud(
    id="ssh",
    title="your own hosts",
    capabilities=frozenset(
        {
            *("accelerators", "cpus", "instance_type", "labels", "max_hourly_cost", "memory", "ports", "region"),
            "styx.ray.head",
        }
    ),
    pools=pools,
    live_offers=offers,
    inputs=lambda wanted: {"labels": dict(wanted.labels)},
    credentials="each host's `key`, else the user's own keys and agent",
    effects=EFFECTS,
    stopping=Stopping(shutdown="stops", source="docs/pools.md"),
    host_keys="`host_key`, else first contact, and then the same for every cluster",
)
