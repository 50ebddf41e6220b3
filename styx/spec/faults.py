"""Turning what pydantic finds into faults in plain words, at their lines."""

import difflib
from typing import TYPE_CHECKING

from styx.errors import Fault
from styx.spec.document import Document, Path
from styx.spec.models import models_at
from styx.spec.scalars import is_odd_number, resolve

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_SENTENCES = {
    "missing": "`{key}` is missing",
    "extra_forbidden": "unknown key `{key}`",
    "model_type": "must be a block of keys",
    "model_attributes_type": "must be a block of keys",
    "dict_type": "must be a block of keys",
    "mapping_type": "must be a block of keys",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}
"""pydantic's error types → what we say."""

_FOREIGN = {
    "accelerator": "write resources.accelerators",
    "args": "write the arguments in run",
    "command": "write it as run",
    "container": "write resources.image_id: docker:image, or styx.environment.docker",
    "cpu": "write resources.cpus",
    "disk": "write resources.disk_size",
    "docker": "write resources.image_id: docker:image, or styx.environment.docker",
    "entrypoint": "write it as run",
    "env": "write envs",
    "environment": "write envs for variables, styx.environment for software",
    "ephemeral_storage": "write disk_size",
    "execution": "it belongs in the header, a document of its own before the tasks",
    "experimental": "write config",
    "gpu": "write resources.accelerators",
    "gpus": "write resources.accelerators",
    "hooks": "write config.hooks",
    "image": "write resources.image_id",
    "instance": "write resources.instance_type",
    "machine_type": "write resources.instance_type",
    "mounts": "write file_mounts",
    "nodes": "write num_nodes",
    "price": "write resources.max_hourly_cost",
    "replicas": "write num_nodes for machines, service.replicas for serving",
    "script": "write it as run",
    "spot": "write resources.use_spot",
    "spot_recovery": "write job_recovery",
    "version": "write styx.version",
    "<<": "merge keys are not read: write the keys out",
}
"""Keys that people bring from elsewhere → where they belong."""


def of(
    error: "ValidationError", document: Document, model: "type[BaseModel]", given: "Collection[Path]" = ()
) -> list[Fault]:
    """Return every fault of `error`, which came of validating `document` with `model`.

    What stands at the paths `given` came of options: the document's own text there says nothing about it.
    """
    details = error.errors(include_url=False, include_context=True)
    return [_one(part, document, model, given) for detail in details for part in _parts(detail)]


def _parts(detail: "ErrorDetails") -> "list[ErrorDetails]":
    """Return the faults that a field refused together, each by itself."""
    context = detail.get("ctx", {})
    if "all" not in context:
        return [detail]
    return [{**detail, "ctx": one} for one in context["all"]]


def near_key(key: str, keys: list[str]) -> str:
    """Return a hint that names the key of `keys` most like `key`, or lists them all."""
    near = difflib.get_close_matches(key.lower(), keys, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`?" if near else f"known keys are {', '.join(sorted(keys))}"


def _one(detail: "ErrorDetails", document: Document, model: "type[BaseModel]", given: "Collection[Path]") -> Fault:
    context = detail.get("ctx", {})
    path = document.original(tuple(part for part in detail["loc"] if part != "[key]"))
    key = str(path[-1]) if path else ""
    at_key = detail["type"] == "extra_forbidden" or "[key]" in detail["loc"]
    if detail["type"] == "styx":
        path = (*path, *context["path"])
        message, hint = context["message"], context["hint"]
    else:
        message = _SENTENCES.get(detail["type"], detail["msg"]).format(key=key, **context)
        hint = _unknown_hint(path, model) if detail["type"] == "extra_forbidden" else ""
    if any(path[: len(place)] == place for place in given):
        return document.fault(path, message, hint)
    path = path if at_key or detail["type"] == "missing" else document.stands_for(path)
    written = document.written.get(path)
    hidden = path[:1] in (("envs",), ("secrets",))
    if written is not None and message.startswith("must be") and not hidden:
        message, hint = f"{message}, not {_kind(written)}", hint or _quote(message, written)
    return document.fault(path[:-1] if detail["type"] == "missing" else path, message, hint, key=at_key)


def _kind(written: str) -> str:
    """Say what the plain scalar `written` is to YAML."""
    value = resolve(written)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean `{written}`"
    return f"`{written[:60]}`"


def _quote(message: str, written: str) -> str:
    """Say how to mend a plain scalar that YAML reads as another kind."""
    if is_odd_number(written):
        return "YAML readers disagree about this number: write it in plain decimal digits"
    return f'write it in quotes: "{written}"' if message.startswith("must be text") and written else ""


def _unknown_hint(path: Path, model: "type[BaseModel]") -> str:
    key = str(path[-1])
    keys = [name for known in models_at(path[:-1], model) for name in known.model_fields]
    near = near_key(key, keys)
    at_home = len(path) > 1 and near.startswith("did you mean")
    return near if at_home else _FOREIGN.get(key.lower(), near)
