"""An ask as the named parameters of the SQL files."""

from collections.abc import Iterable, Sequence
from math import inf

from styx.optimizer import places
from styx.optimizer.ask import Ask
from styx.optimizer.blocklist import Blocked
from styx.optimizer.places import Facts, Place
from styx.spec.quantities import Amount

Parameters = dict[str, object]

MICRO = 1_000_000
"""Prices are compared in millionths of a USD."""

UNKNOWN_MICRO_USD = 10**12
"""Stands for a price that nobody knows: it comes last."""

_PART = 0.005
"""Parts of an accelerator are listed as 0.333 and asked for as 0.33."""


def of_kinds(ask: Ask) -> Parameters:
    """Return the parameters of judged_kinds.sql."""
    return {
        "instance_type": ask.instance_type or "",
        **_of_accelerators(ask),
        **_limits("cpus", ask.cpus),
        **_limits("gib", ask.memory_gib),
        **_limits("disk_gib", ask.local_disk),
        "own_cpus": 0.0 if ask.cpus_default or not ask.cpus else ask.cpus.value,
        "own_gib": 0.0 if ask.memory_default or not ask.memory_gib else ask.memory_gib.value,
        "gib_per_cpu": ask.gib_per_cpu or 0.0,
        "arch": ask.arch or "",
        "burstable": ask.burstable,
        "num_nodes": ask.num_nodes,
        "least_tflops": ask.least_tflops or 0.0,
    }


def _of_accelerators(ask: Ask) -> Parameters:
    wanted = ask.accelerator
    if wanted is None:
        # A machine type that is named may have any.
        most = inf if ask.instance_type else 0.0
        return {
            "any_accelerators": most, "accelerator": "", "vendor": "", **_limits("gpu_gib", None),
            "least_accelerators": 0.0, "most_accelerators": inf,
        }  # fmt: skip
    memory = Amount(wanted.min_memory_gib, wanted.at_least) if wanted.min_memory_gib else None
    return {
        "any_accelerators": inf,
        "accelerator": (wanted.name or "").lower(),
        "vendor": wanted.vendor or "",
        **_limits("gpu_gib", memory),
        "least_accelerators": wanted.count - _PART,
        "most_accelerators": wanted.count + _PART,
    }


def of_places(ask: Ask, all_places: Iterable[Place], facts: Facts) -> Parameters:
    """Return the parameters of judged_places.sql."""
    rows = places.judged(ask, all_places, facts)
    return {
        "places": [place for place, _, _ in rows],
        "masks": [mask for _, mask, _ in rows],
        "extras_micro": [micro_usd(usd) for _, _, usd in rows],
    }


def of_offers(ask: Ask) -> Parameters:
    """Return the parameters of judged.sql."""
    return {
        "use_spot": ask.use_spot,
        "num_nodes": ask.num_nodes,
        "most_micro": None if ask.max_hourly_usd is None else micro_usd(ask.max_hourly_usd),
        "budget_micro": None if ask.budget_usd is None else micro_usd(ask.budget_usd),
        "unknown": UNKNOWN_MICRO_USD,
    }


def micro_usd(usd: float) -> int:
    """Return an amount in millionths of a USD."""
    return round(usd * MICRO)


def of_blocked(blocklist: Sequence[Blocked]) -> Parameters:
    """Return the parameters of blocked.sql."""
    return {
        "clouds": [one.cloud for one in blocklist],
        "regions": [one.region for one in blocklist],
        "zones": [one.zone for one in blocklist],
        "types": [one.instance_type for one in blocklist],
    }


def _limits(name: str, amount: Amount | None) -> Parameters:
    """Return `least_…` and `most_…`."""
    least = amount.value if amount else 0.0
    return {f"least_{name}": least, f"most_{name}": amount.value if amount and not amount.at_least else inf}
