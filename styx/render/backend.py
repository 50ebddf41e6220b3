"""The backend block: where Terraform keeps its state, a place of its own for each cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from styx.spec import TaskSpec

_PLACES = {
    "s3": ("key", "{}/terraform.tfstate"),
    "azurerm": ("key", "{}/terraform.tfstate"),
    "gcs": ("prefix", "{}"),
    "http": ("address", "{}"),
}
"""Kind → the setting that says where in the store the state is, and how a cluster's own place ends."""

_LOCKFILE_SINCE = ">= 1.10"
"""Terraform, and OpenTofu, that know s3's use_lockfile."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where Terraform keeps its state."""

    type: str
    settings: tuple[tuple[str, Any], ...]
    """Names padded to one width, as `terraform fmt` aligns them."""
    required_version: str = ""
    """The Terraform that this backend needs; empty when every supported one will do."""


def backend(task: "TaskSpec", cluster: str) -> Backend:
    """Return the backend that the spec asks for; a local one is the terraform/ folder itself."""
    asked = task.styx.backend
    settings = {**asked.settings, **_place(asked.type, asked.settings, cluster)}
    settings = {**_guarded(asked.type, settings), **settings}
    settings = {name: value for name, value in settings.items() if value != ""}
    width = max(map(len, settings), default=0)
    padded = tuple((name.ljust(width), value) for name, value in sorted(settings.items()))
    return Backend(asked.type, padded, _LOCKFILE_SINCE if settings.get("use_lockfile") else "")


def _place(kind: str, settings: Mapping[str, Any], cluster: str) -> dict[str, str]:
    """Return where this cluster's state is: as asked; inside what ends in `/`; else below styx/ by the cluster's name.

    So that no two clusters share a state unless somebody writes the same place for both.
    """
    if kind == "pg":  # a schema's name: 63 characters that need no quoting
        return {"schema_name": settings.get("schema_name", f"styx_{cluster.replace('-', '_')}")}
    if kind not in _PLACES:
        return {}
    name, ending = _PLACES[kind]
    asked = settings.get(name, "styx/")
    return {name: asked + ending.format(cluster) if asked.endswith("/") else asked}


def _guarded(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what keeps a state private and locked where Terraform by itself does not, unless asked otherwise.

    Over HTTP an empty address turns locking off, for a server that has none.
    """
    if kind == "s3":
        return {"encrypt": True, "use_lockfile": "dynamodb_table" not in settings}
    if kind == "http":
        lock = settings.get("lock_address", settings["address"])
        return {"lock_address": lock, "unlock_address": lock}
    return {}
