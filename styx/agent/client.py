"""Talking to a task server: what may be retried is, and a refusal is an error like any other."""

import os
import random
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from styx.agent.clock import CLOCK, Clock
from styx.api.refusal import RefusedError
from styx.errors import StyxError, UsageError

if TYPE_CHECKING:
    import httpx

DEFAULT_URL = "http://127.0.0.1:8417"
TIMEOUT_S = 15.0
LONGEST_PAUSE_S = 10.0
AGAIN = frozenset({423, 429}) | frozenset(range(500, 600))
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ServerError(StyxError):
    """The task server cannot be reached, or cannot do its work now."""

    default_hint = "see that `styx server` runs and that STYX_SERVER_URL is its address"
    meaning = "the task server does not answer"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and who asks."""

    url: str
    token: str | None = None

    @classmethod
    def from_environment(cls, url: str | None = None) -> "Address":
        """Return `url` (else STYX_SERVER_URL, else this machine's) with the token of STYX_TOKEN."""
        return cls(url or os.environ.get("STYX_SERVER_URL") or DEFAULT_URL, os.environ.get("STYX_TOKEN") or None)


class Client:
    """Requests to one server; threads may share it."""

    def __init__(
        self, address: Address, patience_s: float = 10.0, stop: threading.Event | None = None, clock: Clock = CLOCK
    ) -> None:
        """Retry for up to `patience_s`, and no longer once `stop` is set."""
        import httpx

        url = httpx.URL(address.url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise UsageError(f"{address.url} is no address of a server", "write it as http://127.0.0.1:8417")
        if address.token and url.scheme == "http" and url.host not in _LOOPBACK:
            raise UsageError(f"a token must not go to {address.url} in clear", "use an https:// address")
        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, limits=limits,
                                  verify=_authorities(), trust_env=False)  # fmt: skip
        self._patience_s, self._clock = patience_s, clock
        self._stop = stop or threading.Event()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON, which the caller reads
        """Return what the server has at `path`; of the query, what is None is left out."""
        asked = {name: str(value) for name, value in query.items() if value is not None}
        return self._asked(lambda: self._http.get(path, params=asked))

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - as above
        """Send `body` and return the reply; the request must mean the same when it comes twice."""
        return self._asked(lambda: self._http.post(path, json=body))

    def post_bytes(self, path: str, data: bytes, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - as above
        """Send bytes and return the reply."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._asked(lambda: self._http.post(path, content=data, params=query, headers=headers))

    def stream(self, path: str, **query: object) -> Iterator[bytes]:
        """Yield a reply piece by piece as it comes, once."""
        import httpx

        asked = {name: str(value) for name, value in query.items() if value is not None}
        timeout = httpx.Timeout(TIMEOUT_S, read=None)
        try:
            with self._http.stream("GET", path, params=asked, timeout=timeout) as reply:
                if reply.status_code >= 400:
                    reply.read()
                    raise _refusal(reply)
                yield from reply.iter_bytes()
        except httpx.TransportError as error:
            raise ServerError(f"the connection to {self._http.base_url} broke: {error}") from error

    def _asked(self, ask: "Callable[[], httpx.Response]") -> Any:  # noqa: ANN401 - as above
        import httpx

        until, pause = self._clock.now() + self._patience_s, 0.2
        while True:
            fault: StyxError
            try:
                reply = ask()
            except httpx.TransportError as error:
                fault = ServerError(f"no answer from {self._http.base_url}: {error}")
            else:
                if reply.status_code < 400:
                    return _json(reply)
                fault = _refusal(reply)
                if not passes(fault):
                    raise fault
            if self._stop.is_set() or self._clock.now() + pause > until:
                raise fault
            self._clock.wait(self._stop, pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the load, hides nothing
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _authorities() -> ssl.SSLContext | bool:
    """Return whom to trust: those of SSL_CERT_FILE where it is set, as a private authority needs, else the usual."""
    path = os.environ.get("SSL_CERT_FILE")
    try:
        return ssl.create_default_context(cafile=path) if path else True
    except OSError as error:
        raise UsageError(f"SSL_CERT_FILE {path} cannot be used: {error}", "name a PEM file of certificates") from error


def passes(fault: StyxError) -> bool:
    """Say whether what was refused may be done later: the server is away, or busy, or at fault."""
    return isinstance(fault, ServerError) or (isinstance(fault, RefusedError) and fault.status in AGAIN)


def _json(reply: "httpx.Response") -> Any:  # noqa: ANN401 - as above
    try:
        return reply.json()
    except ValueError as error:
        raise ServerError(f"{reply.url} answered with no JSON", "is it a Styx server?") from error


def _refusal(reply: "httpx.Response") -> RefusedError:
    """Return the error that a reply tells of."""
    try:
        told = reply.json()
        message, hint = str(told.pop("detail")), str(told.pop("hint", "")) or None
    except (ValueError, KeyError, AttributeError):
        return RefusedError(reply.status_code, f"the server answered {reply.status_code}", "is it a Styx server?")
    return RefusedError(reply.status_code, message, hint, facts=told)
