"""Failover on the cloud that is none: what is refused is taken away again, then the next of the ladder is tried."""

import json

import pytest

from tests.cloudless.fixtures import cloudless, cloudless_images  # noqa: F401 - fixtures

pytestmark = pytest.mark.emulated

SPEC = "num_nodes: {nodes}\nresources: {{infra: aws{place}, cpus: 4}}\nstyx: {{ray: false}}\n"
SHORT = SPEC.replace("cpus: 4", "instance_type: m5.large").replace("{place}", "/us-west-1{place}")
"""A ladder of two or three zones."""
MACHINE = "aws_instance"


@pytest.fixture
def user(cloudless, styx):  # noqa: F811
    """Give a user whose clouds are none; what is left is destroyed while the cloud is still there."""
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": "203.0.113.4/32"}
    yield styx
    cloudless.heal()


def lock(user):
    return json.loads((user.folder / "infra" / "task" / "styx.lock.json").read_text())


def events(user, what):
    lines = (user.home / "state" / "journal" / "task.jsonl").read_text().splitlines()
    return [event for line in lines if (event := json.loads(line))["what"] == what]


def place(entry):
    return entry["placement"]["region"], entry["placement"]["groups"][0]["zone"]


def test_no_capacity_twice_then_the_third_candidate_stands_and_is_what_is_committed(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="/us-east-1", nodes=1))
    user("render", spec)
    first = lock(user)
    expected = [place(first), *((one["region"], one["groups"][0]["zone"]) for one in first["ladder"])]
    cloudless.fail("no_capacity", MACHINE, times=2)
    _, err = user("apply", spec, "--yes")
    assert err.count("InsufficientInstanceCapacity") == 2
    assert [event["detail"]["machines"][0]["zone"] for event in events(user, "rung") if event["phase"] == "begin"] == [
        zone for _, zone in expected[:3]
    ]
    assert place(lock(user)) == expected[2]
    ends = [event["detail"] for event in events(user, "terraform destroy") if event["phase"] == "end"]
    assert len(ends) == 2
    assert all(detail["resources"] > 0 for detail in ends)
    assert cloudless.ledger.names(MACHINE) == ["task-head"]
    made = [call["type"] for call in cloudless.calls("create")]
    gone = [call["type"] for call in cloudless.calls("delete")]
    assert sorted(made) == sorted([*gone, *(entry.type for entry in cloudless.ledger.entries())])
    # The next plan and apply stay with the winner, though the first choice has capacity again.
    user("plan", spec, "--detailed-exitcode")
    user("apply", spec, "--yes")
    assert place(lock(user)) == expected[2]
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_no_capacity_anywhere_gives_a_reason_a_candidate_and_leaves_nothing(user, cloudless):  # noqa: F811
    spec = user.spec(SHORT.format(place="", nodes=2))
    cloudless.fail("no_capacity", MACHINE, "task-worker-1")
    _, err = user("apply", spec, "--yes", code=3)
    begun = [event for event in events(user, "rung") if event["phase"] == "begin"]
    assert len(begun) >= 2
    told = err[err.index("nothing could be had") :]
    assert told.count("capacity: InsufficientInstanceCapacity") == len(begun)
    assert cloudless.ledger.entries() == []
    assert user.json("status") == []


def test_a_clean_up_that_fails_stops_everything_and_names_what_remains(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="/us-east-1", nodes=2))
    cloudless.fail("no_capacity", MACHINE, "task-worker-1")
    cloudless.fail("other", MACHINE, on="delete", text="the machine does not want to go")
    _, err = user("apply", spec, "--yes", code=9)
    (machine,) = cloudless.ledger.entries(MACHINE)
    assert f'aws_instance.machine["task-head"] ({machine.id})' in err
    assert "the machine does not want to go" in err
    assert len([event for event in events(user, "rung") if event["phase"] == "begin"]) == 1
    last = cloudless.calls()[-1]["call"]
    assert last == "delete"
    (record,) = user.json("status")
    assert record["status"] == "degraded"
    _, err = user("destroy", "task", "--yes", code=9)
    assert machine.id in err
    cloudless.heal()
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_bad_credentials_are_tried_once_a_cloud(user, cloudless):  # noqa: F811
    cloudless.fail("credentials", "aws", on="configure")
    _, err = user("apply", user.spec(SPEC.format(place="", nodes=1)), "--yes", code=5)
    assert err.count("terraform plan: FAILED") == 1
    assert cloudless.ledger.entries() == []
    assert user.json("status") == []


def test_a_quota_skips_the_region_and_not_the_zone_only(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="", nodes=1))
    user("render", spec)
    ladder = lock(user)["ladder"]
    first = place(lock(user))[0]
    assert ladder[0]["region"] == first  # another zone comes first
    cloudless.fail("quota", MACHINE, times=1)
    user("apply", spec, "--yes")
    begun = [event["detail"]["place"] for event in events(user, "rung") if event["phase"] == "begin"]
    assert begun[0] == f"aws/{first}"
    assert len(begun) == 2
    assert begun[1] != begun[0]
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []


def test_without_failover_the_first_choice_alone_is_tried_and_no_part_of_it_stays(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="/us-east-1", nodes=4))
    cloudless.fail("no_capacity", MACHINE, "task-worker-3")
    _, err = user("apply", spec, "--yes", "--no-failover", code=3)
    assert "has no such machine free now" in err
    assert len([event for event in events(user, "rung") if event["phase"] == "begin"]) == 1
    assert cloudless.calls("create", MACHINE)
    assert cloudless.ledger.entries() == []


def test_retry_until_up_begins_again_with_the_first_rung(user, cloudless):  # noqa: F811
    spec = user.spec(SHORT.format(place="", nodes=1))
    user("render", spec)
    rungs = 1 + len(lock(user)["ladder"])
    cloudless.fail("no_capacity", MACHINE, times=rungs + 1)
    _, err = user("apply", spec, "--yes", "--retry-until-up", STYX_RETRY_WAIT_S="0.1")
    assert "next try in 0.1 s" in err
    assert cloudless.ledger.names(MACHINE) == ["task-head"]
    user("destroy", "task", "--yes")


def test_what_stands_is_never_taken_away_for_what_is_added(user, cloudless):  # noqa: F811
    spec = user.spec(SPEC.format(place="/us-east-1", nodes=2))
    user("apply", spec, "--yes")
    before = {entry.id for entry in cloudless.ledger.entries(MACHINE)}
    cloudless.fail("no_capacity", MACHINE, "task-worker-2")
    spec.write_text(SPEC.format(place="/us-east-1", nodes=3))
    user("apply", spec, "--yes", code=3)
    assert {entry.id for entry in cloudless.ledger.entries(MACHINE)} == before
    cloudless.heal()
    user("apply", spec, "--yes")
    assert len(cloudless.ledger.entries(MACHINE)) == 3
    assert before < {entry.id for entry in cloudless.ledger.entries(MACHINE)}
    user("destroy", "task", "--yes")
    assert cloudless.ledger.entries() == []
