"""Amazon Web Services."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx.clouds.aws.effects import EFFECTS
from styx.clouds.aws.failures import FAILURES
from styx.clouds.aws.module import inputs
from styx.clouds.cloud import Cloud, Feed, Http, Known, TagRule
from styx.clouds.power import Power
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.clouds.sweep import Account
from styx.clouds.wanted import Fault
from styx.offer import Offer
from styx.plan import Placement

if TYPE_CHECKING:
    from styx.spec import TaskSpec


def mend(offers: Iterable[Offer], folder: Path) -> Iterable[Offer]:
    """See styx.clouds.aws.machines, which most commands never load."""
    from styx.clouds.aws import machines

    return machines.mend(offers, folder)


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterable[Offer]:
    """See styx.clouds.aws.prices, which only `styx catalog refresh` loads."""
    from styx.clouds.aws import prices

    return prices.fetch(http, hosts, known)


def findings() -> Iterable[Finding]:
    """See styx.clouds.aws.check, which only `styx check` loads."""
    from styx.clouds.aws import check

    return check.check()


def faults(task: "TaskSpec", placement: Placement) -> Iterable[Fault]:
    """See styx.clouds.aws.limits."""
    from styx.clouds.aws import limits

    return limits.faults(task, placement)


def services(task: "TaskSpec") -> Mapping[str, int]:
    """See styx.clouds.aws.limits."""
    from styx.clouds.aws import limits

    return limits.services(task)


def fast(offer: Offer) -> str:
    """See styx.clouds.aws.limits."""
    from styx.clouds.aws import limits

    return limits.fast(offer)


def account() -> Account:
    """See styx.clouds.aws.sweep, which only a process of its own loads."""
    from styx.clouds.aws import sweep

    return sweep.account()


def switch(region: str) -> Power:
    """See styx.clouds.aws.power, which only `styx stop` and `styx start` load."""
    from styx.clouds.aws import power

    return power.power(region)


CLOUD = Cloud(
    id="aws",
    title="AWS",
    capabilities=frozenset(
        {"accelerators", "autostop", "cpus", "disk_size", "disk_tier", "instance_type", "local_disk", "max_hourly_cost",
         "memory", "network_tier", "ports", "region", "use_spot", "volumes", "zone", "image_id", "labels",
         "styx.lifetime", "styx.network.allow", "styx.network.egress", "styx.network.ports", "styx.network.proxy_jump",
         "styx.network.public_ip", "styx.network.security_groups", "styx.network.subnet", "styx.network.tunnel",
         "styx.network.vpc", "styx.owner", "styx.ray.head", "styx.ssh_key", "styx.tags"},
    ),
    provider="aws",
    login_user="ubuntu",
    inputs=inputs,
    zones="{region}[a-z]",
    tag_rule=TagRule(
        key=r"(?!aws:|Name$)[\w .:/=+@-]{1,128}",
        value=r"[\w .:/=+@-]{0,256}",
        most=50,
        said="letters, digits, spaces and _.:/=+-@; a key of 1 to 128, not Name and not beginning with aws:, "
        "a value of up to 256",
    ),
    tunnels=("ssm",),
    bucket_scheme="s3",
    mend=mend,
    sources={
        "aws_spot_interruption.csv.gz": "how often AWS takes spot machines back: spot is ranked by price alone",
        "instance_types.json.gz": "the local disks of AWS: no machine of it meets a wish for `local_disk`",
    },
    feed=Feed(hosts={"prices": "https://pricing.us-east-1.amazonaws.com"}, fetch=fetch),
    faults=faults,
    services=services,
    fast=fast,
    check=findings,
    credentials="environment, profile, SSO, a process, the machine's role: all that boto3 knows",
    failures=FAILURES,
    effects=EFFECTS,
    power=switch,
    stopping=Stopping(
        can_stop=True,
        spot_can_stop=False,  # a one-time request cannot be stopped, only ended
        shutdown="chosen",
        chosen_by='`instance_initiated_shutdown_behavior`, "terminate" or "stop"',
        stop_input="shutdown_behavior",
        autostop="shutdown",
        autodown="shutdown",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingInstanceInitiatedShutdownBehavior.html",
    ),
    spot="a one-time spot request (`instance_market_options`)",
    fast_network="EFA",
    image_forms="a name, an id",
    account=account,
    find_command="aws ec2 describe-instances --region {region} --filters Name=tag:styx-cluster,Values={cluster}",
    identity="an instance profile",
)  # fmt: skip
