"""What is retried and what is not, against a real server of HTTP; and where a token may go."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from styx.agent.client import Address, Client, ServerError
from styx.api.refusal import RefusedError
from styx.errors import UsageError


@pytest.fixture
def answers():
    """Yield the address of a server, and the replies that it gives: a status each, the last one for ever."""
    given, asked = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            status = given.pop(0) if len(given) > 1 else given[0]
            if status is None:
                self.connection.close()
                return
            body = json.dumps({"detail": f"told {status}", "hint": "do this", "state": "queued"}).encode()
            if status == "a page":
                status, body = 200, b"<html>"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}", given, asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("passing", [423, 429, 500, 503, None])
def test_what_passes_is_tried_again(answers, passing):
    url, given, asked = answers
    given += [passing, 200]
    assert Client(Address(url)).post("/x", {})["detail"] == "told 200"
    assert len(asked) == 2


@pytest.mark.parametrize("final", [400, 401, 403, 404, 409, 413, 422])
def test_what_does_not_pass_is_an_error_at_once(answers, final):
    url, given, asked = answers
    given += [final]
    with pytest.raises(RefusedError, match=f"told {final}") as caught:
        Client(Address(url)).post("/x", {})
    assert (caught.value.status, caught.value.hint, caught.value.facts) == (final, "do this", {"state": "queued"})
    assert len(asked) == 1


def test_patience_ends(answers):
    url, given, asked = answers
    given += [503]
    with pytest.raises(RefusedError):
        Client(Address(url), patience_s=0.5).post("/x", {})
    assert 1 < len(asked) < 5
    with pytest.raises(ServerError, match="no answer"):
        Client(Address("http://127.0.0.1:9"), patience_s=0).get("/x")


@pytest.mark.parametrize("url", ["ftp://x", "localhost:1", "", "http://"])
def test_what_is_no_address(url):
    with pytest.raises(UsageError):
        Client(Address(url))


def test_a_token_goes_nowhere_in_clear():
    with pytest.raises(UsageError, match="in clear"):
        Client(Address("http://example.org", "t"))
    for url in ("https://example.org", "http://127.0.0.1:1", "http://localhost"):
        Client(Address(url, "t")).close()


def test_a_page_of_somebody_else_is_no_answer(answers):
    url, given, _ = answers
    given.append("a page")
    with pytest.raises(ServerError, match="no JSON"):
        Client(Address(url), patience_s=0).post("/x", {})
