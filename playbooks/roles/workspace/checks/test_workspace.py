"""What the role workspace promises, seen from the host."""

import pytest


@pytest.mark.parametrize("folder", ["workdir", ".styx", ".styx/bin", ".styx/jobs"])
def test_folders_are_private(host, node, folder):
    found = host.file(f"{node['styx_home']}/{folder}")
    assert found.is_directory
    assert found.mode == 0o700


def test_the_guard_is_there(host, node):
    found = host.file(f"{node['styx_home']}/.styx/bin/guard.py")
    assert found.is_file
    assert found.mode == 0o600


def test_setup_succeeded(host, node):
    if not node.get("workspace_setup"):
        pytest.skip("the task has no setup")
    assert host.file(f"{node['styx_home']}/.styx/setup.json").is_file
