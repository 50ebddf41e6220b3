"""What a plan carries, and that the same input gives the same bytes."""

import json
import subprocess
import sys

import pytest

from styx.errors import SpecError
from styx.optimizer import Conditions, blocked, choose, top, why_not
from styx.optimizer.flows import flows
from styx.plan import Plan
from styx.spec import loads

SPEC = "name: t\nresources: {cpus: 8}"
CLOUDS = ("aws", "gcp")


@pytest.fixture
def catalog(planted, offer):
    regions = ["us-east-1", "us-east-2", "us-west-2"]
    aws = [offer("aws", region, name, hourly_usd=1.0, zones=[f"{region}a"]) for region in regions for name in "abc"]
    return planted(*aws, offer("gcp", "us-central1", "n", hourly_usd=1.0, spot_hourly_usd=0.4))


def bytes_of(plan):
    return json.dumps(plan.to_json()).encode()


def test_the_same_query_gives_the_same_bytes_and_they_replay(catalog, planted, offer):
    plan = choose(loads(SPEC), catalog, CLOUDS)
    assert bytes_of(plan) == bytes_of(choose(loads(SPEC), catalog, CLOUDS))
    assert bytes_of(Plan.from_json(json.loads(bytes_of(plan)))) == bytes_of(plan)
    backwards = planted(*reversed(catalog.offers))
    assert choose(loads(SPEC), backwards, CLOUDS).tasks == plan.tasks


def test_queries_between_leave_nothing_behind(catalog):
    plan = choose(loads(SPEC), catalog, CLOUDS)
    careful = Conditions(blocklist=(blocked("aws/us-east-1/us-east-1a"),), restart_hours=2)
    choose(loads("resources: {use_spot: true}"), catalog, CLOUDS, careful)
    choose(loads("resources: {infra: aws/us-east-2/us-east-2a}"), catalog, CLOUDS)
    assert bytes_of(choose(loads(SPEC), catalog, CLOUDS)) == bytes_of(plan)


SHIPPED = """
import json
from styx.catalog import open_catalog
from styx.optimizer import choose
from styx.spec import loads
clouds = ("aws", "azure", "gcp", "lambda", "nebius")
spec = loads("resources: {any_of: [{cpus: 4+}, {accelerators: 'A100:8', use_spot: true}]}")
print(json.dumps(choose(spec, open_catalog(clouds), clouds).to_json()))
"""


def test_another_process_gives_the_same_bytes():
    runs = [
        subprocess.run(
            [sys.executable, "-c", SHIPPED], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(json.loads(runs[0])["tasks"][0]["ladder"]) > 5


def test_the_query_digest_changes_with_what_is_asked_only(catalog):
    digests = {
        choose(loads(text), catalog, cloud_ids, conditions).query_digest
        for text, cloud_ids, conditions in [
            (SPEC, CLOUDS, None),
            (SPEC, ("aws",), None),
            (SPEC, CLOUDS, Conditions(blocklist=(blocked("aws"),))),
            ("name: t\nresources: {cpus: 8+}", CLOUDS, None),
        ]
    }
    assert len(digests) == 4
    same = choose(loads("name: t\nrun: echo other\nresources: {cpus: 8}"), catalog, CLOUDS)
    assert same.query_digest == choose(loads(SPEC), catalog, CLOUDS).query_digest


def test_counts_add_up(catalog):
    task = choose(loads("resources: {infra: aws/us-east-1}"), catalog, CLOUDS).tasks[0]
    assert task.considered == 10
    assert task.considered - sum(row.removed for row in task.removed) == task.removed[-1].left == 3


def test_top_lists_the_cheapest_whatever_they_differ_in(catalog):
    (ranked,) = top(loads(SPEC), catalog, CLOUDS, 4)
    assert [f"{one.region}/{one.groups[0].offer.instance_type}" for one in ranked] == [
        "us-east-1/a", "us-east-2/a", "us-west-2/a", "us-east-1/b",
    ]  # fmt: skip


def test_a_named_cloud_is_allowed_though_it_is_not_enabled(catalog):
    assert choose(loads("resources: {infra: gcp}"), catalog, ("aws",)).tasks[0].placement.cloud == "gcp"


@pytest.mark.parametrize(
    ("offer_name", "failed", "cheaper"),
    [
        ("aws/us-east-1/a", (("use_spot: true", "no spot price"),), 1),
        ("gcp/us-central1/n", (), 0),
    ],
)
def test_why_not(catalog, offer_name, failed, cheaper):
    (verdict,) = why_not(loads("resources: {use_spot: true}"), catalog, CLOUDS, offer_name)
    assert (verdict.failed, verdict.cheaper, verdict.best) == (failed, cheaper, "gcp/us-central1/n")


@pytest.mark.parametrize(
    ("offer_name", "message"),
    [
        ("", "names no offers"),
        ("aws//a", "names no offers"),
        ("aws/us-east-1/a/b", "names no offers"),
        ("*/us-east-1/a", "names no offers"),
        ("asw/us-east-1/a", "no cloud asw"),
        ("aws/us-esat-1/a", "no region us-esat-1"),
        ("gcp/us-central1/m", "no machine type, called m"),
    ],
)
def test_why_not_names_the_nearest(catalog, offer_name, message):
    from styx.errors import UsageError

    with pytest.raises(UsageError, match=message) as caught:
        why_not(loads(SPEC), catalog, CLOUDS, offer_name)
    assert caught.value.hint


def test_why_not_names_a_type_that_another_region_has(planted, offer):
    from styx.errors import UsageError

    catalog = planted(offer("gcp", "us-central1", "n"), offer("gcp", "us-west1", "m"))
    with pytest.raises(UsageError, match="gcp sells no n in us-west1"):
        why_not(loads(SPEC), catalog, CLOUDS, "gcp/us-west1/n")


PIPELINE = """
execution: EXECUTION
name: p
---
name: a
outputs: {s3://x: 10}
---
name: b
inputs: {s3://READ: 10}
---
name: c
inputs: {s3://READ: 10}
"""


@pytest.mark.parametrize(
    ("execution", "read", "expected"),
    [
        ("serial", "x", [(0, 1, 10.0), (0, 2, 10.0)]),
        ("serial", "y", [(0, 1, 10.0)]),
        ("parallel", "x", [(0, 1, 10.0), (0, 2, 10.0)]),
        ("parallel", "y", []),
    ],
)
def test_data_goes_to_the_tasks_that_name_it_else_to_the_next(execution, read, expected):
    spec = loads(PIPELINE.replace("EXECUTION", execution).replace("READ", read))
    assert [(flow.source, flow.target, flow.gib) for flow in flows(spec)] == expected


def test_every_unknown_name_is_told_at_once(catalog):
    with pytest.raises(SpecError) as caught:
        choose(loads("resources: {any_of: [{infra: awz}, {accelerators: Z9000}]}"), catalog, CLOUDS)
    assert len(caught.value.faults) == 2


def test_a_blocklist_entry_must_name_something():
    from styx.errors import UsageError

    for text in ("", "*/*", "a/b/c/d/e"):
        with pytest.raises(UsageError):
            blocked(text)


def test_each_task_of_a_pipeline_sees_offers_its_own_way(planted, offer):
    """One task asks for a zone, one counts interruptions: neither's view leaks into the other's, whatever the order."""
    catalog = planted(offer("aws", "us-east-1", "wild", zones=["us-east-1a", "us-east-1b"], spot_hourly_usd=0.5))
    spot, zone = "resources: {use_spot: true}", "resources: {infra: aws/us-east-1/us-east-1b}"
    conditions = Conditions(restart_hours=4, blocklist=(blocked("aws/us-east-1/us-east-1a"),))
    for texts in ([spot, zone], [zone, spot]):
        tasks = choose(loads("\n---\n".join(texts)), catalog, CLOUDS, conditions).tasks
        for task, text in zip(tasks, texts, strict=True):
            assert [group.zone for group in task.placement.groups] == ["us-east-1b"]
            assert (task.placement.cost.expected_usd is not None) == (text == spot)


def test_what_is_remembered_is_bounded(planted, offer, monkeypatch):
    from styx.optimizer import index

    monkeypatch.setattr(index, "REMEMBERED", 3)
    catalog = planted(*(offer("aws", "us-east-1", f"m{size}", vcpus=size, memory_gib=64) for size in range(1, 9)))
    for _ in range(2):
        for size in range(1, 9):
            task = choose(loads(f"resources: {{cpus: {size}}}"), catalog, CLOUDS).tasks[0]
            assert task.placement.groups[0].offer.instance_type == f"m{size}"
    held = index.index(catalog)
    assert len(held._judgements) <= 3
    assert sum(map(len, held._sold.values())) <= 4
