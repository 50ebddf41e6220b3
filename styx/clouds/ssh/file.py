"""The file of pools: strict, every fault at once with its line."""

import base64
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from styx.clouds.pool import PoolHost, Pools
from styx.errors import Fault, SpecError
from styx.spec import document, reading
from styx.spec.document import Path as Place

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:_-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_JUMP = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./:@,=+~ -]+")
_GPUS = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9._-]*)(:(?P<count>[0-9]{1,2}))?")
_NO_PASSWORDS = "Styx keeps no passwords: let a key in with `ssh-copy-id`, and name it with `key`"


def read(path: Path) -> Pools:
    """Return the pools of the file at `path`; raise SpecError with every fault of it."""
    return parse(reading.read(path), str(path))


def parse(text: str, file: str) -> Pools:
    """Return the pools that `text` tells of; raise SpecError with every fault, naming `file`."""
    reader = _Reader(document.parse(text, file))
    pools = reader.pools()
    if reader.faults:
        raise SpecError(sorted(reader.faults, key=lambda fault: fault.line), "mend the lines named above")
    return pools


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[object], object]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"must be {what}")
        return value

    return read


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError("must be a port, 1 to 65535")
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise ValueError("must be a number above 0")
    return float(value)


def _path(value: object) -> str:
    if not isinstance(value, str) or not _PLAIN_PATH.fullmatch(value):
        raise ValueError("must be the path of a private key")
    return str(Path(value).expanduser().absolute())


def _gpus(value: object) -> tuple[str, int]:
    found = _GPUS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a name and a count, such as A100:8")
    return found["name"], int(found["count"] or 1)


def _labels(value: object) -> dict[str, str]:
    texts = value if isinstance(value, dict) else {"": None}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("must be a block of names and texts")
    return dict(texts)


def _host_key(value: object) -> str:
    """Read a public key; OpenSSH would take a damaged one for none, and believe any answer."""
    kind, _, rest = value.partition(" ") if isinstance(value, str) else ("", "", "")
    words = rest.split()
    try:
        told = base64.b64decode(words[0], validate=True)[4 : 4 + len(kind)].decode() if words else ""
    except ValueError:
        told = ""
    if not kind or told != kind:
        raise ValueError("must be a public host key, such as `ssh-ed25519 AAAA…`")
    return f"{kind} {words[0]}"


_HOST_FIELDS: dict[str, Callable[[object], object]] = {
    "address": _matching(_ADDRESS, "a name or an address"),
    "name": _matching(_NAME, "letters, digits, dots, dashes and underscores"),
    "user": _matching(_USER, "a user's name"),
    "port": _port,
    "key": _path,
    "jump": _matching(_JUMP, "[user@]address[:port]"),
    "jump_key": _path,
    "host_key": _host_key,
    "private_address": _matching(_ADDRESS, "an address"),
    "labels": _labels,
    "cpus": _amount,
    "memory": _amount,
    "gpus": _gpus,
}
_SHARED = ("user", "port", "key", "jump", "jump_key", "labels", "cpus", "memory", "gpus")
"""What a pool can say for all its hosts."""

_ALIASES = {"ip": "address", "identity_file": "key"}
"""SkyPilot's names."""

_POOL_FIELDS = ("hosts", *_SHARED)


@dataclass(slots=True)
class _Reader:
    """Turns the document into hosts, and keeps every fault that it meets."""

    document: document.Document
    faults: list[Fault] = field(default_factory=list)

    def pools(self) -> dict[str, tuple[PoolHost, ...]]:
        """Return the hosts of every pool, those that are whole."""
        value = self.document.value
        if not isinstance(value, dict) or not value:
            self._fault((), "a file of pools is a block: a name for each pool, with its hosts", "see docs/pools.md")
            return {}
        return {name: tuple(self._pool(name, body)) for name, body in value.items()}

    def _pool(self, pool: str, body: object) -> Iterable[PoolHost]:
        if not _NAME.fullmatch(pool):
            self._fault((pool,), "a pool's name has letters, digits, dots, dashes and underscores", "", key=True)
        if not isinstance(body, dict):
            self._fault((pool,), "a pool is a block with `hosts`", "write hosts: and a list of them")
            return
        shared = self._values((pool,), {key: body[key] for key in body if key != "hosts"}, _SHARED, _POOL_FIELDS)
        rows = body.get("hosts")
        if not isinstance(rows, list) or not rows:
            self._fault((pool, "hosts"), "must be a list of hosts", "start each with a dash")
            return
        hosts: dict[str, PoolHost] = {}
        for place, row in enumerate(rows):
            if host := self._host(pool, place, row, shared):
                if host.name in hosts:
                    self._fault((pool, "hosts", place), f"the pool has a host {host.name} already", "give it a `name`")
                hosts[host.name] = host
        yield from (_through(host, hosts) for host in hosts.values())

    def _host(self, pool: str, place: int, row: object, shared: Mapping[str, Any]) -> PoolHost | None:
        path = (pool, "hosts", place)
        given: object = {"address": row} if isinstance(row, str) else row
        if not isinstance(given, dict):
            self._fault(path, "a host is an address, or a block of keys", f"the keys are {', '.join(_HOST_FIELDS)}")
            return None
        known = len(self.faults)
        values = self._values(path, given, tuple(_HOST_FIELDS), tuple(_HOST_FIELDS))
        if "address" not in values and len(self.faults) == known:
            self._fault(path, "`address` is missing")
        if len(self.faults) > known:
            return None
        return _made(pool, {**shared, **values, "labels": {**shared.get("labels", {}), **values.get("labels", {})}})

    def _values(
        self, path: Place, given: Mapping[str, object], fields: tuple[str, ...], known: tuple[str, ...]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in given.items():
            name = _ALIASES.get(key, key)
            if name not in fields:
                self._unknown((*path, key), known)
                continue
            try:
                values[name] = _HOST_FIELDS[name](value)
            except ValueError as error:
                here = path if isinstance(path[-1], int) and (*path, key) not in self.document.values else (*path, key)
                self._fault(here, f"{key}: {error}" if here == path else str(error))
        return values

    def _unknown(self, path: Place, known: tuple[str, ...]) -> None:
        key = str(path[-1])
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(known)}"
        if key == "password":
            hint = _NO_PASSWORDS
        self.faults.append(self.document.fault(path, f"unknown key `{key}`", hint, key=True))

    def _fault(self, path: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        self.faults.append(self.document.fault(path, message, hint, key=key))


def _through(host: PoolHost, hosts: Mapping[str, PoolHost]) -> PoolHost:
    """Return `host` with the address to go through, where it names another host of its pool."""
    other = hosts.get(host.jump)
    if other is None:
        return host
    user = f"{other.user}@" if other.user else ""
    return replace(host, jump=f"{user}{other.address}:{other.port}", jump_key=host.jump_key or other.key)


def _made(pool: str, values: dict[str, Any]) -> PoolHost:
    accelerator, count = values.pop("gpus", ("", 0))
    return PoolHost(
        pool=pool,
        name=values.pop("name", values["address"].replace(":", "-")),
        vcpus=values.pop("cpus", None),
        memory_gib=values.pop("memory", None),
        accelerator=accelerator,
        accelerator_count=count,
        **values,
    )
