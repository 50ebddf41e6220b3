"""What a cluster's Terraform state knows of, whatever the cloud: every text in it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from styx.clouds import Found
from styx.clouds.sweep import OWNER
from styx.lifecycle.session import Session
from styx.workdir import Workdir


@dataclass(frozen=True, slots=True)
class State:
    """What the state says."""

    texts: frozenset[str]
    """In lower case; of a link all its ends, too, for an API leaves out the service that it is asked through."""
    owners: frozenset[str]
    """Who made the cluster, as its tags say: a colleague, where the state is shared."""

    def orphans(self, found: Iterable[Found]) -> list[Found]:
        """Return what it does not know, not even as a part of a machine that it knows."""
        return [one for one in found if not {one.id.lower(), (one.part_of or one.id).lower()} & self.texts]


def read(workdir: Workdir, session: Session, log: Path) -> State:
    """Read the state of a rendered folder, which need not exist yet."""
    if session.state_is_remote(workdir):
        state: object = session.terraform(workdir, log, lambda _text: None).show()  # also where there is none yet
    else:
        text = workdir.state_file.read_text() if workdir.state_file.is_file() else ""
        state = json.loads(text) if text.strip() else {}  # a Terraform that was killed may leave it empty
    texts = {end for text in _texts(state) for end in _ends(text.lower())}
    return State(frozenset(texts), frozenset(_owners(state)))


def _ends(text: str) -> Iterator[str]:
    yield text
    if "://" in text:
        parts = text.split("/")
        yield from ("/".join(parts[start:]) for start in range(3, len(parts)))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _owners(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, dict) and isinstance(value.get(OWNER), str):
        yield value[OWNER]
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _owners(one)
