"""The page at `/`: files of the package, which hold nothing of anybody's."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from styx.api.refusal import RefusedError

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@cache
def _files() -> dict[str, Path]:
    return {path.name: path for path in _FOLDER.iterdir() if path.suffix in _TYPES}


@router.get("/")
async def index() -> Response:
    """Send the page."""
    return _file("index.html")


@router.get("/page/{name}")
async def part(name: str) -> Response:
    """Send what the page is made of."""
    return _file(name)


def _file(name: str) -> Response:
    path = _files().get(name)
    if path is None:
        raise RefusedError(404, "the page has no such part", "open /")
    return Response(path.read_bytes(), headers=_HEADERS, media_type=_TYPES[path.suffix])
