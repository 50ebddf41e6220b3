"""What a project of Google Cloud still has of Styx's clusters: labelled machines and disks, and networks by name."""

import importlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from styx.clouds.gcp.check import LOGIN, PROJECT_VARIABLES, credentials
from styx.clouds.patience import answered
from styx.clouds.readiness import one_line, refusal
from styx.clouds.sweep import CLUSTER, Account, Found, Kind
from styx.errors import CredentialError, ToolMissingError

LABELLED: dict[str, Kind] = {"instances": "machine", "disks": "disk"}

NAMED: dict[str, tuple[Kind, str]] = {
    "firewalls": ("firewall", r"(?:inside|port-\d+(?:-\d+)?|egress|no-egress|tunnel)"),
    "routers": ("gateway", "net"),
    "subnetworks": ("subnet", "net"),
    "networks": ("network", "net"),
    "resourcePolicies": ("group", "close"),
}
"""What carries no labels → its kind, and how its name goes on after the cluster's and a dash."""

GLOBAL = ("firewalls", "networks")
"""Listed as they are; the others by zone or region, all at once."""

API = "https://compute.googleapis.com/compute/v1/"


def account(env: Mapping[str, str] = os.environ) -> Account:
    """Return the project that Terraform's provider would use."""
    try:
        auth = importlib.import_module("google.auth")
        http = importlib.import_module("google.auth.transport.requests")
    except ImportError:
        raise ToolMissingError("google-auth is not installed", "pip install 'styx-infra[gcp]'") from None
    project = next((env[name] for name in PROJECT_VARIABLES if env.get(name)), "")
    if not project:
        raise CredentialError("GOOGLE_PROJECT is not set", "export GOOGLE_PROJECT=…")
    try:
        found, _, _ = credentials(auth, env)
    except auth.exceptions.GoogleAuthError as error:
        raise CredentialError(f"Google Cloud: {one_line(error)}", LOGIN) from error
    return _Project(http.AuthorizedSession(found), project, env.get("GOOGLE_COMPUTE_CUSTOM_ENDPOINT") or API)


class _Project:
    """One project, asked through REST: Google's library for Compute takes seconds to import."""

    def __init__(self, session: Any, project: str, api: str) -> None:  # noqa: ANN401 - imported above only
        self._session = session
        self._api = api
        self._home = f"projects/{project}"

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return what stands of one cluster, or of all that machines, disks and firewalls tell of, in all regions."""
        del regions  # one question lists all of them
        labelled = [one for what, kind in LABELLED.items() for one in self._labelled(what, kind, cluster)]
        rows = {what: list(self._rows(what)) for what in NAMED}
        clusters = {cluster} if cluster else {one.cluster for one in labelled} | set(_signed(rows["firewalls"]))
        named = [one for what in NAMED for row in rows[what] for one in _named(what, row, clusters)]
        return [*labelled, *named]

    def remove(self, found: Found) -> str:
        """Ask for its end: what is in use refuses."""
        answer = self._asked("DELETE", f"{self._api}{found.id}")
        return "" if answer.status_code in {200, 404} else refusal(answer)

    def _labelled(self, what: str, kind: Kind, cluster: str) -> Iterator[Found]:
        for row in self._rows(what, f"labels.{CLUSTER}{f'={cluster}' if cluster else ':*'}"):
            labels = row.get("labels", {})
            if CLUSTER not in labels or cluster not in {"", labels[CLUSTER]}:  # a proxy that knows no filters
                continue
            user = next(iter(row.get("users", ())), "")
            yield _found(kind, row, labels[CLUSTER], labels, _path(user) if user else "")

    def _rows(self, what: str, wanted: str = "") -> Iterator[dict[str, Any]]:
        """Yield all of one kind, page by page."""
        path = f"{self._home}/global/{what}" if what in GLOBAL else f"{self._home}/aggregated/{what}"
        query = {"maxResults": "500"} | ({"filter": wanted} if wanted else {})
        while True:
            answer = self._asked("GET", f"{self._api}{path}", params=query)
            if answer.status_code != 200:
                raise CredentialError(f"Google Cloud does not list {what}: {refusal(answer)}", LOGIN)
            page = answer.json()
            items = page.get("items", {} if what not in GLOBAL else [])
            places = [items] if what in GLOBAL else [place.get(what, []) for place in items.values()]
            for place in places:
                yield from place
            if not page.get("nextPageToken"):
                return
            query["pageToken"] = page["nextPageToken"]

    def _asked(self, method: str, url: str, **more: Any) -> Any:  # noqa: ANN401
        exceptions = importlib.import_module("requests").exceptions
        auth = importlib.import_module("google.auth.exceptions")
        try:
            return answered(lambda: self._session.request(method, url, timeout=20, **more))
        except auth.GoogleAuthError as error:
            raise CredentialError(f"Google Cloud: {one_line(error)}", LOGIN) from error
        except exceptions.RequestException as error:
            message = f"Google Cloud cannot be reached: {type(error).__name__}"
            raise CredentialError(message, "look at the network and at HTTPS_PROXY") from error


def _signed(firewalls: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the clusters whose machines a firewall lets talk to each other, as the module words it."""
    for row in firewalls:
        cluster, _, rest = row["name"].rpartition("-")
        if rest == "inside" and row.get("sourceTags") == row.get("targetTags") == [f"{cluster}-net"]:
            yield cluster


def _named(what: str, row: Mapping[str, Any], clusters: Iterable[str]) -> Iterator[Found]:
    kind, rest = NAMED[what]
    for cluster in clusters:
        if re.fullmatch(f"{re.escape(cluster)}-{rest}", row["name"]):
            yield _found(kind, row, cluster, {})


def _found(kind: Kind, row: Mapping[str, Any], cluster: str, labels: Mapping[str, str], part_of: str = "") -> Found:
    zone = row.get("zone", "").rpartition("/")[2]
    return Found(
        kind=kind,
        id=_path(row["selfLink"]),
        name=row["name"],
        cluster=cluster,
        region=zone.rpartition("-")[0] or row.get("region", "").rpartition("/")[2],
        zone=zone,
        tags=dict(labels),
        holds_data=kind in {"machine", "disk"},
        created=row.get("creationTimestamp", ""),
        part_of=part_of,
    )


def _path(link: str) -> str:
    """Return a resource's path without the service that was asked: that is how Terraform's state has it, too."""
    return link[link.index("projects/") :]
