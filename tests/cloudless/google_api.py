"""Compute Engine's REST API, as far as a sweep asks: cloud.google.com/compute/docs/reference/rest/v1."""

import json
from typing import Any

from tests.cloudless.api import Answer, Api, Asked, page
from tests.cloudless.ledger import Entry

TYPES = {
    "instances": "google_compute_instance",
    "disks": "google_compute_disk",
    "firewalls": "google_compute_firewall",
    "routers": "google_compute_router",
    "subnetworks": "google_compute_subnetwork",
    "networks": "google_compute_network",
    "resourcePolicies": "google_compute_resource_policy",
}
STANDS_ON = {
    "google_compute_network": ("google_compute_firewall", "google_compute_subnetwork", "google_compute_router"),
    "google_compute_subnetwork": ("google_compute_instance",),
}
PREFIX = "/compute/v1/"


def answer(api: Api, asked: Asked) -> Answer:
    """Answer one question as Compute Engine does."""
    path = asked.path.removeprefix(PREFIX)
    what = path.rpartition("/")[2]
    if asked.method == "DELETE":
        return _end(api, path)
    rows = [row for row in _rows(api, what) if _wanted(row, asked.query.get("filter", ""))]
    shown, after = page(rows, asked.query.get("pageToken", ""))
    more = {"nextPageToken": after} if after else {}
    if "/global/" in path:
        return 200, {"kind": f"compute#{what}List", **({"items": shown} if shown else {}), **more}
    items: dict[str, Any] = {"regions/nowhere1": {"warning": {"code": "NO_RESULTS_ON_PAGE", "data": []}}}
    for row in shown:
        items.setdefault(row["selfLink"].split("/", 7)[7].rpartition(f"/{what}/")[0], {}).setdefault(what, []).append(
            row
        )
    return 200, {"kind": f"compute#{what}AggregatedList", "items": items, **more}


def _rows(api: Api, what: str) -> list[dict[str, Any]]:
    rows = [_row(api, entry, what) for entry in api.visible(TYPES[what])]
    if what == "disks":
        rows += [_boot_disk(api, entry) for entry in api.visible("google_compute_instance")]
    return rows


def _row(api: Api, entry: Entry, what: str) -> dict[str, Any]:
    told = entry.attributes
    link = f"https://www.googleapis.com/compute/v1/{entry.id}"
    row = {"kind": f"compute#{what[:-1]}", "name": told["name"], "selfLink": link, "creationTimestamp": api.made(entry)}
    for place in ("zone", "region"):
        if f"/{place}s/" in link:
            row[place] = link[: link.index(f"/{what}/")]
    if labels := told.get("labels"):
        row["labels"] = labels
    if what == "firewalls":
        row |= {"sourceTags": told.get("source_tags") or [], "targetTags": told.get("target_tags") or []}
    return row


def _boot_disk(api: Api, entry: Entry) -> dict[str, Any]:
    row = _row(api, entry, "instances")
    return row | {"selfLink": row["selfLink"].replace("/instances/", "/disks/"), "users": [row["selfLink"]]}


def _wanted(row: dict[str, Any], filtered: str) -> bool:
    """Read `labels.KEY=VALUE` and `labels.KEY:*`."""
    if not filtered:
        return True
    key, _, value = filtered.removeprefix("labels.").replace(":*", "=*").partition("=")
    found = row.get("labels", {}).get(key)
    return found is not None and value in ("*", found)


def _end(api: Api, path: str) -> Answer:
    for end, refusal in api.refused.items():
        if path.endswith(end):
            return refusal
    entry = next((one for one in api.world.ledger.entries(*TYPES.values()) if one.id == path), None)
    if entry is None:
        return 404, {"error": {"code": 404, "message": f"The resource '{path}' was not found"}}
    others = api.world.ledger.entries(*STANDS_ON.get(entry.type, ("none",)))
    if users := [one for one in others if entry.id in json.dumps(one.attributes)]:
        text = f"The {entry.type} resource '{path}' is already being used by '{users[0].id}'"
        return 400, {"error": {"code": 400, "message": text, "errors": [{"reason": "resourceInUseByAnotherResource"}]}}
    api.end(entry)
    return 200, {"kind": "compute#operation", "status": "RUNNING", "operationType": "delete", "targetLink": path}
