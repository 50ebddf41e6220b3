"""An ask as the named parameters of the SQL files."""

from collections.abc import Iterable, Sequence

from styx.optimizer import places
from styx.optimizer.ask import Ask
from styx.optimizer.blocklist import Blocked
from styx.optimizer.places import Facts, Place
from styx.spec.quantities import Amount

Parameters = dict[str, object]


def of_kinds(ask: Ask) -> Parameters:
    """Return the parameters of judged_kinds.sql."""
    wanted = ask.accelerator
    return {
        "instance_type": ask.instance_type,
        "any_accelerator": ask.instance_type is not None,
        "accelerator_count": wanted.count if wanted else 0,
        "accelerator": wanted.name.lower() if wanted and wanted.name else None,
        "vendor": wanted.vendor if wanted else None,
        "gpu_memory_gib": wanted.min_memory_gib if wanted else None,
        "gpu_memory_at_least": bool(wanted and wanted.at_least),
        **_amount("cpus", ask.cpus),
        "cpus_default": ask.cpus_default,
        **_amount("memory", ask.memory_gib, "memory_gib"),
        "memory_default": ask.memory_default,
        "memory_gib_per_cpu": ask.gib_per_cpu,
        **_amount("local_disk", ask.local_disk, "local_disk_gib"),
        "arch": ask.arch,
        "burstable": ask.burstable,
        "num_nodes": ask.num_nodes,
        "least_tflops": ask.least_tflops,
    }


def of_places(ask: Ask, all_places: Iterable[Place], facts: Facts) -> Parameters:
    """Return the parameters of judged_places.sql."""
    rows = places.judged(ask, all_places, facts)
    return {
        "places": [place for place, _, _ in rows],
        "masks": [mask for _, mask, _ in rows],
        "extras_usd": [usd for _, _, usd in rows],
    }


def of_offers(ask: Ask) -> Parameters:
    """Return the parameters of judged.sql."""
    return {
        "use_spot": ask.use_spot,
        "num_nodes": ask.num_nodes,
        "restart_hours": ask.restart_hours,
        "max_hourly_usd": ask.max_hourly_usd,
        "budget_usd": ask.budget_usd,
    }


def of_blocked(blocklist: Sequence[Blocked]) -> Parameters:
    """Return the parameters of blocked.sql."""
    return {
        "clouds": [one.cloud for one in blocklist],
        "regions": [one.region for one in blocklist],
        "zones": [one.zone for one in blocklist],
        "types": [one.instance_type for one in blocklist],
    }


def _amount(name: str, amount: Amount | None, value_name: str = "") -> Parameters:
    """Return `name` and `name_at_least`."""
    return {
        value_name or name: amount.value if amount else None,
        f"{name}_at_least": bool(amount and amount.at_least),
    }
