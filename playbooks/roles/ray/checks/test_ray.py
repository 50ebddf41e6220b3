"""What the role ray promises, seen from the host."""

import json

import pytest


@pytest.mark.parametrize("name", ["token", "ray.env"])
def test_its_files_are_private(host, node, name):
    found = host.file(f"{node['styx_home']}/.styx/ray/{name}")
    assert found.is_file
    assert found.mode == 0o600


def test_the_service_runs(host, node):
    if node["styx_init"] != "machine":
        assert host.service("ray").is_running
        return
    folder = node["styx_folder"]
    answer = host.check_output("python3 %s status %s ray", f"{folder}/machine.py", folder)
    assert json.loads(answer)["services"]["ray"]["state"] == "running"


def test_nobody_gets_in_without_the_token(host, node):
    if node["styx_role"] != "head":
        pytest.skip("the dashboard is on the head")
    asked = "import sys, urllib.request; urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1])"
    url = f"http://{node['styx_address']}:{int(node['styx_port']) + 1}/api/jobs/"
    refused = host.run("python3 -c %s %s", asked, url)
    assert refused.rc != 0
    assert "401" in refused.stderr
