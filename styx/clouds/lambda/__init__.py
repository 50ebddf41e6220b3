"""Lambda. `lambda` is a word of Python's grammar: no `import` statement can name this package or a module of it."""

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from styx.clouds.cloud import Cloud, Feed, Http, Known
from styx.clouds.readiness import Finding
from styx.clouds.stopping import Stopping
from styx.clouds.sweep import Account
from styx.errors import CatalogError, CredentialError
from styx.offer import Offer


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterator[Offer]:
    """Yield each known type in each region known for it or with capacity now: the price is the same everywhere.

    A type that the catalog does not know is left out: the feed does not spell its GPU as others do.
    """
    token = os.environ.get("LAMBDALABS_API_KEY") or os.environ.get("LAMBDA_API_KEY", "")
    if not token:
        raise CredentialError("Lambda's price list needs an API key", "set LAMBDALABS_API_KEY, as for Terraform")
    url = f"{hosts['prices']}/api/v1/instance-types"
    types = http.json(url, token=token).get("data")
    if not isinstance(types, dict):
        raise CatalogError(f"{url} answered without `data`")
    for name, told in types.items():
        machine = told["instance_type"]
        regions = {region for region, held in known.offers if held == name}
        regions |= {region["name"] for region in told.get("regions_with_capacity_available", ())}
        for region in sorted(regions):
            shape = known.shape(region, name)
            if shape is not None:
                yield replace(
                    shape,
                    hourly_usd=machine["price_cents_per_hour"] / 100,
                    price_kind="list",
                    local_disk_gib=machine["specs"].get("storage_gib", 0),
                )


URL = "https://cloud.lambda.ai"


def findings() -> Iterable[Finding]:
    """See check.py beside this file, which only `styx check` loads."""
    found: Iterable[Finding] = importlib.import_module(f"{__name__}.check").check(os.environ, URL)
    return found


def account() -> Account:
    """See sweep.py beside this file, which only a process of its own loads."""
    found: Account = importlib.import_module(f"{__name__}.sweep").account(os.environ, URL)
    return found


CLOUD = Cloud(
    id="lambda",
    title="Lambda",
    capabilities=frozenset(
        {"accelerators", "cpus", "instance_type", "max_hourly_cost", "memory", "ports", "region",
         "styx.network.allow", "styx.network.ports", "styx.ray.head", "styx.ssh_key"},
    ),
    provider="lambdalabs",
    tells_private_address=False,
    has_firewall=False,
    # Of a machine alone: where the key is not found either, this may be another account, and the machines live on.
    gone=r"Could not find Lambdalabs [\w ]+ ID \S+: Specified instance does not exist",
    login_user="ubuntu",
    feed=Feed(hosts={"prices": URL}, fetch=fetch),
    check=findings,
    account=account,
    find_command='curl -s -H "Authorization: Bearer $LAMBDALABS_API_KEY" https://cloud.lambda.ai/api/v1/instances',
    credentials="`LAMBDALABS_API_KEY`",
    failures=importlib.import_module(f"{__name__}.failures").FAILURES,
    effects=importlib.import_module(f"{__name__}.effects").EFFECTS,
    stopping=Stopping(
        can_stop=False,
        shutdown="bills",  # the API can launch, restart and terminate
        autostop="",
        autodown="outside",
        source="https://docs.lambda.ai/api/cloud",
    ),
)  # fmt: skip
