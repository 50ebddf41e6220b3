"""A server of Terraform states over HTTP, with locking and a password: what GitLab and others do, in memory."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class StateServer(ThreadingHTTPServer):
    """Keeps one state a path; only the holder of a path's lock may write it."""

    daemon_threads = True

    def __init__(self, password=""):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.states, self.locks, self.password = {}, {}, password
        self.is_full = False
        """Whether it takes no state any more."""
        self.patience = 0
        """After so many refused locks the holder lets go; 0 for never."""
        self.mutex = threading.Lock()

    @property
    def address(self):
        """Where the states are; ends in a slash."""
        return f"http://127.0.0.1:{self.server_port}/states/"

    def state(self, cluster):
        """Return what is kept for one cluster."""
        return json.loads(self.states[f"/states/{cluster}"])

    def lock(self, cluster, **info):
        """Hold a cluster's lock, as another Terraform would."""
        self.locks[f"/states/{cluster}"] = info


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_words):
        """Say nothing."""

    def _answer(self, code, body=b""):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wanted = "Basic " + base64.b64encode(f"styx:{self.server.password}".encode()).decode()
        if self.server.password and self.headers.get("Authorization") != wanted:
            return self._answer(401 if "Authorization" not in self.headers else 403)
        with self.server.mutex:
            return self._answer(*self._done(body))

    def _done(self, body):
        """Return the code and the body of the answer."""
        parts = urlsplit(self.path)
        path, asked = parts.path, parse_qs(parts.query).get("ID", [""])[0]
        states, locks = self.server.states, self.server.locks
        if self.command == "GET":
            return (200, states[path]) if path in states else (404, b"")
        info = json.loads(body) if self.command in ("LOCK", "UNLOCK") and body else {}
        holder = locks.get(path)
        if holder and holder["ID"] != info.get("ID", asked):
            if self.command == "LOCK" and self.server.patience == 1:
                del locks[path]
            self.server.patience -= 1
            return 423, json.dumps(holder).encode()
        if self.command == "LOCK":
            locks[path] = info
        elif self.command == "UNLOCK":
            locks.pop(path, None)
        else:
            return self._written(path, body) if holder else (409, b"not locked")
        return 200, b""

    def _written(self, path, body):
        if self.server.is_full:
            return 507, b""
        if self.command == "POST":
            self.server.states[path] = body
        else:
            self.server.states.pop(path, None)
        return 200, b""


for _method in ("GET", "POST", "DELETE", "LOCK", "UNLOCK"):
    setattr(_Handler, f"do_{_method}", _Handler._handle)


@contextmanager
def state_server(password=""):
    """Serve states until the body ends."""
    server = StateServer(password)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
