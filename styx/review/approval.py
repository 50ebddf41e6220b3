"""The digest of what a plan does: the same for two plans of the same files and the same world."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from styx import files

_TAGS_OF_THE_RUN = frozenset({"styx-run", "styx-owner", "styx-expires"})


def digest(plan: Mapping[str, Any], own: Collection[str]) -> str:
    """Return the SHA-256 of every change of a plan in Terraform's JSON form, and of every output that changes.

    `own` are Terraform variables that belong to whoever runs it: their values count by name only. Times, the order of
    resources and the tags of one run are left out.
    """
    mine = _values(plan.get("variables", {}), own)
    changes = [_change(one, mine) for one in plan.get("resource_changes", ()) if _acts(one["change"])]
    outputs = {name: _plain(change, mine) for name, change in plan.get("output_changes", {}).items() if _acts(change)}
    whole = {"changes": sorted(changes, key=lambda change: str(change["address"])), "outputs": outputs}
    return files.sha256(json.dumps(whole, sort_keys=True))


def _acts(change: Mapping[str, Any]) -> bool:
    return change["actions"] not in (["no-op"], ["read"])


def _change(one: Mapping[str, Any], mine: Mapping[str, str]) -> dict[str, object]:
    kept = ("actions", "before", "after", "after_unknown", "replace_paths")
    change = {name: _plain(one["change"].get(name), mine) for name in kept}
    return {"address": one["address"], "type": one["type"], **change}


def _values(variables: Mapping[str, Any], own: Collection[str]) -> dict[str, str]:
    """Return the texts that a run's own variables bring into a plan → the variable's name."""
    found: dict[str, str] = {}
    for name in own:
        value = variables.get(name, {}).get("value")
        texts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        found |= {text: name for text in texts if isinstance(text, str)}
    return found


def _plain(value: object, mine: Mapping[str, str]) -> object:
    """Return a value of a plan without what belongs to one run."""
    if isinstance(value, dict):
        return {name: _plain(item, mine) for name, item in value.items() if name not in _TAGS_OF_THE_RUN}
    if isinstance(value, list):
        return [_plain(item, mine) for item in value]
    return f"<{mine[value]}>" if isinstance(value, str) and value in mine else value
