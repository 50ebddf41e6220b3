"""Amazon Web Services."""

from styx.clouds.aws.machines import mend
from styx.clouds.aws.prices import fetch
from styx.clouds.cloud import Cloud, Feed

CLOUD = Cloud(
    id="aws",
    title="AWS",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "ports", "region", "use_spot", "zone"},
    ),
    login_user="ubuntu",
    mend=mend,
    feed=Feed(hosts={"prices": "https://pricing.us-east-1.amazonaws.com"}, fetch=fetch),
)  # fmt: skip
