"""A host is given back without anything that a role put into the system."""

import re

import yaml

from styx import paths
from styx.lifecycle.leases import MADE_PATHS

ROLES = paths.playbooks() / "roles"
KEPT = {
    "buckets": ("/etc/fuse.conf",),  # a right that others may have come to use
    "docker": ("/etc/apt/keyrings/docker.asc", "/etc/apt/sources.list.d/docker.list"),  # as the packages are
}
OTHERS = {"nvidia"}  # drivers stay: the host needs them for what it is


def defaults():
    return yaml.safe_load((ROLES / "release" / "defaults" / "main.yml").read_text())


def written():
    """Yield (role, path) of every file below /etc that a role's tasks write."""
    for path in sorted(ROLES.glob("*/tasks/*.yml")):
        role = path.parts[-3]
        found = re.findall(r"^\s+(?:dest|path): (/etc/\S+)$", path.read_text(), re.MULTILINE)
        yield from ((role, one) for one in found if role not in OTHERS | {"release"})


def test_every_file_of_the_system_that_a_role_writes_is_removed():
    removed = set(defaults()["release_files"])
    assert {role for role, _ in written()} >= {"base", "hardening", "ray"}
    for role, path in written():
        is_unit = re.fullmatch(r"/etc/systemd/system/styx-[a-z-]+\.service", path)
        is_folder = any(one.startswith(f"{path}/") for one in removed)
        assert is_unit or is_folder or path in removed or path in KEPT.get(role, ()), f"{role} leaves {path}"


def test_a_lease_remembers_which_of_the_removed_folders_were_there():
    assert set(defaults()["release_paths"]) <= set(MADE_PATHS)
