"""Lambda. One file, for `lambda` is a word of Python's grammar and no module of this package could be imported."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

from styx.clouds.cloud import Cloud, Feed, Http, Known
from styx.errors import CatalogError, CredentialError
from styx.offer import Offer


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterator[Offer]:
    """Yield each known type in each region known for it or with capacity now: the price is the same everywhere.

    A type that the catalog does not know is left out: the feed does not spell its GPU as others do.
    """
    token = os.environ.get("LAMBDA_API_KEY", "")
    if not token:
        raise CredentialError("Lambda's price list needs an API key", "set LAMBDA_API_KEY")
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


CLOUD = Cloud(
    id="lambda",
    title="Lambda",
    capabilities=frozenset(
        {"accelerators", "cpus", "instance_type", "max_hourly_cost", "memory", "ports", "region"},
    ),
    login_user="ubuntu",
    feed=Feed(hosts={"prices": "https://cloud.lambda.ai"}, fetch=fetch),
)
