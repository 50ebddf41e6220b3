import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from styx.errors import CredentialError, UsageError
from styx.run import pull_request

MARKER = "<!-- styx-diff -->"


class Notes(BaseHTTPRequestHandler):
    """The notes of a pull request, as both forges keep them."""

    def _answer(self, value, code=200):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _text(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def do_GET(self):
        if "Bearer good" not in (self.headers["Authorization"], f"Bearer {self.headers['PRIVATE-TOKEN']}"):
            self._answer({"message": "no"}, 403)
            return
        page = int(self.path.rpartition("page=")[2])
        notes = self.server.notes
        self._answer([{"id": number, "body": notes[number]} for number in sorted(notes)][100 * (page - 1) : 100 * page])

    def do_POST(self):
        number = max(self.server.notes, default=0) + 1
        self.server.notes[number] = self._text()
        self._answer({"id": number}, 201)

    def do_PUT(self):
        self.server.notes[int(self.path.rpartition("/")[2])] = self._text()
        self._answer({})

    def do_PATCH(self):
        self.do_PUT()

    def log_message(self, *_words):
        pass


@pytest.fixture
def server():
    server = HTTPServer(("127.0.0.1", 0), Notes)
    server.notes = dict.fromkeys(range(1, 151), "another's")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def forges(server, token="good"):
    url = f"http://127.0.0.1:{server.server_port}"
    here = {"GITHUB_API_URL": url, "GITHUB_REPOSITORY": "a/b", "PULL_REQUEST": "7", "GITHUB_TOKEN": token}
    there = {"CI_API_V4_URL": url, "CI_PROJECT_ID": "9", "CI_MERGE_REQUEST_IID": "7", "STYX_GITLAB_TOKEN": token}
    return pull_request.github(here), pull_request.gitlab(there)


@pytest.mark.parametrize("which", [0, 1])
def test_a_comment_is_written_once_and_then_updated(server, which):
    forge = forges(server)[which]
    assert pull_request.write(forge, f"{MARKER}\none", MARKER) == "created"
    assert pull_request.write(forge, f"{MARKER}\ntwo", MARKER) == "updated"
    assert server.notes.pop(151) == f"{MARKER}\ntwo"
    assert set(server.notes.values()) == {"another's"}


def test_a_refusal_is_one_of_credentials(server):
    with pytest.raises(CredentialError, match="403"):
        pull_request.write(forges(server, "bad")[0], "x", MARKER)


def test_what_a_pipeline_does_not_give_is_named():
    with pytest.raises(UsageError, match="PULL_REQUEST"):
        pull_request.github(
            {"GITHUB_API_URL": "https://api.github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "t"}
        )
    forge = pull_request.Forge("http://example.org", "", "PUT", {})
    with pytest.raises(UsageError, match="not an https"):
        pull_request.write(forge, "x", MARKER)
