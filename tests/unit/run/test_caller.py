"""The caller's address, asked of a service on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from styx.errors import UsageError
from styx.run import caller


@pytest.fixture
def service():
    """Answer with what the test sets, like the services that tell an address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(server.answer)

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def url(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_the_network_is_the_one_address(service):
    service.answer = b"203.0.113.9\n"
    assert caller.network(url(service)) == "203.0.113.9/32"


@pytest.mark.parametrize("answer", [b"<html>no</html>", b"2001:db8::1", b"", b"203.0.113.9/8"])
def test_anything_else_is_refused_and_the_way_out_named(service, answer):
    service.answer = answer
    with pytest.raises(UsageError, match="no IPv4 address") as caught:
        caller.network(url(service))
    assert "STYX_CALLER_CIDRS" in caught.value.hint


def test_a_service_that_is_not_there_and_one_that_is_not_secret(service):
    service.server_close()
    with pytest.raises(UsageError, match="cannot ask"):
        caller.network(url(service))
    with pytest.raises(UsageError, match="not an https URL"):
        caller.network("http://example.com")
