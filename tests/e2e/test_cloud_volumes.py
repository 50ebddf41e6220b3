"""Further disks stay what they are, whatever comes and goes beside them: on each cloud that has them."""

import json

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.module import Module

pytestmark = pytest.mark.emulated

CLOUDS = {
    "aws/us-east-1": ("aws_ebs_volume", "aws_volume_attachment"),
    "azure/eastus": ("azurerm_managed_disk", "azurerm_virtual_machine_data_disk_attachment"),
    "gcp/us-central1": ("google_compute_disk", "google_compute_attached_disk"),
    "nebius/eu-north1": ("nebius_compute_v1_disk",),
}
"""Place → the kinds of resources that further disks are."""


def spec(place, *paths):
    volumes = ", ".join(f"{{path: {path}, disk_size: 20}}" for path in paths)
    return f"resources: {{infra: {place}, cpus: 4, volumes: [{volumes}]}}\n"


def disks(cloud, kinds):
    """Return all that exists of these kinds: address → id and attributes."""
    return {(one.type, one.id): json.dumps(one.attributes) for kind in kinds for one in cloud.ledger.entries(kind)}


def mounts(module):
    (head,) = module.inventory()["all"]["children"]["head"]["hosts"].values()
    return {one["path"]: one["device"] for one in head["styx_volumes"]}


@pytest.mark.parametrize("place", CLOUDS)
def test_a_disk_before_others_and_one_taken_away_touch_no_other(place, tmp_path, cloudless):  # noqa: F811
    kinds = CLOUDS[place]
    project = {"TF_VAR_project_id": "project-e00styxtests", "NEBIUS_IAM_TOKEN": "secret_styx_tests"}
    module = Module(tmp_path / "infra", {**cloudless.env, **project})
    module.render(spec(place, "/data", "/old/papers"))
    module.init()
    module.apply()
    before, mounted = disks(cloudless, kinds), mounts(module)
    assert len(set(mounted.values())) == 2

    module.render(spec(place, "/new", "/data", "/old/papers"))
    changed = {address: actions for address, actions in module.changes().items() if actions != ["update"]}
    assert changed
    assert set(map(tuple, changed.values())) == {("create",)}
    module.apply()
    after = disks(cloudless, kinds)
    assert before.items() <= after.items()
    assert {path: mounts(module)[path] for path in mounted} == mounted

    module.render(spec(place, "/old/papers", "/new"))  # the first one gone, the others turned round
    changed = {address: actions for address, actions in module.changes().items() if actions != ["update"]}
    assert set(map(tuple, changed.values())) == {("delete",)}
    assert len(changed) == len(kinds)
    assert all("data" in address.partition("[")[2] for address in changed)
