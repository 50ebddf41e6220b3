"""Without a cloud's library the answer is how to get it."""

import sys

import pytest

from styx import clouds
from styx.errors import ToolMissingError

LIBRARIES = {"aws": "boto3", "azure": "azure.identity", "gcp": "google.auth", "nebius": "nebius.sdk"}


@pytest.mark.parametrize("cloud", LIBRARIES)
def test_a_library_that_is_not_installed_is_named_with_its_extra(cloud, monkeypatch):
    monkeypatch.setitem(sys.modules, LIBRARIES[cloud], None)
    with pytest.raises(ToolMissingError, match="is not installed") as caught:
        clouds.by_id(cloud).account()
    assert f"styx-infra[{cloud}]" in caught.value.hint


@pytest.mark.parametrize("cloud", clouds.ids())
def test_where_machines_can_be_forgotten_somebody_can_look_by_hand_too(cloud):
    record = clouds.by_id(cloud)
    assert (record.account is None) == record.is_own
    assert bool(record.find_command) == (record.account is not None)
    assert "{" not in record.find_command.format(cluster="train", region="r1")
