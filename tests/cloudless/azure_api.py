"""Azure's resource manager, as far as a sweep asks, and who gives it tokens: learn.microsoft.com/rest/api/resources."""

import re
from typing import Any

from tests.cloudless.api import Answer, Api, Asked, page
from tests.cloudless.ledger import Entry

TENANT = "11111111-1111-1111-1111-111111111111"
TYPES = {
    "azurerm_linux_virtual_machine": "Microsoft.Compute/virtualMachines",
    "azurerm_managed_disk": "Microsoft.Compute/disks",
    "azurerm_network_interface": "Microsoft.Network/networkInterfaces",
    "azurerm_public_ip": "Microsoft.Network/publicIPAddresses",
    "azurerm_network_security_group": "Microsoft.Network/networkSecurityGroups",
    "azurerm_virtual_network": "Microsoft.Network/virtualNetworks",
}
GROUP = "azurerm_resource_group"


def answer(api: Api, asked: Asked) -> Answer:
    """Answer one question as Azure does; the first ones are how a client finds its way."""
    if asked.path == "/metadata/endpoints":
        return 200, [{"resourceManager": f"{api.url}/", "authentication": {"loginEndpoint": f"{api.url}/"}}]
    if asked.path.startswith(f"/{TENANT}"):
        own = f"{api.url}/{TENANT}"
        if asked.path.endswith("/token"):
            return 200, {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}
        return 200, {"authorization_endpoint": f"{own}/authorize", "token_endpoint": f"{own}/token", "issuer": own}
    if "api-version" not in asked.query:
        return 400, {"error": {"code": "MissingApiVersionParameter", "message": "api-version is required"}}
    return _end(api, asked) if asked.method == "DELETE" else _list(api, asked)


def _list(api: Api, asked: Asked) -> Answer:
    if asked.path.endswith("/resourcegroups"):
        rows = [_row(api, entry) for entry in api.visible(GROUP) if _wanted(entry, asked.query.get("$filter", ""))]
    else:
        group = asked.path.removesuffix("/resources")
        if not [entry for entry in api.world.ledger.entries(GROUP) if entry.id == group]:
            return 404, {"error": {"code": "ResourceGroupNotFound", "message": "could not be found"}}
        rows = [_row(api, entry) for entry in api.visible(*TYPES) if entry.id.startswith(f"{group}/")]
        if asked.query.get("$expand") != "createdTime":
            rows = [{name: value for name, value in row.items() if name != "createdTime"} for row in rows]
    shown, after = page(rows, asked.query.get("$skiptoken", ""))
    kept = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken").replace(
        " ", "%20"
    )
    more = {"nextLink": f"{api.url}{asked.path}?{kept}&$skiptoken={after}"} if after else {}
    return 200, {"value": shown, **more}


def _row(api: Api, entry: Entry) -> dict[str, Any]:
    told = entry.attributes
    row = {
        "id": entry.id,
        "name": told["name"],
        "location": "eastus",
        "createdTime": f"{api.made(entry)[:19]}.1234567Z",
    }
    if entry.type in TYPES:
        row["type"] = TYPES[entry.type]
    return row | {name: told[name] for name in ("tags", "managedBy") if told.get(name)}


def _wanted(entry: Entry, filtered: str) -> bool:
    """Read `tagName eq 'KEY' and tagValue eq 'VALUE'`, the second part optional."""
    key, *value = re.findall(r"'([^']*)'", filtered)
    tags = entry.attributes.get("tags") or {}
    return key in tags and value in ([], [tags[key]])


def _end(api: Api, asked: Asked) -> Answer:
    for end, refusal in api.refused.items():
        if asked.path.endswith(end):
            return refusal
    entries = api.world.ledger.entries(GROUP, *TYPES)
    found = next((entry for entry in entries if entry.id == asked.path), None)
    if found is None:
        return 204, {}
    machines = [one for one in entries if one.type == "azurerm_linux_virtual_machine"]
    if found.type == "azurerm_network_interface" and found.name in {one.name for one in machines}:
        text = f"Network Interface {found.id} is used by existing resource."
        return 400, {"error": {"code": "NicInUse", "message": text}}
    api.end(found)
    return 202, {}
