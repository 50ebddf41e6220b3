"""What a plan in Terraform's JSON form does to what stands."""

import pytest

from styx import clouds
from styx.clouds.effects import Effects
from styx.errors import PolicyError
from styx.review.impact import Impact, impacts, refuse

EFFECTS = Effects(
    data=frozenset({"machine", "disk.volume"}),
    restarts={"machine": frozenset({"size", "script"})},
    unnoticed=frozenset({"rule"}),
)


def change(kind, *actions, name="it", key="", before=None, after=None, **more):
    detail = {"actions": list(actions), "before": before, "after": after}
    detail |= {word: more.pop(word) for word in ("after_unknown", "replace_paths") if word in more}
    address = f"{kind}.{name}" + (f'["{key}"]' if key else "")
    return {"address": address, "type": kind, "name": name, "change": detail, **more}


def labels(*changes, **more):
    return [(one.label, one.causes) for one in impacts({"resource_changes": changes}, EFFECTS, **more)]


def test_what_is_new_is_live_and_what_is_read_or_stays_is_no_change():
    made = change("machine", "create", after={})
    assert labels(made, change("ami", "read"), change("net", "no-op")) == [("live", ())]


def test_a_change_in_place_is_live_unless_the_machine_must_stop_for_it():
    tags = change("machine", "update", before={"tags": 1, "size": "a"}, after={"tags": 2, "size": "a"})
    size = change("machine", "update", before={"tags": 1, "size": "a"}, after={"tags": 2, "size": "b"})
    unknown = change("machine", "update", before={"script": "a"}, after={}, after_unknown={"script": True})
    elsewhere = change("net", "update", before={"size": 1}, after={"size": 2})
    assert labels(tags, size, unknown, elsewhere) == [
        ("live", ()), ("restart", ("size",)), ("restart", ("script",)), ("live", ()),
    ]  # fmt: skip


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_a_replacement_loses_data_where_there_is_some(actions):
    machine = change("machine", *actions, replace_paths=[["zone"], ["disk", 0, "kind"]])
    net = change("net", *actions, replace_paths=[["cidr"]])
    rule, note = change("rule", *actions), change("terraform_data", *actions)
    assert labels(machine, net, rule, note) == [
        ("data-loss", ("disk.0.kind", "zone")), ("replace", ("cidr",)), ("live", ()), ("live", ()),
    ]  # fmt: skip


def test_an_end_is_told_by_what_ends():
    gone = {"action_reason": "delete_because_each_key"}
    volume, boot = change("disk", "delete", name="volume", **gone), change("disk", "delete", name="boot")
    assert labels(volume, boot) == [("data-loss", ("no longer asked for",)), ("replace", ())]


def test_what_is_gone_already_cannot_be_lost():
    lost = change("machine", "delete", "create", key="a-head", action_reason="replace_by_request")
    assert labels(lost, gone=['machine.it["a-head"]']) == [("live", ())]
    assert labels(lost) == [("data-loss", ("asked for",))]


def test_a_thing_is_called_by_its_key():
    assert Impact('aws_instance.machine["a-worker-1"]', "delete", "data-loss").name == "a-worker-1"
    assert Impact("aws_vpc.cluster", "delete", "replace").name == "aws_vpc.cluster"


def test_what_is_forbidden_is_refused_with_all_that_is_worse():
    found = impacts(
        {
            "resource_changes": [
                change("machine", "delete", key="a-head"),
                change("net", "delete", "create", replace_paths=[["cidr"]]),
                change("machine", "update", before={"size": "s3cret"}, after={"size": "b"}),
                change("machine", "create"),
            ]
        },
        EFFECTS,
    )
    refuse(found, ())
    refuse(found[2:], ("replace",))
    with pytest.raises(PolicyError) as refused:
        refuse(found, ("replace",))
    lines = refused.value.message.splitlines()[1:]
    assert lines == ['  data-loss: machine.it["a-head"]', "  replace: net.it (cidr)"]
    with pytest.raises(PolicyError) as refused:
        refuse(found, ("data-loss", "restart"))
    assert "restart: machine.it (size)" in refused.value.message
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize("cloud", clouds.ids())
def test_each_cloud_says_which_resources_hold_data(cloud):
    effects = clouds.by_id(cloud).effects
    assert effects.data
    assert not effects.data & effects.unnoticed
