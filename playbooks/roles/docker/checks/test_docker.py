"""What the role docker promises, seen from the host."""

import pytest


def test_the_service_runs(host):
    assert host.service("docker").is_running
    assert host.service("docker").is_enabled


def test_the_user_talks_to_docker(host):
    assert "docker" in host.user().groups


def test_the_container_runs(host, node):
    if not node.get("docker_image"):
        pytest.skip("the task has no container")
    told = host.check_output("docker container inspect --format %s %s", "{{.State.Running}}", container(node))
    assert told == "true"


def test_a_command_in_it_sees_the_workdir(host, node):
    if not node.get("docker_image"):
        pytest.skip("the task has no container")
    host.run_test("docker exec --workdir %s %s bash -c :", f"{node['styx_home']}/workdir", container(node))


def container(node):
    return f"styx-{node['styx_cluster']}"
