"""The server's description of itself is true: whatever it allows gets a reply that it names, in any order."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import tasks

CASES = 1000
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
def server(tmp_path):
    with tasks.serving(tmp_path) as running:
        yield running


def test_every_route_is_described_with_its_refusals(server):
    status, description = server.ask("GET", "/openapi.json")
    assert status == 200
    for path, methods in description["paths"].items():
        for method, one in methods.items():
            codes = set(one["responses"])
            assert one["description"], path
            assert path == "/healthz" or {"401", "403", "503"} <= codes, (method, path)
            assert "{id}" not in path or {"404", "422"} <= codes, (method, path)
    submit = description["components"]["schemas"]["Submit"]
    assert submit["examples"]
    for example in submit["examples"]:
        assert server.ask("POST", "/api/v1/tasks", example)[0] == 201


@pytest.mark.emulated
def test_a_thousand_stateful_cases_find_no_5xx_and_no_reply_that_is_not_described(server, tmp_path):
    # A follower of a task that waits would wait with it.
    (tmp_path / "schemathesis.toml").write_text("[parameters]\nfollow = false\n")
    words = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json",
        "--phases", "fuzzing,stateful", "--checks", CHECKS,
        "--max-examples", "70", "--seed", "1", "--generation-database", ":memory:", "--no-color",
    ]  # fmt: skip
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert int(re.search(r"(\d+) generated, \1 passed", done.stdout)[1]) >= CASES
    assert re.search(r"API Links: +[1-9]", done.stdout)
    assert server.ask("GET", "/healthz")[1]["status"] == "ok"
    assert json.dumps(server.ask("GET", "/api/v1/tasks")[1])
