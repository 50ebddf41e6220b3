"""How much: vCPUs, memory, disks, durations and ports, in the forms that SkyPilot reads."""

import math
import re
from dataclasses import dataclass
from typing import Annotated

from styx.spec.fields import INTEGER, NUMBER, STRING, Form, each, positive, shown, wrong

_GIB = {"k": 2.0**-20, "m": 2.0**-10, "g": 1.0, "t": 2.0**10, "p": 2.0**20}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:([kmgtp])(?:b|i|ib)?)?", re.IGNORECASE)
_DURATION = re.compile(r"([0-9]+)([smhdw]?)", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Amount:
    """So much, or at least so much."""

    value: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{self.value:g}{'+' if self.at_least else ''}"


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a machine: an amount, or a multiple of its vCPUs."""

    gib: Amount | None = None
    per_cpu: Amount | None = None
    """GiB for each vCPU."""


@dataclass(frozen=True, slots=True)
class LocalDisk:
    """Storage inside the machine."""

    kind: str
    """`nvme` or `ssd`; an NVMe disk is also an SSD."""
    size_gib: float
    at_least: bool


def cpus(value: object) -> Amount:
    """Read `4` or `4+`."""
    text = _written(value)
    try:
        return _amount(text, text.removesuffix("+"))
    except ValueError:
        raise wrong(f"{shown(text)} is not a number of vCPUs", "write 4, or 4+ for at least four") from None


def memory(value: object) -> Memory:
    """Read `32`, `32+`, `64GB`, or `4x` for GiB a vCPU."""
    text = _written(value)
    size = text.removesuffix("+")
    try:
        if size.endswith(("x", "X")):
            return Memory(per_cpu=_amount(text, size[:-1]))
        return Memory(gib=Amount(gib(size), text.endswith("+")))
    except ValueError:
        raise wrong(
            f"{shown(text)} is not an amount of memory", "write 32 or 32+ (GiB), 64GB, or 4x (GiB a vCPU)"
        ) from None


def disk_size(value: object) -> int:
    """Read `256` (GB) or `1TB`, in whole GiB."""
    text = _written(value)
    try:
        size = gib(text)
    except ValueError:
        raise wrong(f"{shown(text)} is not a disk size", "write 256 (GB) or 1TB") from None
    if size != int(size):
        raise wrong(f"{shown(text)} is not a whole number of GB", "write 256 (GB) or 1TB")
    return int(size)


def local_disk(value: object) -> LocalDisk:
    """Read `nvme`, `ssd:500` or `1000+`: 100+ and nvme are what is left out."""
    text = _written(value).lower()
    kind, _, size = text.rpartition(":")
    if text in ("nvme", "ssd"):
        kind, size = text, "100+"
    try:
        amount = _amount(size, size.removesuffix("+"))
        if kind not in ("", "nvme", "ssd"):
            raise ValueError
    except ValueError:
        raise wrong(f"{shown(text)} is not a local disk", "write nvme, ssd, nvme:1000+ or 500+ (GB)") from None
    return LocalDisk(kind or "nvme", amount.value, amount.at_least)


def minutes(value: object) -> int:
    """Read minutes: a number, or text such as `10h` or `2d`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong("must be a number of minutes or text such as 10h")
    found = _DURATION.fullmatch(str(value).strip())
    if found is None or len(found[1]) > 9:
        raise wrong(f"{shown(str(value))} is not a time", "write minutes as a number, or 30m, 10h, 2d, 1w")
    return math.ceil(int(found[1]) * _SECONDS[(found[2] or "m").lower()] / 60)


def ports(value: object) -> tuple[tuple[int, int], ...]:
    """Read a port, a range or a list of them as (first, last) pairs, sorted, those that touch joined."""
    read = each(lambda place, item: _port(item, place), enumerate(value)) if isinstance(value, list) else [_port(value)]
    pairs = sorted(read)
    joined: list[tuple[int, int]] = []
    for first, last in pairs:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def gib(text: str) -> float:
    """Return GiB of `64`, `64GB`, `512MB` or `1TB` (SkyPilot's units: all powers of two); raise ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    size = float(found[1]) * _GIB[(found[2] or "g").lower()]
    if not 0 < size < 1e9:
        raise ValueError(text)
    return size


def _written(value: object) -> str:
    """Return a number or text as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong("must be a number or text")
    return value.strip() if isinstance(value, str) else repr(value)


def _amount(text: str, digits: str) -> Amount:
    if not re.fullmatch(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]+)?", digits) or float(digits) <= 0:
        raise ValueError(text)
    return Amount(float(digits), text.endswith("+"))


def _port(value: object, *path: int) -> tuple[int, int]:
    hint = f'a port is 1 to {LAST_PORT}; a range is "8000-8010"'
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong("must be a port or a range", hint, *path)
    found = _PORTS.fullmatch(str(value).strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= LAST_PORT:
        raise wrong(f"{shown(str(value))} is not a port", hint, *path)
    return first, last


Cpus = Annotated[Amount, Form(cpus, (NUMBER, STRING))]
MemoryField = Annotated[Memory, Form(memory, (NUMBER, STRING))]
DiskSize = Annotated[int, Form(disk_size, (INTEGER, STRING))]
LocalDiskField = Annotated[LocalDisk, Form(local_disk, (STRING, NUMBER))]
Minutes = Annotated[int, Form(minutes, (INTEGER, STRING))]
Seconds = Annotated[int, Form(positive, (INTEGER,))]
Ports = Annotated[
    tuple[tuple[int, int], ...],
    Form(ports, (INTEGER, STRING, {"type": "array", "items": {"anyOf": [INTEGER, STRING]}})),
]
