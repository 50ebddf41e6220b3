"""Refusals on the wire: problem+json, with a status that the API's description has, and never a stack trace."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from styx.api.messages import Problem
from styx.api.refusal import RefusedError
from styx.errors import StyxError

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("styx.server")
_TOO_LONG = 300


def response(status: int, detail: str, hint: str = "", facts: Mapping[str, object] | None = None) -> Response:
    """Return the reply that refuses a request."""
    title = HTTPStatus(status).phrase
    body = {**(facts or {}), "type": "about:blank", "title": title, "status": status, "detail": detail, "hint": hint}
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}, 503: {"Retry-After": "1"}}.get(status)
    return Response(json.dumps(body), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return `statuses` for the description of a route."""
    schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": schema} for status in statuses}


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(StyxError, _unable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        description = describe()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        description["components"]["schemas"]["Problem"] = schema
        return description

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual has it


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - it is registered for this class alone
    return response(error.status, error.message, error.hint, error.facts)


async def _unable(_: Request, error: Exception) -> Response:
    _LOG.error("%s", error)
    return response(503, "the server cannot do this now", "try again; the server's log says why")


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    faults = [
        {"where": _place(one["loc"]), "what": str(one["msg"]).removeprefix("Value error, ")[:_TOO_LONG]}
        for one in error.errors()[:50]
    ]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in faults[:5])
    status = 400 if any(one["type"] == "json_invalid" for one in error.errors()) else 422
    return response(status, detail, "see /openapi.json", {"faults": faults})


def _place(path: Sequence[object]) -> str:
    return ".".join(str(part)[:_TOO_LONG] for part in path)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    made = response(error.status_code, str(error.detail), "see /openapi.json")
    made.headers.update(error.headers or {})
    return made


async def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return response(500, "something went wrong in the server", "its log says more; report it with that")
