"""Provider schemas written by hand, where no package holds one.

resource nebius_compute_v1_disk      a resource, a data source (`data`), or `provider`
  type string required               optional where nothing is said, else: required, optional, computed, sensitive
  status single computed             single, list, set, map: what is further in are the attributes of its objects
    state string computed
  timeouts block                     a block, at most one
"""

from pathlib import Path
from typing import Any

_SECTIONS = {"resource": "resource_schemas", "data": "data_source_schemas"}
_OBJECTS = ("single", "list", "set", "map")


def schema(file: Path) -> dict[str, Any]:
    """Return a provider's schema in the shape of `terraform providers schema -json`."""
    found: dict[str, Any] = {"provider": None, "resource_schemas": {}, "data_source_schemas": {}}
    lines = [line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
    for section, further in _indented(lines):
        word, _, name = section.partition(" ")
        described = {"version": 0, "block": _block(further)}
        if word == "provider":
            found["provider"] = described
        else:
            found[_SECTIONS[word]][name] = described
    return found


def _indented(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Return each of the outermost lines with the lines further in below it."""
    found: list[tuple[str, list[str]]] = []
    depth = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    for line in lines:
        if line[depth] == " ":
            found[-1][1].append(line)
        else:
            found.append((line.strip(), []))
    return found


def _block(lines: list[str]) -> dict[str, Any]:
    attributes, blocks = {}, {}
    for line, further in _indented(lines):
        name, kind, *presence = line.split()
        if kind == "block":
            blocks[name] = {"nesting_mode": "single", "block": _block(further)}
            continue
        flags = dict.fromkeys(presence or ["optional"], True)
        if kind in _OBJECTS:
            attributes[name] = {**flags, "nested_type": {"nesting_mode": kind, **_block(further)}}
            del attributes[name]["nested_type"]["block_types"]
        else:
            attributes[name] = {**flags, "type": _type(kind)}
    return {"attributes": attributes, "block_types": blocks}


def _type(text: str) -> Any:
    outer, _, inner = text.removesuffix(")").partition("(")
    return [outer, _type(inner)] if inner else outer
