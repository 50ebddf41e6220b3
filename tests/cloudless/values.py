"""Values of resources as Terraform sends them: msgpack, read and completed along their schema."""

from collections.abc import Callable
from typing import Any

import msgpack

UNKNOWN = msgpack.ExtType(0, b"\0")
"""What Terraform writes where a value is known only after apply."""

Path = tuple[str | int, ...]
Choose = Callable[[dict, Path], Any]


def unpack(data: bytes) -> Any:
    """Return the value in a message."""
    return msgpack.unpackb(data, raw=False, strict_map_key=False) if data else None


def pack(value: Any) -> dict[str, bytes]:
    """Return a value as a message takes it."""
    return {"msgpack": msgpack.packb(value)}


def is_unknown(value: Any) -> bool:
    """Say whether this very value is not known yet."""
    return isinstance(value, msgpack.ExtType)


def has_unknown(value: Any) -> bool:
    """Say whether anything in a value is not known yet."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return is_unknown(value)


def planned(block: dict, prior: dict | None, proposed: dict) -> dict:
    """Return a block's value with what is computed and not given as unknown, but for what stays as it was."""
    completed = complete(block, proposed, lambda _attribute, _path: UNKNOWN)
    return {
        name: prior[name] if prior and prior.get(name) == proposed[name] else value for name, value in completed.items()
    }


def complete(block: dict, value: Any, choose: Choose, path: Path = (), *, null: bool = True) -> Any:
    """Return a block's value with what is computed and unknown, or null, as `choose` says for it."""
    if value is None or is_unknown(value):
        return value
    found = dict(value)

    def each(mode: str, inner: dict, name: str) -> Any:
        return _each(mode, found.get(name), lambda one, at: complete(inner, one, choose, at, null=null), (*path, name))

    for name, attribute in block.get("attributes", {}).items():
        absent = is_unknown(found.get(name)) or (null and found.get(name) is None)
        if attribute.get("computed") and absent:
            found[name] = choose(attribute, (*path, name))
        elif "nested_type" in attribute:
            found[name] = each(attribute["nested_type"]["nesting_mode"], attribute["nested_type"], name)
    for name, nested in block.get("block_types", {}).items():
        found[name] = each(nested["nesting_mode"], nested["block"], name)
    return found


def _each(mode: str, value: Any, completed: Callable[[Any, Path], Any], path: Path) -> Any:
    if value is None or is_unknown(value):
        return value
    if mode in ("single", "group"):
        return completed(value, path)
    if mode == "map":
        return {key: completed(one, (*path, key)) for key, one in value.items()}
    return [completed(one, (*path, index)) for index, one in enumerate(value)]


def type_of(attribute: dict) -> Any:
    """Return an attribute's type, that of nested attributes too, in Terraform's JSON notation."""
    nested = attribute.get("nested_type")
    if nested is None:
        return attribute["type"]
    members = ["object", {name: type_of(member) for name, member in nested.get("attributes", {}).items()}]
    return members if nested["nesting_mode"] in ("single", "group") else [nested["nesting_mode"], members]


def empty(kind: Any) -> Any:
    """Return what a provider answers for a computed value that has nothing to say."""
    if isinstance(kind, list):
        outer = {"list": [], "set": [], "map": {}}
        return outer[kind[0]] if kind[0] in outer else {name: empty(member) for name, member in kind[1].items()}
    return {"string": "", "number": 0, "bool": False}.get(kind)


def fitted(kind: Any, value: Any) -> Any:
    """Return a value in the form that a type asks for: objects with all of their members, null where none is given."""
    if value is None or not isinstance(kind, list):
        return value
    outer, inner = kind
    if outer == "object":
        return {name: fitted(member, value.get(name)) for name, member in inner.items()}
    if outer == "map":
        return {key: fitted(inner, each) for key, each in value.items()}
    return [fitted(inner, each) for each in value]


def at(value: Any, path: str) -> Any:
    """Return what is at a dotted path of names and numbers, None where that leads nowhere; unknown stays unknown."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        if value is None or is_unknown(value):
            break
    return value


def changed_at(value: Any, path: str, change: Callable[[Any], Any]) -> Any:
    """Return a value with what is at a dotted path of names changed; a list stands for each of its elements."""
    if isinstance(value, list):
        return [changed_at(each, path, change) for each in value]
    if not isinstance(value, dict):
        return value
    name, _, further = path.partition(".")
    here = value.get(name)
    return value | {name: changed_at(here, further, change) if further else change(here)}
