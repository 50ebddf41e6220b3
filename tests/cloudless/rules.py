"""What no schema knows: which changes replace a resource, and what a cloud refuses before it starts."""

import re
from collections.abc import Iterator
from typing import Any

from tests.cloudless.values import Path, at, has_unknown, is_unknown

Rules = dict[str, Any]


def replacing(rules: Rules, block: dict, prior: dict, planned: dict) -> list[Path]:
    """Return the places whose change makes a new resource necessary."""
    if "updatable" in rules:
        kept = {*rules["updatable"].split(), "timeouts"}
        places = [name for name in prior if name not in kept and _is_argument(block, name)]
    else:
        places = rules.get("force_new", "").split()
        for condition, more in rules.get("force_new_if", {}).items():
            places += more.split() if planned.get(condition) is True else []
    changed = (path for place in places for path in _changes(block, prior, planned, (), place.split(".")))
    return list(dict.fromkeys(changed))


def _is_argument(block: dict, name: str) -> bool:
    attribute = block.get("attributes", {}).get(name)
    return attribute is None or bool(attribute.get("optional") or attribute.get("required"))


def _changes(block: dict, prior: Any, planned: Any, path: Path, steps: list[str]) -> Iterator[Path]:
    """Yield where the place at `steps` differs; inside a set there are no places, so there the set itself is one."""
    name, *further = steps
    before, after = (prior or {}).get(name), (planned or {}).get(name)
    here = (*path, name)
    if before == after:
        return
    nested = block.get("block_types", {}).get(name) or block.get("attributes", {}).get(name, {}).get("nested_type")
    if not further or nested is None or is_unknown(after) or before is None or after is None:
        yield here
    elif nested["nesting_mode"] == "single":
        yield from _changes(nested.get("block", nested), before, after, here, further)
    elif nested["nesting_mode"] == "list" and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes(nested.get("block", nested), old, new, (*here, index), further)
    else:
        yield here


def refusals(rules: Rules, config: dict) -> Iterator[tuple[str, str]]:
    """Yield (argument, what is wrong) for a configuration that the provider's own validation refuses."""
    yield from _groups(rules, config)
    for word, wrong in _CHECKS.items():
        for place, rule in rules.get(word, {}).items():
            yield from ((place, text) for value in found(config, place) if (text := wrong(place, value, rule)))
    for place, most in rules.get("most", {}).items():
        if len(list(found(config, place))) > most:
            yield place, f"{place} must have at most {most} elements"


def _not_one_of(place: str, value: Any, choices: str) -> str:
    return "" if value in choices.split() else f"expected {place} to be one of {choices.split()}, got {value}"


def _unlike(place: str, value: Any, pattern: str) -> str:
    return "" if re.fullmatch(pattern, str(value)) else f'"{place}" ("{value}") doesn\'t match regexp "^{pattern}$"'


def _out_of_range(place: str, value: Any, bounds: tuple[int, int]) -> str:
    least, most = bounds
    return "" if least <= value <= most else f"expected {place} to be in the range ({least} - {most}), got {value}"


_CHECKS = {"enum": _not_one_of, "match": _unlike, "range": _out_of_range}


def _groups(rules: Rules, config: dict) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with arguments that exclude or need each other; of what is unknown the best is assumed."""
    for group in rules.get("conflicts", []):
        given = [name for name in group.split() if _is_given(config, name)]
        if len(given) > 1:
            yield given[0], f'Conflicting configuration arguments: "{given[0]}": conflicts with {given[1]}'
    for group in rules.get("one_of", []):
        names = group.split()
        if not any(_is_given(config, name) or has_unknown(at(config, name)) for name in names):
            yield names[0], f"Missing required argument: one of `{','.join(names)}` must be specified"


def _is_given(config: dict, place: str) -> bool:
    value = at(config, place)
    return not has_unknown(value) and value not in (None, "", [], {})


def found(config: Any, place: str) -> Iterator[Any]:
    """Yield what is known at a place: of a list each element, and of a map `*` its values, `~` its keys."""
    if isinstance(config, list):
        for each in config:
            yield from found(each, place)
    elif isinstance(config, dict) and place:
        name, _, further = place.partition(".")
        for value in {"*": list(config.values()), "~": list(config)}.get(name, [config.get(name)]):
            yield from found(value, further)
    elif config is not None and not is_unknown(config):
        yield config
