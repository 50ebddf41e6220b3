"""Reading overlay.yaml: strict, every fault at once with its line."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from styx import files
from styx.catalog.overlay import Discount, Hidden, Overlay, Prepaid, Private
from styx.catalog.overlay_places import Places
from styx.errors import Fault, SpecError
from styx.offer import Offer
from styx.spec import document, reading


def read(path: Path) -> Overlay:
    """Return the overlay at `path`; raise SpecError with every fault of it."""
    text = reading.read(path)
    reader = _Reader(document.parse(text, str(path)))
    rows = {name: tuple(reader.section(name)) for name in _SECTIONS}
    for name in ("private", "prepaid"):
        reader.refuse_twice(name, rows[name])
    reader.refuse()
    return Overlay(path, files.sha256(text), **rows)


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text")
    return value


def _market(value: object) -> str:
    if value not in ("on_demand", "spot"):
        raise ValueError("must be on_demand or spot")
    return str(value)


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError("must be a number, 0 or more")
    return float(value)


def _percent(value: object) -> float:
    number = _amount(value)
    if number > 100:
        raise ValueError("must be 0 to 100")
    return number


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number above 0")
    return value


def _zones(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(zone, str) for zone in value):
        raise ValueError("must be a list of zones")
    return tuple(value)


def _arch(value: object) -> str:
    if value not in ("x86_64", "arm64"):
        raise ValueError("must be x86_64 or arm64")
    return str(value)


def _private(line: int, **given: Any) -> Private:  # noqa: ANN401  # each was read by its own field
    offer = Offer(
        instance_type=given.pop("type"),
        price_kind="unknown" if given.get("hourly_usd") is None else "own",
        spot_kind="unknown" if given.get("spot_hourly_usd") is None else "own",
        **given,
    )
    return Private(offer, line)


@dataclass(frozen=True, slots=True)
class _Section:
    """What one list of the overlay may hold."""

    make: Callable[..., Any]
    fields: Mapping[str, Callable[[object], object]]
    required: frozenset[str] = frozenset()
    one_of: tuple[str, ...] = ()
    """Exactly one of these must be given."""


_WHERE: dict[str, Callable[[object], object]] = {"cloud": _name, "region": _name, "type": _name}

_SECTIONS = {
    "discounts": _Section(
        Discount,
        {**_WHERE, "market": _market, "percent": _percent, "hourly_usd": _amount},
        one_of=("percent", "hourly_usd"),
    ),
    "prepaid": _Section(Prepaid, {**_WHERE, "max_count": _count}, frozenset({*_WHERE, "max_count"})),
    "private": _Section(
        _private,
        {
            **_WHERE, "vcpus": _amount, "memory_gib": _amount, "zones": _zones, "accelerator": _name,
            "accelerator_count": _amount, "gpu_memory_gib": _amount, "arch": _arch, "local_disk_gib": _amount,
            "hourly_usd": _amount, "spot_hourly_usd": _amount, "max_count": _count,
        },
        frozenset({*_WHERE, "vcpus", "memory_gib"}),
    ),
    "hidden": _Section(Hidden, _WHERE),
}  # fmt: skip


@dataclass(slots=True)
class _Reader:
    """Turns the document into rows, and keeps every fault that it meets."""

    document: document.Document
    faults: list[Fault] = field(default_factory=list)
    places: Places = field(default_factory=Places)

    def __post_init__(self) -> None:
        value = self.document.value
        if not isinstance(value, dict | None):
            self._fault((), "an overlay is a block of lists", "write discounts:, prepaid:, private: or hidden:")
            self.document.value = {}
        for key in (value if isinstance(value, dict) else {}).keys() - _SECTIONS.keys():
            self._unknown((key,), _SECTIONS)

    def section(self, name: str) -> Iterator[Any]:
        """Yield the rows of one list, those that are whole."""
        rows = (self.document.value or {}).get(name) or []
        if not isinstance(rows, list):
            self._fault((name,), "must be a list", "start each entry with a dash")
            return
        for place, row in enumerate(rows):
            known = len(self.faults)
            values = self._row((name, place), row, _SECTIONS[name])
            if len(self.faults) == known:
                yield _SECTIONS[name].make(line=self.document.locate((name, place))[0], **values)

    def refuse_twice(self, name: str, entries: Iterable[Private | Prepaid]) -> None:
        """Note each entry of a list that names the machine of an earlier one."""
        first: dict[tuple[str, str, str], int] = {}
        for entry in entries:
            if (before := first.setdefault(entry.key, entry.line)) != entry.line:
                message = f"{'/'.join(entry.key)} is given twice"
                hint = f"it stands in line {before} already"
                self.faults.append(Fault(self.document.file, entry.line, 0, name, message, hint))

    def refuse(self) -> None:
        """Raise SpecError when there were faults."""
        if self.faults:
            raise SpecError(sorted(self.faults, key=lambda fault: fault.line), "mend the overlay's lines named above")

    def _row(self, path: tuple[str | int, ...], row: object, section: _Section) -> dict[str, object]:
        if not isinstance(row, dict) or not row:
            self._fault(path, "must be a block of keys", f"the keys are {', '.join(section.fields)}")
            return {}
        values = {}
        for key, value in row.items():
            if key not in section.fields:
                self._unknown((*path, key), section.fields)
                continue
            try:
                values[key] = section.fields[key](value)
            except ValueError as error:
                self._fault((*path, key), str(error))
        for key, message, hint in self.places.unknown(values):
            self._fault((*path, key), message, hint)
        for key in sorted(section.required - row.keys()):
            self._fault(path, f"`{key}` is missing")
        if section.one_of and len(row.keys() & set(section.one_of)) != 1:
            self._fault(path, f"needs one of {' and '.join(section.one_of)}")
        return values

    def _unknown(self, path: tuple[str | int, ...], known: Mapping[str, object]) -> None:
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(known)}"
        self.faults.append(self.document.fault(path, f"unknown key `{path[-1]}`", hint, key=True))

    def _fault(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        self.faults.append(self.document.fault(path, message, hint))
