"""What a plan carries, and that the same input gives the same bytes."""

import json
import subprocess
import sys

import pytest

from styx.catalog import open_catalog
from styx.errors import SpecError, UsageError
from styx.optimizer import Conditions, blocked, choose, doubtful, top, unknown_parts, why_not
from styx.optimizer.flows import flows
from styx.optimizer.index import index
from styx.optimizer.scope import Scope
from styx.optimizer.search import Searcher
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
    with pytest.raises(UsageError, match=message) as caught:
        why_not(loads(SPEC), catalog, CLOUDS, offer_name)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("what", "offer_name", "offers", "fitting"),
    [
        ("aws", "aws/us-east-1/a", 9, 9),
        ("aws/us-east-2", "aws/us-east-2/a", 3, 3),
        ("aws/us-east-2/us-east-2a", "aws/us-east-2/a", 3, 3),
        ("aws/*/b", "aws/us-east-1/b", 3, 3),
        ("gcp/us-central1", "gcp/us-central1/n", 1, 1),
    ],
)
def test_why_not_a_whole_cloud_region_zone_or_type(catalog, what, offer_name, offers, fitting):
    (verdict,) = why_not(loads(SPEC), catalog, CLOUDS, what)
    assert (verdict.offer, verdict.offers, verdict.fitting, verdict.failed) == (offer_name, offers, fitting, ())


def test_why_not_counts_what_each_constraint_removed_there(catalog):
    (verdict,) = why_not(loads("resources: {use_spot: true}"), catalog, CLOUDS, "aws/us-west-2")
    assert (verdict.fitting, verdict.removed) == (0, (("use_spot: true", 3),))
    assert verdict.failed == (("use_spot: true", "no spot price"),)


def test_why_not_tells_alternatives_and_groups_apart(catalog):
    spec = "num_nodes: 2\nresources: {any_of: [{cpus: 8}, {infra: gcp}]}\nstyx: {ray: {head: {cpus: 8}}}"
    labels = [verdict.group for verdict in why_not(loads(spec), catalog, CLOUDS, "aws/us-east-1/a")]
    assert labels == [
        "alternative 1, head", "alternative 1, workers", "alternative 2, head", "alternative 2, workers",
    ]  # fmt: skip


ALTERNATIVES = "resources: {KIND: [{infra: aws, cpus: 8}, {infra: gcp, cpus: 8}]}"
TOGETHER = "name: one\nresources: {infra: gcp}\noutputs: {s3://x: 100}\n---\nname: two\nresources: {cpus: 8}"
HEAD = "num_nodes: 2\nresources: {cpus: 8}\nstyx: {ray: {head: {cpus: 2, memory: 1+}}}"


@pytest.mark.parametrize(
    ("text", "what", "chosen", "because"),
    [
        (ALTERNATIVES.replace("KIND", "ordered"), "gcp", "aws/us-east-1/a", "alternative 1 comes first"),
        (ALTERNATIVES.replace("KIND", "any_of"), "aws", "gcp/us-central1/n", "alternative 2 costs less"),
        (TOGETHER, "aws/us-west-2", "gcp/us-central1/n", "with the data that the pipeline moves it costs less in all"),
        (HEAD, "aws/us-east-1", "aws/us-west-2/s + b", "head and workers together cost less there"),
        (
            "resources: {cpus: 8}\nstyx: {budget: {hourly: 9}}", "azure", "aws/us-west-2/b",
            "styx.budget takes a cost that is known in full",
        ),
        ("resources: {cpus: 8}", "aws/us-west-2", "azure/eastus/z", ""),
    ],
)  # fmt: skip
def test_why_not_names_what_is_chosen_instead(planted, offer, text, what, chosen, because):
    catalog = planted(
        offer("aws", "us-east-1", "a", hourly_usd=2), offer("aws", "us-west-2", "b", hourly_usd=0.5),
        offer("aws", "us-east-1", "s", vcpus=2, hourly_usd=0.1),
        offer("aws", "us-west-2", "s", vcpus=2, hourly_usd=0.2),
        offer("gcp", "us-central1", "n", hourly_usd=0.9), offer("azure", "eastus", "z", hourly_usd=0.1),
    )  # fmt: skip
    clouds = ("aws", "azure", "gcp")
    verdicts = why_not(loads(text.replace("infra: aws,", "infra: aws/us-east-1,")), catalog, clouds, what)
    fitting = [one for one in verdicts if not one.failed]
    assert {one.chosen for one in fitting} == {chosen}
    assert because in {one.because for one in fitting}


def test_why_not_looks_for_what_optimize_looks_for(planted, offer):
    catalog = planted(
        offer("aws", "us-east-1", "calm", spot_hourly_usd=0.5), offer("aws", "us-east-1", "wild", spot_hourly_usd=0.49)
    )
    for hours, best in ((0, "wild"), (168, "calm")):
        conditions = Conditions(restart_hours=hours)
        (verdict,) = why_not(loads("resources: {use_spot: true}"), catalog, CLOUDS, "aws", conditions)
        assert verdict.chosen == f"aws/us-east-1/{best}"


def test_why_not_says_that_a_price_is_doubtful(planted, offer):
    catalog = planted(offer("aws", "us-east-1", "odd.large", hourly_usd=0.1), offer("aws", "us-east-1", "a"))
    (verdict,) = why_not(loads(SPEC), catalog, CLOUDS, "aws/us-east-1/odd.large")
    assert (verdict.doubtful, verdict.cheaper, verdict.best) == (True, 1, "aws/us-east-1/a")
    assert verdict.doubts == ("a tenth of its family's price",)
    assert verdict.hourly_usd == pytest.approx(0.1 + 256 * 0.073 / 730 + 0.005)


def test_why_not_calls_an_unknown_cost_unknown(planted, offer):
    """Azure's disks and addresses have no price here: they are ranked as dear, but no number is made of that."""
    catalog = planted(offer("azure", "eastus", "b"))
    (verdict,) = why_not(loads(SPEC), catalog, ("azure",), "azure")
    assert (verdict.hourly_usd, verdict.best_hourly_usd, verdict.fitting) == (None, None, 1)


def test_a_doubt_about_something_else_than_the_price_decides_nothing(planted, offer):
    doubts = "('sold_everywhere', 'aws', 'us-east-1', 'a', 'everywhere')"
    catalog = planted(offer("aws", "us-east-1", "a"), offer("aws", "us-east-1", "b", hourly_usd=2), doubts=doubts)
    task = choose(loads(SPEC), catalog, CLOUDS).tasks[0]
    assert (task.placement.groups[0].offer.instance_type, task.doubts) == ("a", ("everywhere",))
    assert not doubtful(catalog, task.placement)


def test_the_doubts_about_a_head_are_told_too(planted, offer):
    catalog = planted(offer("aws", "us-east-1", "odd.large", vcpus=2), offer("aws", "us-east-1", "a"))
    spec = "num_nodes: 2\nresources: {cpus: 8}\nstyx: {ray: {head: {cpus: 2, memory: 1+}}}"
    task = choose(loads(spec), catalog, CLOUDS).tasks[0]
    assert task.doubts == ("a tenth of its family's price",)
    assert doubtful(catalog, task.placement)


def test_clouds_given_as_a_limit_hold_for_what_the_spec_names(catalog):
    limit = Conditions(only=True)
    with pytest.raises(UsageError, match="the spec asks for gcp; only aws may be used"):
        choose(loads("resources: {infra: gcp}"), catalog, ("aws",), limit)
    either = loads("resources: {any_of: [{infra: gcp}, {infra: aws/us-west-2}]}")
    assert choose(either, catalog, ("aws",), limit).tasks[0].placement.region == "us-west-2"


@pytest.mark.parametrize(
    ("spec", "offers", "facts", "unknown"),
    [
        ("resources: {cpus: 8}", [("aws", "us-east-1", "a", {"hourly_usd": None})], {}, {"compute"}),
        ("resources: {cpus: 8}", [("azure", "eastus", "b", {})], {}, {"disk", "address"}),
        ("resources: {cpus: 8}\nstyx: {network: {public_ip: false}}", [("azure", "eastus", "b", {})], {}, {"disk"}),
        ("resources: {cpus: 8}", [("aws", "us-east-1", "a", {})], {}, set()),
    ],
)
def test_the_parts_of_a_cost_that_nobody_knows(planted, offer, spec, offers, facts, unknown):
    catalog = planted(*(offer(*row[:3], **row[3]) for row in offers), **facts)
    read = loads(spec)
    placement = choose(read, catalog, ("aws", "azure")).tasks[0].placement
    assert unknown_parts(catalog, read.tasks[0], placement) == unknown
    assert placement.cost.complete == (not unknown)


def test_egress_without_a_price_is_unknown_and_not_nothing(planted, offer):
    """The second task fits only in another cloud, and nobody knows what leaving the first costs."""
    catalog = planted(
        offer("aws", "us-east-1", "a", vcpus=4), offer("gcp", "us-central1", "b"),
        egress_prices="('gcp', 'internet', 0.12, '')",
    )  # fmt: skip
    spec = loads("name: one\nresources: {cpus: 4, memory: 1+}\noutputs: {s3://x: 10}\n---\nname: two")
    plan = choose(spec, catalog, CLOUDS)
    first, second = (task.placement for task in plan.tasks)
    assert (first.cost.complete, first.cost.egress_usd, second.cost.complete) == (False, 0, True)
    assert unknown_parts(catalog, spec.tasks[0], first) == {"egress"}


def test_egress_is_unknown_beside_other_parts_that_are(planted, offer):
    catalog = planted(
        offer("azure", "eastus", "a", vcpus=4), offer("gcp", "us-central1", "b"),
        egress_prices="('gcp', 'internet', 0.12, '')",
    )  # fmt: skip
    spec = loads("name: one\nresources: {cpus: 4, memory: 1+}\noutputs: {s3://x: 10}\n---\nname: two")
    first = choose(spec, catalog, ("azure", "gcp")).tasks[0].placement
    assert unknown_parts(catalog, spec.tasks[0], first) == {"disk", "address", "egress"}


def test_what_a_private_network_costs_decides_the_order_everywhere(planted, offer):
    catalog = planted(offer("aws", "us-east-1", "a", hourly_usd=0.99), offer("gcp", "us-central1", "b"))
    spec = loads("resources: {cpus: 8}\nstyx: {network: {public_ip: false}}")
    (ranked,) = top(spec, catalog, CLOUDS, 2)
    assert [one.cloud for one in ranked] == ["gcp", "aws"]
    (verdict,) = why_not(spec, catalog, CLOUDS, "aws")
    assert (verdict.cheaper, verdict.best) == (1, "gcp/us-central1/b")
    assert verdict.hourly_usd == pytest.approx(ranked[1].cost.hourly_usd)


def test_the_cheapest_are_those_within_the_budget(planted, offer):
    """Nobody knows what disks cost in azure, so that no budget can hold it."""
    catalog = planted(offer("azure", "eastus", "a", hourly_usd=0.1), offer("aws", "us-east-1", "b"))
    spec = "resources: {{cpus: 8}}\nstyx: {{budget: {{hourly: {}}}}}"
    clouds = ("aws", "azure")
    assert [one.cloud for one in top(loads(spec.format(3)), catalog, clouds, 2)[0]] == ["aws"]
    assert [one.cloud for one in top(loads(spec.format(0.01)), catalog, clouds, 2)[0]] == ["azure", "aws"]


ORDERS = (
    "resources: {cpus: 4+}",
    "num_nodes: 3\nresources: {accelerators: 'A100:8', use_spot: true}",
    "resources: {infra: aws/us-east-1/us-east-1b, memory: 64+}",
    "resources: {cpus: 8, max_hourly_cost: 0.5}",
    "num_nodes: 2\nresources: {infra: azure/newzealandnorth}",
)


@pytest.mark.parametrize("text", ORDERS)
@pytest.mark.parametrize("conditions", [Conditions(), Conditions(restart_hours=3)])
def test_the_best_by_place_and_the_order_of_all_offers_agree(shipped, text, conditions):
    """What Python adds up by place (parameters.total) is what judged.sql orders all offers by."""
    clouds = ("aws", "azure", "gcp")
    found = index(shipped)
    (way,), _ = Searcher(found, clouds, conditions).ways(loads(text), 0)
    (ask,) = way.asks
    judged = found.judge(ask)
    by_place = sorted(judged.best, key=lambda spot: spot.rank)
    assert found.top(ask, 1) == by_place[:1]
    everything = [spot for group in found.within(ask, Scope("aws")) for spot in [group.cheapest] if not group.mask]
    assert everything == [spot for spot in by_place if found.place(spot.place).cloud == "aws"][:1]
    assert judged.considered == shipped.count


@pytest.fixture(scope="module", name="shipped")
def shipped_catalog():
    return open_catalog(("aws", "azure", "gcp"))


def test_why_not_names_a_type_that_another_region_has(planted, offer):
    catalog = planted(offer("gcp", "us-central1", "n"), offer("gcp", "us-west1", "m"))
    with pytest.raises(UsageError, match="the catalog has no n in gcp/us-west1"):
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


def test_why_not_a_zone_looks_at_what_is_sold_there(planted, offer):
    both = ["us-east-1a", "us-east-1b"]
    catalog = planted(
        offer("aws", "us-east-1", "a", zones=["us-east-1a"]),
        offer("aws", "us-east-1", "b", hourly_usd=2, zones=both),
        offer("aws", "us-east-1", "c", hourly_usd=3),
    )
    (verdict,) = why_not(loads(SPEC), catalog, CLOUDS, "aws/us-east-1/us-east-1b")
    assert (verdict.offers, verdict.offer) == (1, "aws/us-east-1/b")  # `c` names no zone where others do


def test_why_not_a_restricted_region_says_what_an_account_needs(planted, offer):
    catalog = planted(offer("aws", "us-gov-west-1", "a", hourly_usd=0.5), offer("aws", "us-east-1", "a"))
    (verdict,) = why_not(loads("resources: {cpus: 8}"), catalog, CLOUDS, "aws/us-gov-west-1")
    assert verdict.failed == (
        (
            "restricted regions: left out unless `infra` names one",
            "us-gov-west-1, which needs an AWS GovCloud account",
        ),
    )
