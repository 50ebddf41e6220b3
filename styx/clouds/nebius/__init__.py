"""Nebius. It publishes no prices without an account, so there is no feed: the shipped ones stand."""

from styx.clouds.cloud import Cloud

CLOUD = Cloud(
    id="nebius",
    title="Nebius",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "max_hourly_cost", "memory", "ports",
         "region", "use_spot"},
    ),
    login_user="ubuntu",
)  # fmt: skip
