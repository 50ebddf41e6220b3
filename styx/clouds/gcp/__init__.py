"""Google Cloud."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from styx.clouds.cloud import Cloud, Feed, Http, Known
from styx.clouds.gcp.failures import FAILURES
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.offer import Offer


def mend(offers: Iterable[Offer], folder: Path) -> Iterable[Offer]:
    """See styx.clouds.gcp.machines, which most commands never load."""
    from styx.clouds.gcp import machines

    return machines.mend(offers, folder)


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterable[Offer]:
    """See styx.clouds.gcp.prices, which only `styx catalog refresh` loads."""
    from styx.clouds.gcp import prices

    return prices.fetch(http, hosts, known)


def findings() -> Iterable[Finding]:
    """See styx.clouds.gcp.check, which only `styx check` loads."""
    from styx.clouds.gcp import check

    return check.check()


CLOUD = Cloud(
    id="gcp",
    title="Google Cloud",
    capabilities=frozenset(
        {"accelerators", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "ports", "region", "use_spot", "zone"},
    ),
    login_user="ubuntu",
    mend=mend,
    sources={"gcp_attachable_gpus.csv": "the GPUs of Google Cloud that stand beside an N1: T4, V100, P100, P4"},
    feed=Feed(
        hosts={"prices": "https://cloudbilling.googleapis.com", "types": "https://compute.googleapis.com"},
        fetch=fetch,
    ),
    check=findings,
    failures=FAILURES,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=True,
        shutdown="stops",
        autostop="shutdown",
        autodown="identity",
        source="https://cloud.google.com/compute/docs/instances/stop-start-instance",
    ),
    spot="a Spot VM (`provisioning_model`)",
    fast_network="gVNIC",
    image_forms="an image, a family",
    identity="a service account",
)  # fmt: skip
