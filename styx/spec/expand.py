"""`$NAME` and `${NAME}` in the fields where SkyPilot fills in a task's variables."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from styx.spec.document import Path
from styx.spec.secrets import is_secret_name

if TYPE_CHECKING:
    from styx.errors import Fault
    from styx.spec.document import Document

FIELDS = ("workdir", "file_mounts", "service", "volumes")
_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def expand(task: dict[str, Any], document: "Document", faults: "list[Fault]") -> dict[str, Any]:
    """Return `task` with its variables filled in; names that the task does not define stay as they are.

    A secret is refused there: these fields are written to files. Where keys change, `document` learns what they were.
    """
    values = {key: value for key, value in _mapping(task, "envs").items() if value is not None}
    secret = {*_mapping(task, "secrets"), *(key for key in values if is_secret_name(key))}

    def fill(text: str, path: Path, *, key: bool = False) -> str:
        for braced, bare in _REFERENCE.findall(text):
            name = braced or bare
            if name in secret:
                message, hint = f"the secret `{name}` cannot be part of this", "use a variable that is none"
                faults.append(document.fault(path, message, hint, key=key))
        return _REFERENCE.sub(lambda found: _value(values, secret, found), text)

    filled = {key: _walk(task[key], (key,), fill, document) for key in FIELDS if key in task}
    return {**task, **filled}


def references(text: str, names: set[str]) -> bool:
    """Tell whether `text` refers to one of `names`."""
    return any((braced or bare) in names for braced, bare in _REFERENCE.findall(text))


def _value(values: dict[str, Any], secret: set[str], found: "re.Match[str]") -> str:
    name = found[1] or found[2]
    if name not in values or name in secret:
        return found[0]
    value = values[name]
    return value if isinstance(value, str) else str(value.get_secret_value())


def _walk(value: object, path: Path, fill: Callable[..., str], document: "Document") -> object:
    if isinstance(value, str):
        return fill(value, path)
    if isinstance(value, list):
        return [_walk(item, (*path, place), fill, document) for place, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    filled = {}
    for key, item in value.items():
        new = fill(key, (*path, key), key=True)
        filled[new] = _walk(item, (*path, key), fill, document)
        if new != key:
            document.renamed[*path, new] = (*path, key)
    return filled


def _mapping(task: dict[str, Any], key: str) -> dict[str, Any]:
    found = task.get(key)
    return found if isinstance(found, dict) else {}
