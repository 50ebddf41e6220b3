"""Microsoft Azure."""

from styx.clouds.azure.machines import mend
from styx.clouds.azure.prices import fetch
from styx.clouds.cloud import Cloud, Feed

CLOUD = Cloud(
    id="azure",
    title="Azure",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "ports", "region", "use_spot", "zone"},
    ),
    login_user="azureuser",
    mend=mend,
    feed=Feed(hosts={"prices": "https://prices.azure.com"}, fetch=fetch),
)  # fmt: skip
