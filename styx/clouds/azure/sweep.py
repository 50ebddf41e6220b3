"""What a subscription of Azure still has of Styx's clusters: each has a resource group of its own, which is tagged."""

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from styx.clouds.azure.check import Manager, credential_of, place_of
from styx.clouds.readiness import PROXY, one_line, refusal
from styx.clouds.sweep import CLUSTER, Account, Found, Kind
from styx.errors import CredentialError, ToolMissingError

GROUPS = "2021-04-01"
"""The version of the API that lists groups and what is in them, and ends a group."""

TYPES: dict[str, tuple[Kind, str]] = {
    "microsoft.compute/virtualmachines": ("machine", "2024-07-01"),
    "microsoft.compute/disks": ("disk", "2023-10-02"),
    "microsoft.compute/proximityplacementgroups": ("template", "2024-07-01"),
    "microsoft.network/networkinterfaces": ("interface", "2024-05-01"),
    "microsoft.network/publicipaddresses": ("address", "2024-05-01"),
    "microsoft.network/natgateways": ("way out", "2024-05-01"),
    "microsoft.network/bastionhosts": ("gateway", "2024-05-01"),
    "microsoft.network/networksecuritygroups": ("firewall", "2024-05-01"),
    "microsoft.network/applicationsecuritygroups": ("firewall", "2024-05-01"),
    "microsoft.network/virtualnetworks": ("network", "2024-05-01"),
}
"""Type, in lower case → its kind, and the version of the API that ends it."""

DISK = "microsoft.compute/disks"
"""The disk that a machine boots from carries no tags: in a cluster's group it is the cluster's."""

RETRIES = 5


def account(env: Mapping[str, str] = os.environ) -> Account:
    """Return the subscription that Terraform's provider would use."""
    manager, subscription = signed_in(env)
    return _Subscription(manager, subscription)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The resource manager, asked as whom Terraform's provider would be."""

    manager: Manager
    mend: str
    """How to sign in again."""

    def asked(self, method: str, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Return the answer, whatever its status; raise CredentialError when there is none."""
        faults = importlib.import_module("azure.core.exceptions")
        try:
            return self.manager.ask(method, path, query)
        except (faults.ServiceRequestError, faults.ServiceResponseError) as error:
            raise CredentialError(f"Azure cannot be reached: {one_line(error)}", PROXY) from error
        except faults.AzureError as error:
            raise CredentialError(f"Azure: {one_line(error.message)}", self.mend) from error


def signed_in(env: Mapping[str, str]) -> tuple[SignedIn, str]:
    """Return the resource manager and the subscription that Terraform's provider would use."""
    try:
        identity = importlib.import_module("azure.identity")
        faults = importlib.import_module("azure.core.exceptions")
    except ImportError:
        raise ToolMissingError("azure-identity is not installed", "pip install 'styx-infra[azure]'") from None
    subscription = env.get("ARM_SUBSCRIPTION_ID", "")
    if not subscription:
        mend = "export ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)"
        raise CredentialError("ARM_SUBSCRIPTION_ID is not set", mend)
    try:
        place = place_of(env)
        credential, _, mend = credential_of(identity, place, env)
    except (faults.AzureError, ValueError, LookupError) as error:
        raise CredentialError(f"Azure cannot be found: {one_line(error)}", "az login") from error
    return SignedIn(Manager(place.manager, credential, RETRIES), mend), subscription


class _Subscription:
    """One subscription, as the resource manager tells of it."""

    def __init__(self, manager: SignedIn, subscription: str) -> None:
        self._manager = manager
        self._home = f"/subscriptions/{subscription}"

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return the groups of a cluster, or of all, and what is in them, wherever they are."""
        del regions
        wanted = f"tagName eq '{CLUSTER}'" + (f" and tagValue eq '{cluster}'" if cluster else "")
        for group in self._rows(f"{self._home}/resourcegroups", {"$filter": wanted}):
            tags = group.get("tags") or {}
            if CLUSTER in tags and cluster in {"", tags[CLUSTER]}:
                yield from self._inside(group, tags)
                yield Found("group", group["id"], group["name"], tags[CLUSTER], group["location"], tags=tags)

    def remove(self, found: Found) -> str:
        """Ask for its end; a group that still holds something is kept, whoever put it there."""
        if found.kind == "group":
            version = GROUPS
            if held := [row["name"] for row in self._rows(f"{found.id}/resources", {})]:
                return f"it still holds {', '.join(held[:5])}"
        else:
            version = TYPES[_type(found.id)][1]
        answer = self._manager.asked("DELETE", found.id, {"api-version": version})
        return "" if answer.status_code in {200, 202, 204, 404} else refusal(answer)

    def _inside(self, group: Mapping[str, Any], own: Mapping[str, str]) -> Iterator[Found]:
        """Yield what is in a group and carries the cluster's tag, and its disks."""
        for row in self._rows(f"{group['id']}/resources", {"$expand": "createdTime"}):
            known = TYPES.get(row["type"].lower())
            tags = row.get("tags") or {}
            if known and (tags.get(CLUSTER) == own[CLUSTER] or row["type"].lower() == DISK):
                yield _found(known[0], row, {**own, **tags})

    def _rows(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Yield all of one kind, page by page; nothing where it is gone."""
        page = path
        while page:
            answer = self._manager.asked("GET", page, {"api-version": GROUPS, **query})
            if answer.status_code == 404:
                return
            if answer.status_code != 200:
                raise CredentialError(f"Azure does not list {path}: {refusal(answer)}", self._manager.mend)
            told = answer.json()
            yield from told["value"]
            page = told.get("nextLink", "")


def _type(resource_id: str) -> str:
    """Return the type in an id: …/providers/Microsoft.Compute/disks/NAME."""
    return "/".join(resource_id.split("/")[-3:-1]).lower()


def _found(kind: Kind, row: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    return Found(
        kind=kind,
        id=row["id"],
        name=row["name"],
        cluster=tags[CLUSTER],
        region=row["location"],
        zone=next(iter(row.get("zones") or ()), ""),
        tags=dict(tags),
        holds_data=kind in {"machine", "disk"},
        created=row.get("createdTime", ""),
        part_of=row.get("managedBy") or "",
    )
