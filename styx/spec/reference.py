"""The reference of the spec, docs/spec.md, written from the models: `python -m styx.spec.reference > docs/spec.md`."""

import sys
from typing import Any

from pydantic import BaseModel

from styx.spec.loading import Header
from styx.spec.models import descriptions, every_model, models_in
from styx.spec.schema import schema
from styx.spec.task import TaskSpec
from styx.spec.unsupported import FIELDS

_INTRODUCTION = """# The task spec

A spec says what a task needs and what it runs. A SkyPilot task YAML is one. This page is written from the models by
`python -m styx.spec.reference`; `styx schema` prints the same as a JSON Schema.

* Unknown keys, keys given twice, YAML tags, anchors and aliases are refused, each with its line and a hint.
  A file holds at most 256 KiB, nested at most 50 deep.
* A plain word that YAML reads as a boolean (`no`, `on`) or a number (`1.10`) is not text: quote it where text is meant.
  In `envs`, `secrets` and versions it is taken as written.
* Several documents, each after a line `---`, are a pipeline: one task after the other, or with a header
  `{name, execution: parallel}` side by side.
* `$NAME` and `${NAME}` of a task's envs are filled in in workdir, file_mounts, service and volumes.
* Variables named `*_TOKEN`, `*_KEY`, `*_PASSWORD` or `*_SECRET`, those without a value, and all of `secrets` are never
  shown, logged or rendered.
* A file mount's place on the hosts is below the home folder (`~/x`), below the working directory (`x`), or absolute
  (`/data`). Below a folder of the system, such as /etc or /usr, it is refused unless `styx.system_mounts` names it.
* Local paths start at the folder of the spec.
"""


def reference() -> str:
    """Return the page."""
    blocks = schema()["$defs"]
    task, *others = every_model(TaskSpec)
    models: list[type[BaseModel]] = [task, Header, *others]
    return _INTRODUCTION + "".join(_section(model, blocks[model.__name__]) for model in models) + _later()


def _section(model: type[BaseModel], block: dict[str, Any]) -> str:
    texts = descriptions(model)
    rows = [
        f"| `{name}` | {_kind(model, name, block['properties'][name])} | {texts.get(name, '')} |"
        for name in model.model_fields
    ]
    about = (model.__doc__ or "").splitlines()[0]
    return (
        "\n".join([f"\n## {model.__name__}\n\n{about}\n", "| field | value | meaning |", "|---|---|---|", *rows]) + "\n"
    )


def _kind(model: type[BaseModel], name: str, field: dict[str, Any]) -> str:
    """Return the forms of a field, blocks as links to their sections."""
    info = model.model_fields[name]
    links = [f"[{found.__name__}](#{found.__name__.lower()})" for found in models_in((info.annotation, *info.metadata))]
    forms = [form for form in _forms(field) if form != "null"]
    return " or ".join(dict.fromkeys([*forms, *links]))


def _forms(field: dict[str, Any]) -> list[str]:
    if "anyOf" in field:
        return [form for inner in field["anyOf"] for form in _forms(inner)]
    if "enum" in field or "const" in field:
        words = dict.fromkeys(str(word).lower() for word in field.get("enum", [field.get("const")]))
        return [", ".join(f"`{word}`" for word in words)]
    kinds = field.get("type", [])
    return [_KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]


_KINDS = {
    "string": "text",
    "object": "mapping",
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
}
"""JSON Schema's types → our words."""


def _later() -> str:
    lines = "".join(f"* `{field}`\n" for field in FIELDS)
    return f"""
## Read, not yet honoured

These fields are checked; `styx plan` refuses a spec that sets one, by its name. So are a bucket that is to be made,
a volume that exists already or outlives its cluster, and `minimize: time`.

{lines}"""


if __name__ == "__main__":
    sys.stdout.write(reference())
