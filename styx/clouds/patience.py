"""Asking a REST service again after a passing refusal."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

TRIES = 5
PASSING = frozenset({429, 500, 502, 503, 504})
LONGEST_S = 8.0


class Told(Protocol):
    """An answer, as httpx, requests and azure-core have it."""

    @property
    def status_code(self) -> int:
        """HTTP's number."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP's headers, whatever their case."""
        ...


A = TypeVar("A", bound=Told)


def answered(ask: Callable[[], A], first_s: float = 0.25) -> A:
    """Return the answer of `ask`, asked again while the service is busy: at most five times, each wait longer.

    Where the service says for how long to wait, that counts, up to eight seconds.
    """
    wait_s = first_s
    answer = ask()
    for _ in range(TRIES - 1):
        if answer.status_code not in PASSING:
            break
        said = answer.headers.get("Retry-After", "")
        asked_s = float(said) if said.isdigit() else wait_s
        time.sleep(min(asked_s, LONGEST_S) * random.uniform(1, 1.25))  # noqa: S311 - jitter, no secret
        wait_s *= 2
        answer = ask()
    return answer
