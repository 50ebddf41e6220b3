"""Accelerators in all the forms that SkyPilot reads: a name, a count, a memory size, several to choose from."""

import re
from dataclasses import dataclass
from typing import Annotated

from styx.spec.fields import STRING, Form, each, shown, wrong
from styx.spec.quantities import gib

_MEMORY = re.compile(r"[0-9]+[GMT]B\+?", re.IGNORECASE)
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9._ -]{0,61}[A-Za-z0-9]|[A-Za-z]")
_COUNT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
_HINT = "write A100:8, 80GB+ (any with that memory), or nvidia:40GB+:1"


@dataclass(frozen=True, slots=True)
class AcceleratorAsk:
    """One kind of accelerator, by name or by its memory, and how many a machine needs."""

    name: str | None = None
    """As the user wrote it; None when only memory matters."""
    min_memory_gib: float | None = None
    """Per accelerator; exactly this much unless `at_least`."""
    at_least: bool = False
    vendor: str | None = None
    """Lower case, for example `nvidia`."""
    count: float = 1


@dataclass(frozen=True, slots=True)
class Accelerators:
    """What would do: one kind, any of several, or several in order of preference."""

    asks: tuple[AcceleratorAsk, ...]
    ordered: bool = False


def accelerators(value: object) -> Accelerators:
    """Read text (one), a mapping (any of its entries) or a list (in this order)."""
    if isinstance(value, str):
        return Accelerators((_one(value),))
    if isinstance(value, dict) and value:
        return Accelerators(tuple(each(_entry, value.items())))
    if isinstance(value, list) and value:
        return Accelerators(tuple(each(_item, enumerate(value))), ordered=len(value) > 1)
    raise wrong("must be text, a mapping or a list of accelerators", _HINT)


def _item(place: int, item: object) -> AcceleratorAsk:
    if not isinstance(item, str):
        raise wrong("must be text", _HINT, place)
    return _one(item, place)


def _entry(key: str, count: object) -> AcceleratorAsk:
    """Read an entry of a mapping: `A100: 8`, or `A100:8` with no value, as a set has it."""
    if count is None:
        return _one(key, key)
    if isinstance(count, bool) or not isinstance(count, int | float):
        raise wrong("must be a number of accelerators", _HINT, key)
    return _one(f"{key}:{count!r}", key)


def _one(text: str, *path: str | int) -> AcceleratorAsk:
    """Read `A100`, `A100:8`, `80GB+`, `80GB:2`, `nvidia:40GB+` or `nvidia:40GB+:1`."""
    parts = text.strip().split(":")
    count = 1.0
    if len(parts) > 1 and _COUNT.fullmatch(parts[-1]):
        count = float(parts.pop())
    vendor = parts.pop(0) if len(parts) == 2 and _MEMORY.fullmatch(parts[1]) else None
    what = parts[0]
    names_one = len(parts) == 1 and count > 0 and (_NAME.fullmatch(what) or _MEMORY.fullmatch(what))
    if not names_one or (vendor is not None and not vendor.isalpha()):
        raise wrong(f"{shown(text)} is not an accelerator", _HINT, *path)
    if _MEMORY.fullmatch(what):
        least = what.endswith("+")
        return AcceleratorAsk(None, gib(what.removesuffix("+")), least, vendor.lower() if vendor else None, count)
    return AcceleratorAsk(what, count=count)


AcceleratorsField = Annotated[
    Accelerators,
    Form(
        accelerators,
        (
            STRING,
            {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["number", "null"]}},
            {"type": "array", "minItems": 1, "items": STRING},
        ),
    ),
]
