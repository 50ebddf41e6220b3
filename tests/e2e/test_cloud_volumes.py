"""Further disks stay what they are, whatever comes and goes beside them: on each cloud that has them."""

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


def mounts(module):
    (head,) = module.inventory()["all"]["children"]["head"]["hosts"].values()
    return {one["path"]: one["device"] for one in head["styx_volumes"]}


@pytest.mark.parametrize("place", CLOUDS)
def test_a_disk_before_others_and_one_taken_away_touch_no_other(place, tmp_path, cloudless):  # noqa: F811
    kinds = CLOUDS[place]
    project = {"TF_VAR_project_id": "project-e00styxtests", "NEBIUS_IAM_TOKEN": "secret_styx_tests"}
    module = Module(tmp_path / "infra", {**cloudless.env, **project})
    module.render(spec(place, "/data", "/old/papers", "/scratch"))
    module.terraform("init")
    module.apply()
    assert len(set(mounts(module).values())) == 3

    module.render(spec(place, "/new", "/scratch", "/old/papers"))  # the first one gone, the others turned round
    found = module.changes()
    made, gone = ([address for address, actions in found.items() if actions == [one]] for one in ("create", "delete"))
    assert len(made) == len(gone) == len(kinds)
    assert all("new" in address.partition("[")[2] for address in made)
    assert all("data" in address.partition("[")[2] for address in gone)
    rest = found.keys() - {*made, *gone}
    assert not any(address.startswith(kinds) for address in rest)
    assert all(found[address] == ["update"] for address in rest)
