"""Each rule catches its planted defect, and nothing where there is none."""

import dataclasses

import pytest

from styx import paths
from styx.catalog import lint, tables

GPU = {
    "accelerator": "L4", "accelerator_count": 1, "gpu_memory_gib": 24, "hourly_usd": 0.8, "spot_hourly_usd": 0.3,
}  # fmt: skip

BAD = {
    "price_not_positive": [
        {"hourly_usd": 0.0, "spot_hourly_usd": None, "spot_kind": "unknown"},
        {"spot_hourly_usd": -1.0},
    ],
    "spot_not_cheaper": [{"spot_hourly_usd": 0.1}, {"spot_hourly_usd": 0.2}],
    "sentinel_price": [{"hourly_usd": 700.0}, {"hourly_usd": 9999.0}, {"hourly_usd": 50.0}],
    "gpu_memory": [
        {**GPU, "accelerator_count": 4, "gpu_memory_gib": 96},
        {**GPU, "accelerator": "H200", "gpu_memory_gib": 80},
        {**GPU, "accelerator": "B200", "gpu_memory_gib": 80},
        {**GPU, "accelerator": "GH200", "gpu_memory_gib": 80},
        {**GPU, "gpu_memory_gib": None},
    ],
    "accelerator_name": [{**GPU, "accelerator": "H100-SXM", "gpu_memory_gib": 80}, {**GPU, "accelerator": "Z9"}],
    "accelerator_count": [{**GPU, "accelerator_count": 0}, {"accelerator_count": 1}],
    "active_vcpus": [{"instance_type": "Standard_E4-1s_v5"}, {"instance_type": "Standard_M8-4ms"}],
    "size": [{"vcpus": 0}, {"memory_gib": 0}, {"arch": "sparc"}],
    "price_kind": [{"price_kind": "unknown"}, {"hourly_usd": None}, {"price_as_of": "yesterday"}],
    "region": [{"region": "us-east-9", "zones": ()}, {"zones": ("eu-west-1a",)}],
}
"""Rule → what is wrong with the one bad offer."""


def judged(offers, *, kind="refuse"):
    connection = tables.database(paths.catalog())
    tables.insert(connection, offers)
    findings = lint.judge(connection, kind)
    assert all(found.detail for found in findings)
    return {(found.rule, found.instance_type) for found in findings}


def test_good_offers_pass(planted):
    good = [
        planted.offer(),
        planted.offer(instance_type="g9.large", **GPU),
        planted.offer(region="us-east-2", zones=()),
        planted.offer(instance_type="Standard_E4-2s_v5"),
    ]
    assert not judged(good)
    assert not judged(good, kind="withhold")
    assert not judged(good, kind="mark")


@pytest.mark.parametrize(("rule", "changes"), [(rule, change) for rule, several in BAD.items() for change in several])
def test_a_planted_defect_is_refused(planted, rule, changes):
    bad = planted.offer(**{"instance_type": "bad"} | changes)
    found = judged([planted.offer(), bad])
    assert (rule, bad.instance_type) in found
    assert "m9.large" not in {name for _, name in found}


def test_a_duplicate_is_refused(planted):
    assert judged([planted.offer(), planted.offer(hourly_usd=0.2)]) == {("duplicate", "m9.large")}


def test_a_part_of_a_gpu_counted_as_one_is_refused(planted):
    whole = planted.offer(instance_type="g.whole", **{**GPU, "hourly_usd": 3.2, "vcpus": 36, "memory_gib": 440})
    half = planted.offer(instance_type="g.half", **{**GPU, "hourly_usd": 1.6, "vcpus": 18, "memory_gib": 220})
    more_cpus = planted.offer(instance_type="g.cpus", **{**GPU, "hourly_usd": 4.2, "vcpus": 72, "memory_gib": 880})
    assert judged([whole, half]) == {("part_counted_whole", "g.half")}
    assert not judged([whole, more_cpus])


def test_a_price_off_its_familys_ratio_is_marked(planted):
    regions = {"us-east-1": 1.0, "us-east-2": 1.0, "eu-west-1": 1.2, "sa-east-1": 1.5}
    offers = [
        planted.offer(instance_type=f"m9.{size}", region=region, zones=(), hourly_usd=0.1 * size * ratio)
        for region, ratio in regions.items()
        for size in (1, 2, 8)
    ]
    assert not judged(offers, kind="mark")
    wrong = [*offers[:-1], planted.offer(instance_type="m9.8", region="sa-east-1", zones=(), hourly_usd=0.1 * 8 * 2.1)]
    assert judged(wrong, kind="mark") == {("off_family_ratio", "m9.8")}


def test_a_list_repeated_for_every_region_is_marked(planted):
    names, regions = ("a", "b", "c", "d"), ("us-east-1", "us-east-2", "eu-west-1", "eu-west-2")
    offers = [planted.offer(instance_type=name, region=region, zones=()) for name in names for region in regions]
    assert judged(offers, kind="mark") == {("sold_everywhere", name) for name in names}
    assert not judged(offers[:-1], kind="mark")


def fleet(planted, *, slipped=None, families=("m9", "c9", "r9"), wrong=0.1):
    """Return three sizes of each family in five regions, all but one; family and region `slipped` at a wrong price."""
    regions = {"us-east-1": 1.0, "us-east-2": 1.0, "eu-west-1": 1.2, "ap-south-1": 0.8, "sa-east-1": 1.5}
    return [
        planted.offer(
            instance_type=f"{family}.{size}", region=region, zones=(), vcpus=2 * size, memory_gib=8 * size,
            hourly_usd=0.1 * size * ratio * (wrong if (family, region) == slipped else 1),
            spot_hourly_usd=None, spot_kind="unknown",
        )
        for family in families for region, ratio in regions.items() for size in (1, 2, 8)
        if (family, region, size) != ("m9", "sa-east-1", 8)
    ]  # fmt: skip


def test_a_whole_family_wrong_in_one_region_is_marked_or_withheld(planted):
    assert not judged(fleet(planted), kind="mark")
    assert not judged(fleet(planted), kind="withhold")
    dear = fleet(planted, slipped=("c9", "eu-west-1"), wrong=2.5)
    assert judged(dear, kind="mark") == {("off_region_ratio", f"c9.{size}") for size in (1, 2, 8)}
    assert not judged(dear, kind="withhold")
    slipped = fleet(planted, slipped=("c9", "eu-west-1"))
    assert {name for rule, name in judged(slipped, kind="withhold") if rule == "far_off_price"} == {
        "c9.1", "c9.2", "c9.8",
    }  # fmt: skip


def test_one_size_with_a_slipped_point_and_a_whole_region_are_withheld(planted):
    one = fleet(planted)
    one[0] = planted.offer(instance_type="m9.1", zones=(), hourly_usd=1.0)
    assert judged(one, kind="withhold") == {("far_off_price", "m9.1")}
    region = [
        dataclasses.replace(each, hourly_usd=each.hourly_usd * (0.1 if each.region == "sa-east-1" else 1))
        for each in fleet(planted)
    ]
    assert len([1 for rule, _ in judged(region, kind="withhold") if rule == "far_off_price"]) == 8


@pytest.mark.parametrize(
    "bad",
    [
        {"hourly_usd": 0.01, "spot_hourly_usd": 0.004},
        {"spot_hourly_usd": 0.002},
        {"hourly_usd": 0.02, "spot_hourly_usd": None},
    ],
)
def test_what_costs_next_to_nothing_is_withheld(planted, bad):
    found = judged([planted.offer(), planted.offer(instance_type="bad", **bad)], kind="withhold")
    assert found == {("too_cheap", "bad")}


def test_a_burstable_machine_may_cost_next_to_nothing(planted):
    assert not judged([planted.offer(burstable=True, hourly_usd=0.004, spot_hourly_usd=0.001)], kind="withhold")


def test_a_price_withheld_is_unknown_and_never_zero(planted):
    connection = tables.database(paths.catalog())
    tables.insert(connection, fleet(planted, slipped=("c9", "eu-west-1")))
    found = lint.withhold(connection)
    assert {(one.region, one.instance_type) for one in found} == {("eu-west-1", f"c9.{size}") for size in (1, 2, 8)}
    assert "0.012 an hour is 0.12 times its median region, the region 1.20" in {one.detail for one in found}
    columns = "DISTINCT hourly_usd, spot_hourly_usd, price_kind, spot_kind"
    where = "instance_type LIKE 'c9.%' AND region = 'eu-west-1'"
    assert connection.execute(f"SELECT {columns} FROM offers WHERE {where}").fetchall() == [
        (None, None, "unknown", "unknown")
    ]
    assert not lint.judge(connection, "withhold")
    assert not lint.judge(connection, "refuse")


def test_every_rule_has_a_planted_defect_here():
    elsewhere = {
        "duplicate", "part_counted_whole", "off_family_ratio", "off_region_ratio", "sold_everywhere", "far_off_price",
        "too_cheap",
    }  # fmt: skip
    assert {rule.name for rule in lint.rules()} == BAD.keys() | elsewhere
    assert all(rule.meaning and not rule.meaning.startswith("SELECT") for rule in lint.rules())
