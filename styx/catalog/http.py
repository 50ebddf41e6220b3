"""Asking price feeds over HTTP: whole answers only, again after passing faults, as often as the server allows."""

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from styx.errors import CatalogError, CredentialError

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

ATTEMPTS = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 120.0
TIMEOUT_S = 60.0

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LATER = "try again later; the prices that were there before still stand"


class _PassingError(Exception):
    """A fault that may be gone at the next attempt; `wait_s` when the server said how long."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def _unheard(*_said: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Asks feeds; see styx.clouds.Http."""

    timeout_s: float = TIMEOUT_S
    attempts: int = ATTEMPTS
    wait: Callable[[float], None] = time.sleep
    asking: Callable[[str], None] = _unheard
    """Told each URL before it is asked."""
    waiting: Callable[[str, str, float], None] = _unheard
    """Told (URL, what went wrong, seconds) before it is asked again."""

    def json(self, url: str, query: Mapping[str, str] | None = None, token: str = "") -> dict[str, Any]:
        """Return the JSON object that a GET answers; `token` is a bearer's."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}

        def ask() -> dict[str, Any]:
            with self._answer(url, query, headers) as answer:
                value = json.loads(answer.read())
            if not isinstance(value, dict):
                raise CatalogError(f"{url} answered with JSON that is no object", _LATER)
            return value

        return self._again(url, ask)

    def lines(self, url: str) -> Iterator[str]:
        """Yield the lines of a long answer, once all of it is there (in a temporary file)."""
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as stream:

            def ask() -> None:
                stream.seek(0)
                stream.truncate()
                with self._answer(url, None, {}) as answer:
                    for text in answer.iter_text():
                        stream.write(text)

            self._again(url, ask)
            stream.seek(0)
            yield from stream

    def _answer(self, url: str, query: Mapping[str, str] | None, headers: Mapping[str, str]) -> "_Answer":
        return _Answer(url, query, headers, self.timeout_s)

    def _again(self, url: str, ask: Callable[[], T]) -> T:
        """Return what `ask` returns, asking again after passing faults with longer and longer waits."""
        import httpx

        self.asking(url)
        pause_s = FIRST_WAIT_S
        for left in range(self.attempts - 1, -1, -1):
            try:
                return ask()
            except (_PassingError, httpx.TransportError, ValueError) as error:
                if not left:
                    raise CatalogError(f"{url} gave no whole answer: {_told(error)}", _LATER) from error
                fault, told_s = _told(error), getattr(error, "wait_s", None)
            wait_s = told_s if told_s is not None else pause_s * random.uniform(0.8, 1.2)  # noqa: S311  # spreads clients
            self.waiting(url, fault, min(LONGEST_WAIT_S, wait_s))
            self.wait(min(LONGEST_WAIT_S, wait_s))
            pause_s *= 2
        raise AssertionError("the last attempt returns or raises")


@dataclass(slots=True)
class _Answer:
    """A GET under way: entered, it is an answer whose status is fine."""

    url: str
    query: Mapping[str, str] | None
    headers: Mapping[str, str]
    timeout_s: float
    _client: "httpx.Client | None" = None

    def __enter__(self) -> "httpx.Response":
        import httpx

        self._client = httpx.Client(timeout=self.timeout_s, follow_redirects=False)
        request = self._client.build_request("GET", self.url, params=self.query, headers=self.headers)
        try:
            answer = self._client.send(request, stream=True)
            _check(self.url, answer)
        except BaseException:
            self._client.close()
            raise
        return answer

    def __exit__(self, *_fault: object) -> None:
        if self._client is not None:
            self._client.close()


def _check(url: str, answer: "httpx.Response") -> None:
    status = answer.status_code
    if status in _PASSING:
        raise _PassingError(f"HTTP {status}", _retry_after_s(answer.headers.get("Retry-After", "")))
    if status in (401, 403):
        raise CredentialError(f"{url} refused the credentials (HTTP {status})", "look at the key or token")
    if status != 200:
        raise CatalogError(f"{url} answered with HTTP {status}", _LATER)


def _retry_after_s(text: str) -> float | None:
    """Read Retry-After's seconds; its other form, a date, counts as not said."""
    return float(text) if text.isdigit() else None


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__
