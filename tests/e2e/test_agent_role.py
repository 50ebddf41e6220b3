"""The role agent on a real host: it takes tasks with its token and its secrets, drains, and comes back."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from styx import paths
from tests.e2e import tasks
from tests.e2e.test_server import token
from tests.e2e.user import CACHE
from tests.hosts import farm as farms
from tests.hosts import wheels

pytestmark = [pytest.mark.root, pytest.mark.hosts]

SECRET = 'a "quoted" $HOME \\ back'


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    farm = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", number=28)
    try:
        farm.start(1)
        with wheels.served(farm, CACHE / "hosts", wheels.fetched_for_styx):
            yield farm.nodes[0]
    finally:
        farm.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    found = tasks.Server(tmp_path_factory.mktemp("server"))
    found.agent_token, found.admin = token(found, "n1", "agent"), token(found, "root", "admin")
    found.start()
    yield found
    found.stop()


@contextlib.contextmanager
def tunnel(node, port):
    """Let the host reach a port of this machine as 8417 of its own: without TLS a token goes nowhere else."""
    words = [*node.farm.ssh("debian", node.address)]
    process = subprocess.Popen(
        [*words[:-1], "-N", "-o", "ExitOnForwardFailure=yes", "-R", f"8417:127.0.0.1:{port}", words[-1]]
    )
    try:
        end = time.monotonic() + 30
        while "8417" not in node.run("ss", "-Hltn"):
            assert time.monotonic() < end
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def play(node, server, wheel, **variables):
    """Run the playbook as anybody would; return how many tasks changed something."""
    inventory = server.folder / "inventory.json"
    values = {
        "ansible_host": node.address, "ansible_user": "debian", "ansible_ssh_private_key_file": str(node.farm.key),
        "ansible_python_interpreter": "/usr/bin/python3", "agent_package": str(wheel), "agent_labels": ["here"],
        "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        "agent_secrets": {"WORD": SECRET}, "agent_concurrency": 2, **variables,
    }  # fmt: skip
    inventory.write_text(json.dumps({"all": {"hosts": {node.name: values}}}))
    environment = {
        **os.environ, "STYX_SERVER_URL": "http://127.0.0.1:8417", "STYX_TOKEN": server.agent_token,
        "ANSIBLE_ROLES_PATH": str(paths.playbooks() / "roles"),
    }  # fmt: skip
    words = [Path(sys.executable).with_name("ansible-playbook"), "-i", inventory, paths.playbooks() / "agent.yml"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.agent_token not in done.stdout
    assert SECRET not in done.stdout
    return int(done.stdout.rpartition("changed=")[2].split()[0])


def submit(server, command, **wishes):
    status, told = server.ask("POST", "/api/v1/tasks", {"command": command, "labels": ["here"], **wishes}, server.admin)
    assert status == 201, told
    return told["id"]


def until(server, task_id, *states):
    end = time.monotonic() + 120
    while (task := server.ask("GET", f"/api/v1/tasks/{task_id}", None, server.admin)[1])["state"] not in states:
        assert time.monotonic() < end, task
        time.sleep(0.2)
    return task


def test_an_agent_on_a_host(node, server, tmp_path):
    words = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--wheel-dir", tmp_path, wheels.CHECKOUT]
    subprocess.run(words, check=True)
    (wheel,) = tmp_path.glob("styx_infra-*.whl")
    with tunnel(node, server.port):
        assert play(node, server, wheel) > 0
        done = until(server, submit(server, 'id -un; printf %s "$WORD" | wc -c', secrets=["WORD"]), "succeeded")
        assert done["output"] == f"styx-agent\n{len(SECRET)}\n"
        assert play(node, server, wheel) == 0

        checks = paths.playbooks() / "roles" / "agent" / "checks"
        hosts = f"ansible://all?ansible_inventory={server.folder / 'inventory.json'}"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # testinfra asks Ansible for the hosts
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hosts", hosts, checks]
        looked = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True,
                                env={**os.environ, "PATH": path})  # fmt: skip
        assert looked.returncode == 0, looked.stdout + looked.stderr

        running = submit(server, "sleep 8; echo drained")
        until(server, running, "running")
        assert play(node, server, wheel, agent_concurrency=3) > 0  # a restart, which waits for what runs
        assert until(server, running, "succeeded")["attempt"] == 1
        assert until(server, submit(server, "echo back"), "succeeded")["output"] == "back\n"
