"""The JSON Schema (2020-12) of a spec, made from the models, for editors and other tools."""

from typing import Any

from pydantic import BaseModel

from styx.spec.loading import Header
from styx.spec.models import descriptions, every_model
from styx.spec.task import TaskSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the schema of one document of a spec: a task, or the header of a pipeline."""
    task = TaskSpec.model_json_schema(mode="validation")
    blocks: dict[str, Schema] = task.pop("$defs")
    header = Header.model_json_schema(mode="validation")
    blocks |= {"TaskSpec": task, "Header": header}
    models: list[type[BaseModel]] = [*every_model(TaskSpec), Header]
    for model in models:
        _complete(blocks[model.__name__], model)
    for name in ("Alternative", "Resources"):
        known = blocks[name]["properties"]
        known["gpus"] = {**known["accelerators"], "description": "Another name of accelerators."}
    return {
        "$schema": DIALECT,
        "title": "Styx task spec",
        "if": {"required": ["execution"]},
        "then": {"$ref": "#/$defs/Header"},
        "else": {"$ref": "#/$defs/TaskSpec"},
        "$defs": dict(sorted(blocks.items())),
    }


def _complete(block: Schema, model: type[BaseModel]) -> None:
    """Add what the fields' docstrings say, and that a key without a value is as good as absent."""
    texts = descriptions(model)
    required = block.get("required", [])
    for name, field in block.get("properties", {}).items():
        field.pop("title", None)
        field.pop("default", None)
        if name not in required and not _takes_null(field):
            inner = dict(field)
            field.clear()
            field["anyOf"] = (
                [*inner["anyOf"], {"type": "null"}] if set(inner) == {"anyOf"} else [inner, {"type": "null"}]
            )
        if name in texts:
            field["description"] = texts[name]


def _takes_null(field: Schema) -> bool:
    return {"type": "null"} in field.get("anyOf", [])
