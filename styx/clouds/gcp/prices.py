"""Google's price list: a price a vCPU, a GiB and a GPU in each region, put together into what machine types cost.

Types with local SSDs in them, and parts that the list words in another way, are left out: their known prices stay.
"""

import importlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from styx.clouds.cloud import Http, Known
from styx.clouds.gcp.attached import split_name
from styx.errors import CredentialError
from styx.offer import Offer

COMPUTE_ENGINE = "6F81-5844-456A"
"""The service's id in the Cloud Billing Catalog."""

_PART = re.compile(r"(?:Spot Preemptible )?([A-Z]\d[A-Z]?) (?:\w+ )*?Instance (Core|Ram) running in")
_GPU = re.compile(r"Nvidia (?:Tesla )?(.+?) GPU (?:attached to Spot Preemptible VMs )?running in")
_OTHER = re.compile(r"Custom|Sole Tenancy|Commitment|Reserv|DWS|Extended")
_MARKETS = {"OnDemand": "on_demand", "Preemptible": "spot"}

_GPU_NAMES = {
    "A100 80GB": "A100-80GB",
    "H100 80GB": "H100",
    "H100 80GB Mega": "H100-MEGA",
    "RTX 6000 96GB": "RTXPRO6000",
}
"""The list's words for a GPU, where they are not the name itself."""

Part = tuple[str, str, str, str]
"""Region, market, family or GPU, and what: core, ram or gpu."""


@dataclass(slots=True)
class Parts:
    """USD an hour of each part."""

    prices: dict[Part, float] = field(default_factory=dict)

    def add(self, sku: Mapping[str, Any]) -> None:
        """Take one SKU of the price list, or nothing when it is no part of a machine type."""
        market = _MARKETS.get(sku.get("category", {}).get("usageType", ""))
        named = _named(sku.get("description", ""))
        price = _hourly_usd(sku)
        if market and named and price:
            for region in sku.get("serviceRegions", ()):
                self.prices[(region, market, *named)] = price

    def machine_usd(self, offer: Offer, market: str) -> float | None:
        """Return what a machine costs, None when the list lacks one of its parts."""
        host, attached, _ = split_name(offer.instance_type)
        family = host.partition("-")[0].upper()
        amounts: dict[tuple[str, str], float] = {(family, "core"): offer.vcpus, (family, "ram"): offer.memory_gib}
        if offer.accelerator:
            amounts[attached or offer.accelerator, "gpu"] = offer.accelerator_count
        costs = [(self.prices.get((offer.region, market, *part)), amount) for part, amount in amounts.items()]
        total = sum(price * amount for price, amount in costs if price is not None)
        return None if any(price is None for price, _ in costs) else round(total, 6)


def fetch(http: Http, hosts: Mapping[str, str], known: Known) -> Iterator[Offer]:
    """Yield every type of the project's zones, and every known N1 with GPUs, at today's prices of their parts."""
    token, project = _credentials()
    parts = Parts()
    url = f"{hosts['prices']}/v1/services/{COMPUTE_ENGINE}/skus"
    for page in _pages(http, url, {"currencyCode": "USD", "pageSize": "5000"}, token):
        for sku in page.get("skus", ()):
            parts.add(sku)
    url = f"{hosts['types']}/compute/v1/projects/{project}/aggregated/machineTypes"
    zones = _zones(page for page in _pages(http, url, {"maxResults": "500"}, token))
    pairs = (offer for offer in known.offers.values() if "+" in offer.instance_type)
    shapes = (shape for (region, name), sold in zones.items() if (shape := _shape(known, region, name, sold)))
    for shape in (*shapes, *pairs):
        price = parts.machine_usd(shape, "on_demand")
        if price is not None and not shape.burstable and not shape.local_disk_gib:
            yield _priced(shape, price, parts.machine_usd(shape, "spot"))


def _shape(known: Known, region: str, name: str, zones: tuple[str, ...]) -> Offer | None:
    shape = known.shape(region, name)
    return replace(shape, zones=zones) if shape else None


def _priced(shape: Offer, price: float, spot: float | None) -> Offer:
    cheaper = spot if spot is not None and spot < price else None
    return replace(
        shape,
        hourly_usd=price,
        price_kind="list",
        spot_hourly_usd=cheaper,
        spot_kind="unknown" if cheaper is None else "list",
    )


def _named(description: str) -> tuple[str, str] | None:
    """Return (family, core or ram) or (GPU, gpu) of a SKU's description."""
    if _OTHER.search(description):
        return None
    if part := _PART.match(description.replace("Predefined ", "")):
        return part[1], part[2].lower()
    if gpu := _GPU.match(description):
        return _GPU_NAMES.get(gpu[1], gpu[1]), "gpu"
    return None


def _hourly_usd(sku: Mapping[str, Any]) -> float:
    """Return the price of the last tier, 0 when there is none by the hour."""
    told = (sku.get("pricingInfo") or [{}])[-1].get("pricingExpression", {})
    rates = told.get("tieredRates") or [{}]
    unit = rates[-1].get("unitPrice", {})
    by_hour = told.get("usageUnit") in ("h", "GiBy.h")
    return (float(unit.get("units") or 0) + float(unit.get("nanos") or 0) / 1e9) if by_hour else 0


def _zones(pages: Iterator[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return (region, type) → the zones that sell it."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for page in pages:
        for place, told in page.get("items", {}).items():
            zone = place.removeprefix("zones/")
            for machine in told.get("machineTypes", ()):
                key = (zone.rpartition("-")[0], machine["name"])
                found[key] = (*found.get(key, ()), zone)
    return found


def _pages(http: Http, url: str, query: dict[str, str], token: str) -> Iterator[dict[str, Any]]:
    more = ""
    while True:
        page = http.json(url, query | ({"pageToken": more} if more else {}), token)
        yield page
        more = page.get("nextPageToken", "")
        if not more:
            return


def _credentials() -> tuple[str, str]:
    """Return a token and a project: the variables that gcloud and Terraform read, else application default ones."""
    token, project = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN"), os.environ.get("GOOGLE_CLOUD_PROJECT")
    if token and project:
        return token, project
    hint = "run `gcloud auth application-default login`, or set GOOGLE_OAUTH_ACCESS_TOKEN and GOOGLE_CLOUD_PROJECT"
    try:
        auth = importlib.import_module("google.auth")
        requests = importlib.import_module("google.auth.transport.requests")
    except ImportError as error:
        raise CredentialError(
            "Google's price list needs credentials", f"{hint}; the extra `gcp` reads the former"
        ) from error
    try:
        found, own = auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        found.refresh(requests.Request())
    except auth.exceptions.GoogleAuthError as error:
        raise CredentialError(f"Google refused the credentials: {error}", hint) from error
    if not (project or own):
        raise CredentialError("no Google Cloud project is set", "set GOOGLE_CLOUD_PROJECT")
    return str(found.token), str(project or own)
