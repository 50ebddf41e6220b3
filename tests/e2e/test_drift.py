"""What was changed by hand in the cloud that is none, and what Styx says of it."""

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: 2\nresources: {{infra: {place}, cpus: 4+}}\nstyx: {{ray: false}}\n"
KINDS = {
    "aws/us-east-1": ("aws_instance", "tags", {"instance_state": "stopped", "public_ip": ""}),
    "gcp/us-central1": ("google_compute_instance", "labels", {"current_status": "TERMINATED"}),
}


def by_hand(cloudless, kind, name, **changes):  # noqa: F811
    entry = next(entry for entry in cloudless.ledger.entries(kind) if entry.name == name)
    assert changes.keys() <= entry.attributes.keys()
    cloudless.ledger.put(kind, entry.id, entry.attributes | changes)


@pytest.mark.parametrize("place", KINDS)
def test_it_says_what_was_changed_and_what_is_gone_and_touches_nothing(styx, cloudless, place):  # noqa: F811
    kind, tags, stopped = KINDS[place]
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    styx("apply", styx.spec(SPEC.format(place=place)), "--yes")
    assert styx("drift", "task", "--check")[0] == "task: as it was applied\n"
    by_hand(cloudless, kind, "task-worker-1", **stopped)
    assert styx.json("drift", "task") == {"cluster": "task", "drift": []}
    before = cloudless.ledger.entries(kind)[0].attributes[tags]
    by_hand(cloudless, kind, "task-head", **{tags: before | {"styx-cluster": "stolen"}})
    cloudless.remove(kind, "task-worker-1")
    world = cloudless.ledger.entries()
    found = {one["address"]: one for one in styx.json("drift", "task")["drift"]}
    head, worker = (f'{kind}.machine["task-{name}"]' for name in ("head", "worker-1"))
    assert found[worker]["kind"] == "gone"
    (difference,) = found[head]["differences"]
    assert (difference["attribute"], difference["before"]["styx-cluster"]) == (tags, "task")
    assert difference["after"]["styx-cluster"] == "stolen"
    out, err = styx("drift", "task", "--check", code=11)
    assert "  is gone" in out
    assert "task is not as it was applied" in err
    assert f"task: changed by hand: {head}, {worker}" in styx("status", "--refresh")[0]
    (told,) = styx.json("status", "--refresh")
    assert [one["address"] for one in told["drift"]] == [head, worker]
    assert cloudless.ledger.entries() == world
    styx("apply", styx.folder / "task.yaml", "--yes")
    assert styx.json("drift", "task")["drift"] == []
    styx("destroy", "task", "--yes")
