"""The client of Ray's REST API, against a server that answers as Ray 2.60 does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from styx.errors import HostError
from styx.run.ray import JobInfo, Jobs, Node

TOKEN = "5eed-canary"
RUNNING = {
    "type": "SUBMISSION", "submission_id": "2", "job_id": "02000000", "status": "RUNNING", "message": "Job is running.",
    "start_time": 1795470833726, "end_time": None, "metadata": {"task": "t"}, "driver_exit_code": None,
}  # fmt: skip
FAILED = {**RUNNING, "submission_id": "1", "status": "FAILED", "start_time": 1795470800000, "end_time": 1795470801500,
          "driver_exit_code": 7, "metadata": None, "message": None}  # fmt: skip
DRIVER = {**RUNNING, "type": "DRIVER", "submission_id": None}


def node(address, state="ALIVE", is_head=False, **total):
    return {"ip": address, "raylet": {
        "state": state, "nodeId": f"id-{address}", "nodeManagerAddress": address, "isHeadNode": is_head,
        "resourcesTotal": total,
    }}  # fmt: skip


NODES = {"data": {
    "summary": [
        node("127.77.1.3", CPU=2.0, memory=2147483648.0),
        node("127.77.1.1", is_head=True, CPU=4.0, GPU=1.0, memory=1073741824.0),
        node("127.77.1.2", state="DEAD"),
        {"ip": "127.77.1.4"},
    ],
    "nodeLogicalResources": {"id-127.77.1.1": "1.5/4.0 CPU\n0.0/1.0 GPU\n0B/1.00GiB memory"},
}}  # fmt: skip


class Ray(BaseHTTPRequestHandler):
    """Ray's answers."""

    asked: list
    broken = False

    def do_GET(self):
        self.answer({
            "/api/version": {"version": "4"},
            "/nodes?view=summary": NODES,
            "/api/jobs/": [RUNNING, DRIVER, FAILED],
            "/api/jobs/1": FAILED,
            "/api/jobs/2": RUNNING,
        }.get(self.path))  # fmt: skip

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/api/jobs/":
            self.answer({"submission_id": json.loads(body)["submission_id"]}, body)
        else:
            self.answer({"stopped": self.path == "/api/jobs/2/stop"}, body)

    def answer(self, value, body=b""):
        self.asked.append((self.command, self.path, body))
        right = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        code = 401 if not right else 404 if value is None else 500 if type(self).broken else 200
        text = json.dumps(value).encode() if code == 200 else b"no such job"
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    handler = type("Answers", (Ray,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def address(server):
    return f"127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def jobs(address):
    opened = Jobs(address, TOKEN)
    yield opened
    opened.close()


def test_living_nodes_the_head_first(jobs):
    assert jobs.nodes() == (
        Node("127.77.1.1", True, 4.0, 1.0, 1073741824, {"CPU": 1.5, "GPU": 0.0}),
        Node("127.77.1.3", False, 2.0, 0, 2147483648, {}),
    )


def test_jobs_oldest_first_and_none_that_was_not_submitted(jobs):
    failed, running = jobs.list()
    assert failed == JobInfo("1", "FAILED", "", 7, 1795470800.0, 1795470801.5, {})
    assert failed.has_ended
    assert running == JobInfo("2", "RUNNING", "Job is running.", None, 1795470833.726, None, {"task": "t"})
    assert not running.has_ended


def test_submit_sends_the_entrypoint_and_nothing_else(jobs, server):
    assert jobs.submit("exec python driver.py /jobs/3", "3", {"task": "t"}) == "3"
    [(method, path, body)] = server.RequestHandlerClass.asked
    assert (method, path) == ("POST", "/api/jobs/")
    assert json.loads(body) == {
        "entrypoint": "exec python driver.py /jobs/3", "submission_id": "3", "metadata": {"task": "t"},
    }  # fmt: skip


def test_stop_says_whether_it_ran(jobs):
    assert jobs.stop("2")
    assert not jobs.stop("1")


def test_wait_ends_with_the_job_or_with_patience(jobs):
    assert jobs.wait("1", 5).exit_code == 7
    with pytest.raises(HostError, match=r"job 2 is still RUNNING after 0\.1 s"):
        jobs.wait("2", 0.1, interval_s=0.05)


def test_an_unknown_job_is_an_error_with_ray_s_words(jobs):
    with pytest.raises(HostError, match="answers 404 to /api/jobs/9: no such job"):
        jobs.get("9")


def test_a_wrong_token_is_told_without_it(address):
    jobs = Jobs(address, "wrong-5eed")
    with pytest.raises(HostError, match="refuses this cluster's token") as caught:
        jobs.alive()
    assert "5eed" not in f"{caught.value!r} {caught.value.hint} {jobs!r}"
    jobs.close()


def test_alive_tells_an_answer_from_silence(jobs, server, address):
    assert jobs.alive()
    nobody = Jobs("127.0.0.1:1", TOKEN)
    assert not nobody.alive()
    with pytest.raises(HostError, match="does not answer") as caught:
        nobody.list()
    assert "styx apply" in caught.value.hint


def test_a_proxy_of_the_caller_is_not_asked(jobs, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert jobs.alive()


def test_a_failing_server_is_an_error(jobs, server):
    server.RequestHandlerClass.broken = True
    with pytest.raises(HostError, match="answers 500"):
        jobs.nodes()
