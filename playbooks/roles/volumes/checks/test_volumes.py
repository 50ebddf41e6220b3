"""What the role volumes promises, seen from the host."""

import pytest


def test_every_disk_is_mounted_and_the_users(host, node):
    if not node.get("styx_volumes"):
        pytest.skip("the machine has no further disk")
    user = host.check_output("id -un")
    table = host.file("/etc/fstab").content_string
    for disk in node["styx_volumes"]:
        assert host.mount_point(disk["path"]).exists, disk["path"]
        assert host.file(disk["path"]).user == user
        assert f" {disk['path']} ext4 " in table
