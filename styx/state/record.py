"""What Styx remembers of one cluster, as a value and as the file `cluster.json`."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from styx.errors import IntegrityError, UsageError
from styx.host import Host

VERSION = 1

Status = Literal["planned", "applying", "up", "degraded", "stopped", "destroying", "destroyed"]

_LIVE = frozenset({"applying", "up", "degraded", "stopped", "destroying"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """One cluster: where its rendered folder is, what stands, and who answers for it."""

    name: str
    folder: Path
    """The rendered folder, absolute."""
    cloud: str
    region: str
    status: Status
    num_nodes: int
    spec_file: str
    spec_digest: str
    hourly_usd: float | None = None
    """None when a part of the price is unknown."""
    hosts: tuple[Host, ...] = ()
    slot: int | None = None
    """A number of its own on this machine, see `Store.allocate_slot`; None where the cloud needs none."""
    rendering: str = ""
    """Digest of the rendering that made the machines, see `Store.keep_rendering`."""
    run_id: str = ""
    """The run that changed it last."""
    owner: str = ""
    created_at: str = ""
    """ISO UTC text; `Store.save` fills it in."""
    updated_at: str = ""
    """ISO UTC text; `Store.save` sets it each time."""

    @property
    def live(self) -> bool:
        """Whether machines may stand: false only before the first apply and after a finished destroy."""
        return self.status in _LIVE

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` reads them back."""
        values = asdict(self)
        return values | {"folder": str(self.folder), "hosts": list(values["hosts"]), "version": VERSION}

    @staticmethod
    def from_json(data: object) -> "ClusterRecord":
        """Read what `to_json` gave; raise IntegrityError when it is another version or malformed."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise IntegrityError(f"not a cluster record of version {VERSION}")
        try:
            values: dict[str, Any] = {name: _value(name, found) for name, found in data.items() if name != "version"}
            return ClusterRecord(**values)
        except (TypeError, ValueError) as error:
            raise IntegrityError(f"the cluster record is malformed: {error}") from error


_TYPES: Mapping[str, tuple[type, ...]] = {
    "num_nodes": (int,),
    "hourly_usd": (int, float, type(None)),
    "slot": (int, type(None)),
}


def _value(name: str, found: object) -> object:
    """Return one field of a record from its JSON value; raise TypeError or ValueError when it cannot be."""
    if name == "hosts":
        return _hosts(found)
    if not isinstance(found, _TYPES.get(name, (str,))) or isinstance(found, bool):
        raise TypeError(f"{name} cannot be {found!r}")
    if name == "status" and found not in get_args(Status):
        raise ValueError(f"there is no status {found!r}")
    if name == "name":
        return check_name(str(found))
    return _absolute(str(found)) if name == "folder" else found


def _hosts(found: object) -> tuple[Host, ...]:
    if not isinstance(found, list):
        raise TypeError("hosts is not a list")
    return tuple(Host(**host) for host in found)


def _absolute(text: str) -> Path:
    folder = Path(text)
    if not folder.is_absolute():
        raise ValueError(f"the folder {text!r} is not absolute")
    return folder


def check_name(name: str) -> str:
    """Return `name` when it can name a cluster and a file; raise UsageError otherwise."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a cluster",
            "use at most 63 ASCII letters, digits, dots, dashes and underscores, a letter or digit first",
        )
    return name


FIELDS = tuple(field.name for field in fields(ClusterRecord))
