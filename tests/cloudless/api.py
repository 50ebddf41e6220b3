"""What a cloud's own API answers of the world that its provider without a cloud makes: lists, and ends.

The replies have the shapes that the clouds document; pages are short, some answers are refusals that pass, and what
was made can stay unseen for a while, as clouds have it.
"""

import datetime as dt
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.cloudless.ledger import Entry
from tests.cloudless.world import World

PAGE = 2

Answer = tuple[int, Any]


@dataclass
class Asked:
    """One question, read."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]


@dataclass
class Api:
    """A cloud's API on loopback."""

    world: World
    answer: Callable[["Api", Asked], Answer]
    url: str = ""
    hidden_s: float = 0
    """How long what was made is not listed."""
    busy: int = 0
    """How many of the next questions are refused in passing."""
    refused: dict[str, Answer] = field(default_factory=dict)
    """The end of a path → what a question to end that is answered."""
    asked: list[Asked] = field(default_factory=list)

    def visible(self, *types: str) -> list[Entry]:
        """Return what exists and can be seen by now."""
        entries = self.world.ledger.entries(*types)
        return [entry for entry in entries if self.world.ledger.made_at(entry) + self.hidden_s <= time.time()]

    def made(self, entry: Entry) -> str:
        """Return when it was made, as APIs write it."""
        moment = dt.datetime.fromtimestamp(self.world.ledger.made_at(entry), dt.UTC)
        return moment.isoformat(timespec="milliseconds")

    def end(self, entry: Entry) -> None:
        """Take it away."""
        self.world.ledger.remove(entry.type, entry.id)
        self.world.note(call="swept", type=entry.type, id=entry.id, name=entry.name)

    def reply(self, asked: Asked) -> Answer:
        """Answer one question, or be busy."""
        self.asked.append(asked)
        if self.busy > 0:
            self.busy -= 1
            return (
                (503, {"error": {"message": "busy"}}) if self.busy % 2 else (429, {"error": {"message": "slow down"}})
            )
        return self.answer(self, asked)


def page(rows: list[Any], token: str) -> tuple[list[Any], str]:
    """Return one short page, and the token of the next, empty at the end."""
    start = int(token or 0)
    return rows[start : start + PAGE], str(start + PAGE) if start + PAGE < len(rows) else ""


def serve(api: Api, tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    """Start to answer on a free port, over TLS where a context is given, and fill in the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            parts = urlsplit(self.path)
            body = json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            status, told = api.reply(asked)
            answer = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            if status in {429, 503}:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_DELETE = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    api.url = f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    return server
