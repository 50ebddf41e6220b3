"""Asking a cloud what it still has of Styx's, and for its end, in a process of its own."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from styx import errors
from styx.clouds import Cloud, Found
from styx.errors import CredentialError, StyxError
from styx.run.mask import masker
from styx.run.process import Command, Stop, Stream, run
from styx.spec.secrets import is_secret_name

FIND_S = 90.0
"""How long a look may take: all pages, and what a busy service makes one wait."""

_BATCH = 200
"""Ids in one request: an argument of a program is at most 128 KiB long."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look, and for whose."""

    cloud: Cloud
    cluster: str = ""
    """Empty for every cluster."""
    regions: tuple[str, ...] = ()
    """Empty for all."""


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that could not be ended in time."""

    found: Found
    why: str
    """As the cloud says; empty when it takes its time."""


@dataclass
class Look:
    """A look that goes on beside whatever the caller does."""

    place: Place
    _pool: ThreadPoolExecutor
    _stop: Stop = field(default_factory=Stop)
    _answer: Future[list[Found]] | None = None

    def begin(self) -> None:
        """Begin to look, again when that was done before."""
        self._answer = self._pool.submit(find, self.place, self._stop)

    def found(self) -> list[Found]:
        """Wait for what there is; raise as `find` does."""
        if self._answer is None:
            self.begin()
        return self._answer.result() if self._answer else []

    def end(self) -> None:
        """Stop what still goes on."""
        self._stop.ask()


@contextmanager
def looking(place: Place) -> Iterator[Look]:
    """Begin a look at `place`, which ends with the block at the latest."""
    with ThreadPoolExecutor(1) as pool:
        look = Look(place, pool)
        look.begin()
        try:
            yield look
        finally:
            look.end()


def find(place: Place, stop: Stop | None = None) -> list[Found]:
    """Return what stands there; raise ToolMissingError without the SDK, CredentialError when it cannot be seen."""
    answers = _ask(place, {"verb": "find"}, FIND_S, stop)
    return [_found(told["found"]) for told in answers if "found" in told]


def clear(place: Place, ids: Sequence[str], patience_s: float) -> list[Left]:
    """End what has these ids, wait until it is seen gone, and return what is left; raises as `find` does."""
    left: list[Left] = []
    for start in range(0, len(ids), _BATCH):
        request = {"verb": "clear", "ids": list(ids[start : start + _BATCH]), "patience_s": patience_s}
        answers = _ask(place, request, patience_s + FIND_S)
        left += [Left(_found(told["left"]), told["why"]) for told in answers if "left" in told]
    return left


def _ask(place: Place, request: dict[str, Any], timeout_s: float, stop: Stop | None = None) -> list[dict[str, Any]]:
    """Return the answers to one request; what an error says has its secrets masked."""
    mask = masker(value for name, value in os.environ.items() if is_secret_name(name))
    answers: list[dict[str, Any]] = []
    said: list[str] = []

    def hear(stream: Stream, line: str) -> None:
        if stream == "stdout" and line.startswith('{"'):
            answers.append(json.loads(line))
        elif line.strip():
            said.append(mask(line))

    text = json.dumps(request | {"cluster": place.cluster, "regions": place.regions})
    # -P: a file google.py in the user's folder is not Google's library.
    argv = (sys.executable, "-P", "-m", "styx.clouds.sweeping", place.cloud.id, text)
    outcome = run(Command(argv, Path.cwd(), os.environ, timeout_s, grace_s=0.1), hear, stop)
    for answer in answers:
        if "error" in answer:
            raise _error({name: mask(text) for name, text in answer.items()})
    if not (answers and answers[-1].get("done")):
        why = f"no answer in {timeout_s:g} s" if outcome.stopped == "timeout" else (said or ["it ended early"])[-1]
        hint = f"`styx check {place.cloud.id}` says what is missing"
        raise CredentialError(f"{place.cloud.title} cannot be searched: {why}", hint)
    return answers


def _error(answer: dict[str, str]) -> StyxError:
    kinds = {one.__name__: one for one in (errors.ToolMissingError, errors.CredentialError)}
    return kinds.get(answer["error"], StyxError)(answer["message"], answer["hint"])


def _found(told: dict[str, Any]) -> Found:
    return replace(Found(**{one.name: told[one.name] for one in fields(Found)}), tags=dict(told["tags"]))
