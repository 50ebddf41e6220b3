"""What an ask says, in the words that the user would write."""

from collections.abc import Callable, Iterable, Mapping

from styx.optimizer.ask import Ask
from styx.optimizer.places import unable_clouds


def wish(ask: Ask, constraint: str) -> str:
    """Return the constraint with what was asked, for example `accelerators: A100:8`."""
    said = _WORDS[constraint](ask)
    name = constraint.removesuffix(" (count)")
    return f"{name}: {said}" if said else name


def nearest_size(ask: Ask, constraint: str, sizes: Iterable[float]) -> str:
    """Return the nearest sizes below and above what was asked, `H100:8, not H100:7`."""
    spelled = [size(ask, constraint, one) for one in nearest_sizes(ask, constraint, sizes)]
    return f"{' or '.join(spelled)}, not {size(ask, constraint, _SIZE[constraint](ask))}"


def nearest_sizes(ask: Ask, constraint: str, sizes: Iterable[float]) -> list[float]:
    """Return the nearest of `sizes` above and below what was asked, those that there are."""
    asked, known = _SIZE[constraint](ask), sorted(sizes)
    above, below = [one for one in known if one > asked], [one for one in known if one < asked]
    return above[:1] + below[-1:]


def size(ask: Ask, constraint: str, number: float) -> str:
    """Return a size as the user would write it, `H100:8` or `cpus 8`."""
    if constraint == "accelerators (count)":
        return f"{accelerator(ask, count=False)}:{number:.3g}"
    return f"{constraint} {number:g}"


def accelerator(ask: Ask, *, count: bool = True) -> str:
    """Return the accelerators asked for, as SkyPilot writes them; `none` for none."""
    wanted = ask.accelerator
    if wanted is None:
        return "none"
    memory = f"{wanted.min_memory_gib:g}GB{'+' if wanted.at_least else ''}" if wanted.min_memory_gib else ""
    vendor = f"{wanted.vendor}:" if wanted.vendor else ""
    return f"{wanted.name or vendor + memory}" + (f":{wanted.count:g}" if count else "")


def _infra(ask: Ask) -> str:
    parts = [ask.cloud or "*", ask.region or "*", ask.zone or "*"]
    while parts[-1] == "*" and len(parts) > 1:
        parts.pop()
    return "/".join(parts)


def _memory(ask: Ask) -> str:
    if ask.gib_per_cpu:
        return f"{ask.gib_per_cpu:g}x"
    return f"{ask.memory_gib}{_default(ask.memory_default)}" if ask.memory_gib else ""


def _default(is_default: bool) -> str:
    return " (default)" if is_default else ""


def _blocklist(ask: Ask) -> str:
    rows = [(one.cloud, one.region, one.zone, one.instance_type) for one in ask.blocklist]
    return ", ".join("/".join(part or "*" for part in row) for row in rows)


def _features(ask: Ask) -> str:
    return ", ".join(sorted(frozenset[str]().union(*unable_clouds(ask).values())))


def _usd(amount: float | None) -> str:
    return "" if amount is None else f"{amount:g}"


_WORDS: Mapping[str, Callable[[Ask], str]] = {
    "clouds": lambda ask: ", ".join(ask.cloud_ids),
    "infra": _infra,
    "blocklist": _blocklist,
    "image_id": lambda ask: ", ".join(ask.image_regions or ()),
    "instance_type": lambda ask: ask.instance_type or "",
    "accelerators": lambda ask: accelerator(ask, count=False),
    "accelerators (count)": accelerator,
    "cpus": lambda ask: f"{ask.cpus}{_default(ask.cpus_default)}" if ask.cpus else "",
    "memory": _memory,
    "local_disk": lambda ask: str(ask.local_disk or ""),
    "styx.machine.arch": lambda ask: ask.arch or "",
    "styx.machine.burstable": lambda _ask: "false",
    "styx.machine.marketplace": lambda _ask: "false",
    "disk_tier": lambda ask: ask.disk_tier,
    "features": _features,
    "num_nodes": lambda ask: str(ask.num_nodes),
    "use_spot": lambda _ask: "true",
    "max_hourly_cost": lambda ask: _usd(ask.max_hourly_usd),
    "styx.budget": lambda ask: _usd(ask.budget_usd),
    "styx.minimize": lambda _ask: "time, among machines of known speed",
    "restricted regions": lambda _ask: "left out unless `infra` names one",
}

_SIZE: Mapping[str, Callable[[Ask], float]] = {
    "accelerators (count)": lambda ask: ask.accelerator.count if ask.accelerator else 0,
    "cpus": lambda ask: ask.cpus.value if ask.cpus else 0,
    "memory": lambda ask: ask.memory_gib.value if ask.memory_gib else 0,
}
