"""What the role ray promises, seen from the host."""

import json

import pytest

NODES = """\
import json, sys, urllib.request
asked = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + open(sys.argv[2]).read()})
answer = json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=20))
print(sum(node.get("raylet", {}).get("state") == "ALIVE" for node in answer["data"]["summary"]))
"""


@pytest.mark.parametrize("name", ["token", "ray.env"])
def test_its_files_are_private(host, node, name):
    found = host.file(f"{node['styx_home']}/.styx/ray/{name}")
    assert found.is_file
    assert found.mode == 0o600


def test_the_service_runs(host, node):
    if node["styx_init"] != "machine":
        assert host.service("styx-ray").is_running
        return
    folder = node["styx_folder"]
    answer = host.check_output("python3 %s status %s ray", f"{folder}/machine.py", folder)
    assert json.loads(answer)["services"]["ray"]["state"] == "running"


def dashboard(node):
    address = node["styx_address"] if node["styx_init"] == "machine" else "127.0.0.1"
    return f"http://{address}:{int(node['styx_port']) + 1}"


def test_nobody_gets_in_without_the_token(host, node):
    if node["styx_role"] != "head":
        pytest.skip("the dashboard is on the head")
    asked = "import sys, urllib.request; urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1])"
    url = f"{dashboard(node)}/api/jobs/"
    refused = host.run("python3 -c %s %s", asked, url)
    assert refused.rc != 0
    assert "401" in refused.stderr


def test_all_nodes_are_alive(host, node):
    if node["styx_role"] != "head":
        pytest.skip("the head is asked")
    url = f"{dashboard(node)}/nodes?view=summary"
    alive = host.check_output("python3 -c %s %s %s", NODES, url, f"{node['styx_home']}/.styx/ray/token")
    nodes = len(node["groups"]["all"])
    assert int(alive) == nodes, f"{alive} of {nodes} nodes are alive"
