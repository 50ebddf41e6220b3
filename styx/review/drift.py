"""What was changed by hand: the state against the world, from Terraform's JSON plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

MASKED = "***"
"""Stands for a value that Terraform calls sensitive."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute that is no longer what was applied."""

    attribute: str
    """Its path, for example `root_block_device.0.volume_size`."""
    before: object
    """A plain JSON value; `MASKED` when it is sensitive."""
    after: object


@dataclass(frozen=True, slots=True)
class Drift:
    """One resource that is no longer as it was applied."""

    address: str
    kind: Literal["changed", "gone"]
    differences: tuple[Difference, ...] = ()
    """In the attributes that the rendered files set; those they leave open change without any hand."""


def drifts(plan: Mapping[str, Any]) -> tuple[Drift, ...]:
    """Return what a plan found to be other than its state says."""
    module = plan.get("configuration", {}).get("root_module", {})
    written = {f"{one['type']}.{one['name']}": one.get("expressions", {}) for one in module.get("resources", ())}
    found = []
    for drift in plan.get("resource_drift", ()):
        if drift["change"]["actions"] == ["delete"]:
            found.append(Drift(drift["address"], "gone"))
            continue
        differences = tuple(_differences(drift["change"], written.get(f"{drift['type']}.{drift['name']}", {})))
        if differences:
            found.append(Drift(drift["address"], "changed", differences))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Side:
    """A value before or after, and which parts of it are sensitive, in Terraform's form."""

    value: Any
    sensitive: Any

    def at(self, key: str | int) -> "_Side":
        return _Side(_at(self.value, key), self.sensitive if self.sensitive is True else _at(self.sensitive, key))

    def shown(self) -> object:
        return MASKED if _is_marked(self.sensitive) else self.value


def _differences(change: Mapping[str, Any], expressions: Mapping[str, Any]) -> Iterator[Difference]:
    before = _Side(change.get("before"), change.get("before_sensitive"))
    after = _Side(change.get("after"), change.get("after_sensitive"))
    for name in sorted(expressions):
        yield from _compared(name, before.at(name), after.at(name), expressions[name])


def _compared(path: str, before: _Side, after: _Side, expression: object) -> Iterator[Difference]:
    """Yield what differs in one attribute, or in the attributes of a block that the files set."""
    if before.value == after.value:
        return
    blocks = _blocks(expression)
    if blocks is None or not _are_alike(before.value, after.value, blocks):
        yield Difference(path, before.shown(), after.shown())
        return
    for number, block in enumerate(blocks):
        for name in sorted(block):
            was, now = before.at(number).at(name), after.at(number).at(name)
            yield from _compared(f"{path}.{number}.{name}", was, now, block[name])


def _blocks(expression: object) -> Sequence[Mapping[str, Any]] | None:
    """Return the blocks that are written in the files; None for an attribute."""
    if isinstance(expression, list) and all(isinstance(block, dict) for block in expression):
        return expression
    return None


def _are_alike(before: object, after: object, blocks: Sequence[object]) -> bool:
    """Say whether there are as many blocks as are written, so that they can be compared one by one."""
    return all(isinstance(side, list) and len(side) == len(blocks) for side in (before, after))


def _at(value: Any, key: str | int) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _is_marked(sensitive: object) -> bool:
    """Say whether any part of a value is sensitive."""
    if isinstance(sensitive, dict | list):
        return any(map(_is_marked, sensitive.values() if isinstance(sensitive, dict) else sensitive))
    return sensitive is True
