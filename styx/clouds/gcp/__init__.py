"""Google Cloud."""

from styx.clouds.cloud import Cloud, Feed
from styx.clouds.gcp.machines import mend
from styx.clouds.gcp.prices import fetch

CLOUD = Cloud(
    id="gcp",
    title="Google Cloud",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "ports", "region", "use_spot", "zone"},
    ),
    login_user="ubuntu",
    mend=mend,
    feed=Feed(
        hosts={"prices": "https://cloudbilling.googleapis.com", "types": "https://compute.googleapis.com"},
        fetch=fetch,
    ),
)  # fmt: skip
