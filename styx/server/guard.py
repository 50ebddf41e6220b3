"""What stands before every request: its size, where it comes from, and whose it is."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from styx.api import limits
from styx.api.messages import Role
from styx.api.refusal import RefusedError
from styx.server import problem, tokens
from styx.server.hub import Hub
from styx.server.tokens import ANYBODY, Caller

_DROPPED_BYTES = 32 << 20
"""How much of a body that is too large is read and dropped."""


class Gate:
    """Refuses what is too large, and counts the replies."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._hub.counted["styx_requests_total", f'code="{message["status"]}"'] += 1
            await send(message)

        headers = dict(scope["headers"])
        length = headers.get(b"content-length")
        if length is not None and int(length) > limits.BODY_BYTES:
            await _too_large(scope, receive, counted)
        elif b"transfer-encoding" in headers:
            await self._unmeasured(scope, receive, counted)
        else:
            await self._app(scope, receive, counted)

    async def _unmeasured(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a body that does not say how long it is before anybody else sees it."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message["type"] == "http.request" and message.get("more_body", False)
            if len(body) > limits.BODY_BYTES:
                await _too_large(scope, receive, send)
                return
        parts = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return parts.pop() if parts else await receive()

        await self._app(scope, replay, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """Say so after reading on for a while: a client that still sends would not see the reply."""
    dropped, more = 0, True
    while more and dropped < _DROPPED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    reply = problem.response(413, f"the request is larger than {limits.BODY_BYTES} bytes", "send less at once")
    reply.headers["Connection"] = "close"
    await reply(scope, receive, send)


_BEARER = HTTPBearer(auto_error=False, description="What `styx token create` printed.")


def needs(role: Role) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency of a route that wants a caller who may act as `role`."""

    async def caller(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Caller:
        rows = await hub_of(request).tokens()
        if not rows:
            _refuse_other_sites(request)
            return ANYBODY
        found = tokens.caller(rows, given.credentials) if given else None
        if found is None:
            what = "this token is unknown or was revoked" if given else "this server wants a token"
            raise RefusedError(401, what, "send Authorization: Bearer TOKEN; `styx token create` makes one")
        if not found.may(role):
            raise RefusedError(403, f"a token of the role {found.role} may not do this", f"it takes the role {role}")
        return found

    return caller


def hub_of(request: Request) -> Hub:
    """Return what the server shares."""
    hub: Hub = request.app.state.hub
    return hub


def refuse_for_other(caller: Caller, agent: str) -> None:
    """Refuse a caller who speaks for an agent that it is not."""
    if not caller.speaks_for(agent):
        raise RefusedError(403, f"the token of {caller.name} does not speak for agent {agent}",
                           f"call the agent {caller.name} or {caller.name}-…")  # fmt: skip


def _refuse_other_sites(request: Request) -> None:
    """Without tokens a page in the user's browser must not reach the server: not by name, not across origins."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if not is_loopback(_parts(f"//{host}").hostname or ""):
        raise RefusedError(403, "without tokens this server answers to localhost only", "make one: styx token create")
    if origin is not None and _parts(origin).netloc != host:
        raise RefusedError(403, "this request comes from another site", "make tokens: styx token create")


def _parts(address: str) -> SplitResult:
    """Return the parts of an address; one that is none has none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def is_loopback(host: str) -> bool:
    """Say whether `host` is this machine, to itself alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
