"""Where a task may go: `cloud/region/zone`, `k8s/<context>`, `ssh/<pool>`, and `*` for any."""

import re
from dataclasses import dataclass
from typing import Annotated

from styx.spec.fields import LONGEST_WORD, STRING, Form, line, shown, wrong

_PART = re.compile(r"\*|[A-Za-z0-9][A-Za-z0-9._-]*")
_REST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_CONTEXT = ("k8s/", "kubernetes/")
_POOL = "ssh/"
_HINT = "write cloud, cloud/region, cloud/region/zone, k8s/<context> or ssh/<pool>; * stands for any"


@dataclass(frozen=True, slots=True)
class Infra:
    """A place to run; None is any."""

    cloud: str | None = None
    """Lower case; whether there is such a cloud is not judged here."""
    region: str | None = None
    zone: str | None = None
    pool: str | None = None
    """The pool of `ssh/<pool>`."""
    context: str | None = None
    """The context of `k8s/<context>`."""


def infra(value: object) -> Infra:
    """Read one place."""
    text = line(value).strip()
    if len(text) > LONGEST_WORD:
        raise wrong(f"{shown(text)} is not a place", _HINT)
    if special := _special(text):
        return special
    parts = text.rstrip("/").split("/")
    if not 1 <= len(parts) <= 3 or not all(_PART.fullmatch(part) and ".." not in part for part in parts):
        raise wrong(f"{shown(text)} is not a place", _HINT)
    cloud, region, zone = (None if part == "*" else part for part in [*parts, "*", "*"][:3])
    if cloud and cloud.lower() + "/" in _CONTEXT:
        cloud = _CONTEXT[1][:-1]
    return Infra(cloud.lower() if cloud else None, region, zone)


def cloud(value: object) -> str | None:
    """Read a cloud's name alone; `*` is any."""
    text = line(value)
    if "/" in text:
        raise wrong(f"{shown(text)} is not a cloud's name", "write infra: cloud/region/zone")
    return infra(text).cloud


def is_special(text: str) -> bool:
    """Tell whether what follows the first slash is no region."""
    return text.lower().startswith((*_CONTEXT, _POOL))


def _special(text: str) -> Infra | None:
    """Read the places whose rest may hold slashes."""
    head, slash, rest = text.partition("/")
    prefix = head.lower() + slash
    if prefix not in (*_CONTEXT, _POOL):
        return None
    if not _REST.fullmatch(rest) or ".." in rest:
        raise wrong(f"{shown(text)} is not a place", _HINT)
    if prefix == _POOL:
        return Infra(prefix[:-1], region=rest, pool=rest)
    return Infra(_CONTEXT[1][:-1], context=rest)


CloudField = Annotated[str | None, Form(cloud, (STRING,))]
InfraField = Annotated[Infra, Form(infra, (STRING,))]
