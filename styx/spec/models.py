"""Looking through the models: which one stands where, and what their docstrings say."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel

from styx.spec.document import Path


def models_at(path: Path, root: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the models that the block at `path` of `root` may be."""
    current = [root]
    for part in path:
        names = [known.model_fields[str(part)] for known in current if part in known.model_fields]
        current = [found for field in names for found in models_in((field.annotation, *field.metadata))] or current
    return current


def models_in(annotations: tuple[Any, ...]) -> Iterator[type[BaseModel]]:
    """Yield every model that the annotations name."""
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        yield from models_in(get_args(annotation))


def every_model(root: type[BaseModel]) -> list[type[BaseModel]]:
    """Return `root` and all models below it, each once, in the order of the spec."""
    found = [root]
    for model in found:
        for field in model.model_fields.values():
            found += [inner for inner in models_in((field.annotation, *field.metadata)) if inner not in found]
    return found


def descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return field → the docstring below it, also of the classes that `model` extends.

    Read from the source when documents are made, so that no run of Styx pays for it.
    """
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind.__module__.startswith(__package__ or ""):
            found.update(_docstrings(kind))
    return found


def _docstrings(kind: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    return {
        line.target.id: below.value.value
        for line, below in pairwise(lines)
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }
