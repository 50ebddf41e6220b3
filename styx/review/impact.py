"""What a plan does to what stands: each change is live, a restart, a replacement or a loss of data."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal, get_args

from styx.clouds.effects import Effects
from styx.errors import PolicyError

Label = Literal["live", "restart", "replace", "data-loss"]
"""From harmless to worst. `live`: machines run on; `restart`: a machine goes down and comes back with its disks;
`replace`: something that stands is ended, and mostly made anew; `data-loss`: with it goes what is on its disks."""

LABELS: tuple[Label, ...] = get_args(Label)

_ACTIONS = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
}

_NOTES = frozenset({"terraform_data"})
"""Of Terraform itself: what it holds is in the state alone."""

_REASONS = {
    "replace_because_tainted": "it was not made to its end",
    "replace_by_request": "asked for",
    "replace_by_triggers": "what it depends on changes",
    "delete_because_count_index": "no longer asked for",
    "delete_because_each_key": "no longer asked for",
    "delete_because_no_resource_config": "no longer asked for",
}
"""Terraform's word for why something is replaced or ended → the same for a person."""


@dataclass(frozen=True, slots=True)
class Impact:
    """One change, and what it does to what stands."""

    address: str
    """Of the resource, as Terraform writes it."""
    action: str
    """create, update, replace or delete."""
    label: Label
    causes: tuple[str, ...] = ()
    """The attributes that make it more than live, else Terraform's reason; no values, which may be secret."""

    @property
    def name(self) -> str:
        """What a person calls it: the key in its address (a machine, a machine's disk), else the whole address."""
        _, bracket, key = self.address.partition('["')
        return key.removesuffix('"]') if bracket else self.address


def impacts(plan: Mapping[str, Any], effects: Effects, gone: Collection[str] = ()) -> tuple[Impact, ...]:
    """Return every change of a plan in Terraform's JSON form, what is only read left out.

    `gone` are addresses of what Terraform takes for standing though it is not.
    """
    found = []
    for change in plan.get("resource_changes", ()):
        action = _ACTIONS.get(tuple(change["change"]["actions"]))
        if action:
            found.append(_impact(change, action, effects, gone))
    return tuple(found)


def refuse(found: Iterable[Impact], forbidden: Collection[str]) -> None:
    """Raise PolicyError naming what a plan does of a kind that is forbidden, or of one that is worse."""
    if not forbidden:
        return
    least = min(LABELS.index(label) for label in LABELS if label in forbidden)
    worse = [one for one in found if LABELS.index(one.label) >= least]
    if worse:
        lines = "".join(f"\n  {one.label}: {one.address}{_because(one)}" for one in worse)
        hint = "leave the machines as they are, or allow it: leave out `forbid`"
        raise PolicyError(f"{LABELS[least]} is forbidden, and the plan does this:{lines}", hint)


def _because(one: Impact) -> str:
    return f" ({', '.join(one.causes)})" if one.causes else ""


def _impact(change: Mapping[str, Any], action: str, effects: Effects, gone: Collection[str]) -> Impact:
    address = change["address"]
    kinds = {change["type"], f"{change['type']}.{change['name']}"}
    if action == "create" or address in gone:
        return Impact(address, action, "live")
    if action == "update":
        causes = _restarting(change["change"], kinds, effects)
        return Impact(address, action, "restart" if causes else "live", causes)
    return Impact(address, action, _ending(kinds, effects), _replacing(change))


def _ending(kinds: Set[str], effects: Effects) -> Label:
    """Return what it does to end something of these kinds."""
    if kinds & effects.data:
        return "data-loss"
    return "live" if kinds & (effects.unnoticed | _NOTES) else "replace"


def _restarting(change: Mapping[str, Any], kinds: Collection[str], effects: Effects) -> tuple[str, ...]:
    """Return the attributes of a change in place that restart a machine."""
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    asked = {name for kind in kinds for name in effects.restarts.get(kind, ())}
    return tuple(sorted(name for name in asked if unknown.get(name) or before.get(name) != after.get(name)))


def _replacing(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that cannot be changed in place, else why it is ended in a few words."""
    paths = change["change"].get("replace_paths") or ()
    if paths:
        return tuple(sorted({".".join(map(str, path)) for path in paths}))
    reason = _REASONS.get(change.get("action_reason", ""))
    return (reason,) if reason else ()
