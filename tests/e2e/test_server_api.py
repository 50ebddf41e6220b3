"""The server's description of itself is true: whatever it allows gets a reply that it names, in any order."""

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.e2e import tasks
from tests.e2e.user import CACHE

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


GENERATOR = "0.29.1"
LIFE = """
import sys
from styx_task_server_client import Client
from styx_task_server_client.api.agents import claim, heartbeat, report
from styx_task_server_client.api.tasks import pending, show, submit
from styx_task_server_client.models import Claim, Heartbeat, Lease, Result, Submit

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
made = submit.sync(client=client, body=Submit(command="echo hi", labels=["made"]))
assert [one.id for one in pending.sync(client=client).tasks] == [made.id]
(task,) = claim.sync(client=client, body=Claim(agent="a1", labels=["made"])).tasks
assert (task.id, task.command, task.attempt) == (made.id, "echo hi", 1)
beat = Heartbeat(agent="a1", tasks=[Lease(id=task.id, lease=task.lease)])
assert heartbeat.sync(client=client, body=beat).lost == []
assert show.sync(id=task.id, client=client).state == "running"
result = Result(agent="a1", lease=task.lease, attempt=1, exit_code=0, output="hi")
assert report.sync(id=task.id, client=client, body=result).state == "succeeded"
assert show.sync(id=task.id, client=client).output == "hi"
wrong = Result(agent="a2", lease=task.lease, attempt=1, exit_code=0)
assert report.sync_detailed(id=task.id, client=client, body=wrong).status_code == 409
"""


@pytest.mark.emulated
def test_a_client_made_from_the_description_runs_the_life_of_a_task(server, tmp_path):
    folder = CACHE / f"openapi-python-client-{GENERATOR}-py{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / "bin" / "openapi-python-client").exists():
        venv.create(folder, with_pip=True, clear=True)
        words = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-compile"]
        subprocess.run([*words, f"openapi-python-client=={GENERATOR}"], check=True)
    words = [folder / "bin" / "openapi-python-client", "generate", "--url", f"{server.url}/openapi.json"]
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    made = subprocess.run([*words, "--meta", "none", "--output-path", tmp_path / "styx_task_server_client"],
                          cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True)  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout + made.stderr, made.stdout + made.stderr
    (tmp_path / "life.py").write_text(LIFE)
    words = [folder / "bin" / "python", "life.py", server.url]
    lived = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert lived.returncode == 0, lived.stderr
