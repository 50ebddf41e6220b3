"""What pytest reports of the checks is read as ok, failed or skipped, with the reason."""

import pytest

from styx.verify.checks import verify

INVENTORY = """
all:
  vars: {ansible_connection: local}
  hosts:
    demo-head: {styx_folder: FOLDER, styx_role: worker, styx_init: machine}
"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "home" / ".styx").mkdir(parents=True)
    (tmp_path / "home" / ".styx").chmod(0o700)
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(INVENTORY.replace("FOLDER", str(tmp_path)))
    return verify(inventory, ["workspace"], ["demo-head"], tmp_path / "log")


def test_a_skipped_check_is_not_ok_and_not_failed(found):
    results = {check.name: check for check in found.checks}
    skipped = results["setup succeeded"]
    assert (skipped.result, skipped.message, skipped.role) == ("skipped", "the task has no setup", "workspace")
    guard = results["the guard is there"]
    assert (guard.result, guard.host) == ("failed", "demo-head")
    assert guard.message
    assert skipped not in found.failed
    assert guard in found.failed
    assert results["folders are private: .styx"].result == "ok"
