"""What the role buckets promises, seen from the host."""

import pytest


def test_its_configuration_is_private(host, node):
    if not node.get("buckets_mounts"):
        pytest.skip("the task has no bucket")
    found = host.file(f"{node['styx_home']}/.styx/rclone.conf")
    assert found.is_file
    assert found.mode == 0o600


def test_every_bucket_is_in_its_place(host, node):
    if not node.get("buckets_mounts"):
        pytest.skip("the task has no bucket")
    for mount in node["buckets_mounts"]:
        target = mount["target"].removeprefix("~/")
        path = f"{node['styx_home']}/{target if mount['target'].startswith('~/') else f'workdir/{target}'}"
        path = target if target.startswith("/") else path
        if mount["mode"] == "COPY":
            assert host.file(path).exists, path
        else:
            assert host.check_output("findmnt -n -o FSTYPE --mountpoint %s", path) == "fuse.rclone"
