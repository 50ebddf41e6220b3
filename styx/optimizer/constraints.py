"""The constraints that an offer can fail, in the order in which they are counted."""

NAMES = (
    "clouds", "infra", "blocklist", "image_id", "instance_type", "accelerators", "accelerators (count)", "cpus",
    "memory", "local_disk", "styx.machine.arch", "styx.machine.burstable", "styx.machine.marketplace", "disk_tier",
    "features", "num_nodes", "use_spot", "max_hourly_cost", "styx.budget", "styx.minimize",
    "restricted regions",
)  # fmt: skip
"""The constraint of bit 0, bit 1 and so on of an offer's mask, as the SQL of this package sets them."""

BITS = {name: 1 << place for place, name in enumerate(NAMES)}


def failed(mask: int) -> tuple[str, ...]:
    """Return the constraints whose bits `mask` has, in order."""
    return tuple(name for name, bit in BITS.items() if mask & bit)


def told(mask: int) -> tuple[str, ...]:
    """Return the constraints whose bits `mask` has as a person is told: of accelerators, the count says both."""
    names = failed(mask)
    return tuple(name for name in names if f"{name} (count)" not in names)
