"""Running a server: where it listens, and that nobody reaches it unasked."""

import gc
import logging
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from styx.api import limits
from styx.errors import StyxError, UsageError
from styx.server import app, tokens
from styx.server.guard import is_loopback
from styx.server.hub import Hub
from styx.server.opening import open_database
from styx.server.retention import Retention
from styx.server.session import Database

SWITCH_S = 0.0005
"""Python's threads change places this often: the thread that commits should not wait for the one that parses."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve."""

    host: str
    port: int
    """0 takes a free one."""
    database: str
    certificate: Path | None = None
    key: Path | None = None
    lease_s: float = limits.LEASE_S
    retention: Retention = field(default_factory=Retention)


def serve(options: Options, listening: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `listening` hears the address as soon as requests are taken."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with _socket(options) as listener:
        database = open_database(options.database)
        try:
            _refuse_open_doors(options, database)
        except UsageError:
            database.close()
            raise
        host, port = listener.getsockname()[:2]
        scheme = "https" if options.certificate else "http"
        address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        sys.setswitchinterval(SWITCH_S)
        hub = Hub(database, options.lease_s, options.retention)
        server = _Server(_config(options, hub), hub, lambda: listening(address))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has finished what was under way, and passes the signal on
            return


class _Server(uvicorn.Server):
    """Says when it is ready, and tells those who look at the page when it ends."""

    def __init__(self, config: uvicorn.Config, hub: Hub, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub, self._ready = hub, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if not self.should_exit:
            gc.freeze()  # what is loaded now stays: the collector need not look at it again
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what has no end by itself, then the rest."""
        self._hub.live.ending = True
        await super().shutdown(sockets)


def _config(options: Options, hub: Hub) -> uvicorn.Config:
    return uvicorn.Config(
        app.make(hub),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
    )


def _socket(options: Options) -> socket.socket:
    """Return the listening socket."""
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((options.host, options.port), family=family, backlog=2048)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        raise StyxError(f"cannot listen on {where}: {error.strerror}", "give another --host or --port") from error


def _refuse_open_doors(options: Options, database: Database) -> None:
    """Refuse to serve others than this machine without tokens and TLS."""
    import asyncio

    if is_loopback(options.host):
        return
    if not asyncio.run(database.read(tokens.known)):
        raise UsageError(f"without tokens only this machine is served, not {options.host}",
                         "make a token first: styx token create NAME --role admin")  # fmt: skip
    if not options.certificate:
        raise UsageError(f"without TLS only this machine is served, not {options.host}",
                         "give --tls-certificate and --tls-key, or put a proxy with TLS before 127.0.0.1")  # fmt: skip
