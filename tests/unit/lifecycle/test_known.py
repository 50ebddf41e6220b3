"""What a state knows: ids as its provider writes them, and parts of machines."""

import json

from styx.clouds import Found
from styx.lifecycle import known
from styx.lifecycle.session import Session
from styx.settings import Settings
from styx.state import Store
from styx.workdir import Workdir

LINK = "https://www.googleapis.com/compute/v1/projects/p/zones/z/disks/d"
STATE = {
    "resources": [
        {"type": "google_compute_instance", "instances": [{"attributes": {"boot_disk": [{"source": LINK}]}}]},
        {"type": "azurerm_x", "instances": [{"attributes": {"id": "/subscriptions/1/resourceGroups/styx-T/vm"}}]},
        {"type": "aws_instance", "instances": [{"attributes": {"id": "i-1", "tags": {"styx-owner": "bob"}}}]},
        {"type": "aws_eip", "instances": [{"attributes": {"id": ""}}]},
    ]
}


def found(identity, part_of=""):
    return Found("machine", identity, "m", "train", part_of=part_of)


def read(tmp_path, text):
    workdir = Workdir(tmp_path / "infra")
    workdir.terraform.mkdir(parents=True)
    if text is not None:
        workdir.state_file.write_text(text)
    with Store.open() as store:
        return known.read(workdir, Session(Settings(), store), tmp_path / "log")


def test_what_the_state_names_in_any_way_is_no_orphan(tmp_path):
    state = read(tmp_path, json.dumps(STATE))
    here = ["i-1", "projects/p/zones/z/disks/d", "/subscriptions/1/RESOURCEGROUPS/styx-t/vm"]
    rows = [*map(found, here), found("vol-1", "i-1"), found("i-2"), found("vol-2", "i-2"), found("disks/d2")]
    assert [one.id for one in state.orphans(rows)] == ["i-2", "vol-2", "disks/d2"]
    assert state.owners == {"bob"}


def test_without_a_state_everything_is_an_orphan(tmp_path):
    assert read(tmp_path, None).orphans([found("i-1")]) == [found("i-1")]


def test_a_state_that_a_killed_terraform_left_empty_knows_nothing(tmp_path):
    assert read(tmp_path, "").orphans([found("i-1")]) == [found("i-1")]
