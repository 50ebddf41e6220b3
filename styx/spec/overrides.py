"""What the command line changes in a spec, before the spec is judged."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from styx.spec.document import Path
from styx.spec.secrets import MANAGED

RESET = "none"
"""`--gpus none` takes the field out of the spec."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """Values given on the command line; None leaves the spec's own."""

    envs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Added to every task's envs."""
    file_envs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """From a file: as envs, but a name that a task lists under secrets is filled in there."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Added to every task's secrets."""
    name: str | None = None
    workdir: str | None = None
    num_nodes: int | None = None
    infra: str | None = None
    region: str | None = None
    zone: str | None = None
    gpus: str | None = None
    cpus: str | None = None
    memory: str | None = None
    instance_type: str | None = None
    use_spot: bool | None = None
    max_hourly_cost: float | None = None
    image_id: str | None = None
    disk_size: str | None = None
    disk_tier: str | None = None
    network_tier: str | None = None
    local_disk: str | None = None
    ports: tuple[str, ...] = ()


_OPTIONS = {"envs": "--env", "file_envs": "--env-file", "secrets": "--secret"}
_NOT_RESOURCES = {*_OPTIONS, "name", "workdir", "num_nodes", "infra", "region", "zone"}
_PLACE = ("infra", "cloud", "region", "zone")


def option(name: str) -> str:
    """Return the option that gives the override `name`."""
    return _OPTIONS.get(name) or "--" + name.replace("_", "-")


def apply(overrides: Overrides, task: dict[str, Any]) -> tuple[dict[str, Any], dict[Path, str]]:
    """Return `task` (a mapping as the file has it) with `overrides`, and the paths that came of an option."""
    changed = copy.deepcopy(task)
    origins: dict[Path, str] = {}
    for name in ("name", "workdir", "num_nodes"):
        value = getattr(overrides, name)
        if value is not None:
            changed[name] = value
            origins[name,] = option(name)
    _variables(overrides, changed, origins)
    asked = {one.name: getattr(overrides, one.name) for one in fields(overrides)}
    asked = {name: value for name, value in asked.items() if value not in (None, ()) and name not in _NOT_RESOURCES}
    places = {
        name: getattr(overrides, name) for name in ("infra", "region", "zone") if getattr(overrides, name) is not None
    }
    if asked or places:
        resources = changed.get("resources")
        changed["resources"] = resources = {} if resources is None else resources
        if isinstance(resources, dict):
            _resources(asked, resources, origins)
            _places(places, resources, origins)
    return changed, origins


def _variables(overrides: Overrides, task: dict[str, Any], origins: dict[Path, str]) -> None:
    """Put variables where they belong; a value for what the spec leaves empty stays a secret."""
    given = [("envs", overrides.envs), ("file_envs", overrides.file_envs), ("secrets", overrides.secrets)]
    for name, values in given:
        for key, value in values.items():
            if name == "file_envs" and (key in overrides.envs or key in overrides.secrets):
                continue
            section = (
                "secrets" if name == "secrets" or (name == "file_envs" and key in _block(task, "secrets")) else "envs"
            )
            _set_variable(task, section, key, value)
            origins[section, key] = option(name)


def _set_variable(task: dict[str, Any], section: str, key: str, value: str) -> None:
    from pydantic import SecretStr

    if not isinstance(task.get(section), dict | list | None):
        return  # Wrong as it is: judging the spec says so.
    block = _block(task, section)
    was_empty = key in block and block[key] is None
    if section == "secrets":
        _block(task, "envs").pop(key, None)
        block.pop(MANAGED + key, None)
    block[key] = SecretStr(value) if section == "secrets" or was_empty else value
    task[section] = block


def _block(task: dict[str, Any], section: str) -> dict[str, Any]:
    """Return a section as a mapping; SkyPilot's list of managed secrets counts as names without values."""
    found = task.get(section)
    if isinstance(found, list):
        return {str(item): None for item in found}
    return found if isinstance(found, dict) else {}


def _resources(asked: Mapping[str, Any], resources: dict[str, Any], origins: dict[Path, str]) -> None:
    """Set each field for all alternatives."""
    for name, value in asked.items():
        keys = ("accelerators", "gpus") if name == "gpus" else (name,)
        for entry in _entries(resources):
            for key in keys:
                entry.pop(key, None)
        if value != RESET:
            resources[keys[0]] = list(value) if isinstance(value, tuple) else value
            origins["resources", keys[0]] = option(name)


def _places(places: Mapping[str, str], resources: dict[str, Any], origins: dict[Path, str]) -> None:
    """Set where the task may go for all alternatives; a region or zone alone keeps the cloud that the spec names."""
    for name, value in places.items():
        move: Callable[[dict[str, Any]], None] = _move_region if name == "region" else _move_zone
        for entry in _entries(resources):
            if name == "infra" or (name == "region" and value == RESET):
                _forget(entry, _PLACE if name == "infra" else ("region", "zone"))
            if name != "infra":
                move(entry)
        if value != RESET:
            resources[name] = value
            origins["resources", name] = option(name)


def _move_region(entry: dict[str, Any]) -> None:
    _spell_out(entry)
    _forget(entry, ("region", "zone"))


def _move_zone(entry: dict[str, Any]) -> None:
    _spell_out(entry)
    _forget(entry, ("zone",))


def _spell_out(entry: dict[str, Any]) -> None:
    """Turn `infra: cloud/region/zone` into its three parts."""
    from styx.spec.infra import is_special

    text = entry.get("infra")
    if isinstance(text, str) and not is_special(text):
        parts = entry.pop("infra").split("/")
        entry.update({key: part for key, part in zip(_PLACE[1:], parts, strict=False) if part not in ("", "*")})


def _forget(entry: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        entry.pop(key, None)


def _entries(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources block and each of its alternatives."""
    lists = [resources.get(key) for key in ("any_of", "ordered")]
    listed = [entry for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, dict)]
    return [resources, *listed]
