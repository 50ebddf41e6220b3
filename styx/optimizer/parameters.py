"""An ask as the named parameters of the SQL files."""

from collections.abc import Collection, Sequence
from math import inf

from styx.optimizer.ask import Ask
from styx.optimizer.blocklist import Blocked
from styx.optimizer.places import Judged, micro_usd
from styx.spec.quantities import Amount

Parameters = dict[str, object]

DOUBTFUL_MICRO_USD = 10**12
"""Added to a price that looks wrong: it comes after all that do not, a million USD an hour being more than any."""

UNKNOWN_MICRO_USD = 2 * DOUBTFUL_MICRO_USD
"""Stands for a price that nobody knows: it comes last."""

_PART = 0.005
"""Parts of an accelerator are listed as 0.333 and asked for as 0.33."""


def of_kinds(ask: Ask) -> Parameters:
    """Return the parameters of offered.sql, those only that ask for something."""
    own_cpus = 0.0 if ask.cpus_default or not ask.cpus else ask.cpus.value
    own_gib = 0.0 if ask.memory_default or not ask.memory_gib else ask.memory_gib.value
    limits = {
        **_of_accelerators(ask),
        **_limits("cpus", ask.cpus),
        **_limits("gib", ask.memory_gib),
        **_limits("disk_gib", ask.local_disk),
        "own_cpus": own_cpus if ask.cpus or ask.gib_per_cpu else None,
        "own_gib": own_gib if ask.memory_gib else None,
        "gib_per_cpu": ask.gib_per_cpu,
        "asked_type": ask.instance_type,
        "arch": ask.arch,
        "burstable": None if ask.burstable else False,
        "num_nodes": ask.num_nodes,
        "least_tflops": ask.least_tflops or None,
    }
    return {name: value for name, value in limits.items() if value is not None}


def _of_accelerators(ask: Ask) -> Parameters:
    wanted = ask.accelerator
    if wanted is None:
        # A machine type that is named may have any.
        return {} if ask.instance_type else {"any_accelerators": 0.0}
    memory = Amount(wanted.min_memory_gib, wanted.at_least) if wanted.min_memory_gib else None
    return {
        "accelerator": wanted.name.lower() if wanted.name else None,
        "vendor": wanted.vendor,
        **_limits("gpu_gib", memory),
        "least_accelerators": wanted.count - _PART,
        "most_accelerators": wanted.count + _PART,
    }


def of_places(rows: Collection[Judged]) -> Parameters:
    """Return the parameters of judged_places.sql."""
    return {
        "places": [row.place for row in rows],
        "masks": [row.mask for row in rows],
        "extras_micro": [row.beside_micro for row in rows],
        "extras_known": [row.beside_known for row in rows],
    }


def of_machines(ask: Ask) -> Parameters:
    """Return the parameters of machines.sql, those only that ask for something."""
    limits: Parameters = {"unsold": UNKNOWN_MICRO_USD} if ask.use_spot else {}
    if ask.max_hourly_usd is None:
        return limits
    most = {"most_micro": micro_usd(ask.max_hourly_usd)}
    return limits | most | {"doubtful": DOUBTFUL_MICRO_USD, "unknown": UNKNOWN_MICRO_USD}


def of_judged(ask: Ask) -> Parameters:
    """Return the parameters of machines.sql and judged.sql together."""
    limits = of_machines(ask) | {"doubtful": DOUBTFUL_MICRO_USD, "unknown": UNKNOWN_MICRO_USD}
    limits["num_nodes"] = ask.num_nodes
    return limits if ask.budget_usd is None else limits | {"budget_micro": micro_usd(ask.budget_usd)}


def total(rank: int, num_nodes: int, beside_micro: int) -> int:
    """Return what all machines cost with what they need beside, in order: see parts.sql for the rank of a price."""
    if rank >= UNKNOWN_MICRO_USD:
        return UNKNOWN_MICRO_USD
    doubt, price = divmod(rank, DOUBTFUL_MICRO_USD)
    return doubt * DOUBTFUL_MICRO_USD + min(num_nodes * price + beside_micro, DOUBTFUL_MICRO_USD - 1)


def of_blocked(blocklist: Sequence[Blocked]) -> Parameters:
    """Return the parameters of blocked.sql."""
    return {
        "clouds": [one.cloud for one in blocklist],
        "regions": [one.region for one in blocklist],
        "zones": [one.zone for one in blocklist],
        "types": [one.instance_type for one in blocklist],
    }


def _limits(name: str, amount: Amount | None) -> Parameters:
    """Return `least_…` and `most_…`, nothing when nothing is asked."""
    if amount is None:
        return {}
    return {f"least_{name}": amount.value, f"most_{name}": inf if amount.at_least else amount.value}
