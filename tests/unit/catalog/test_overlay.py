"""The user's own terms: what they change, and that every fault of the file is named with its line."""

import re

import pytest

from styx import paths
from styx.catalog import open_catalog, overlay
from styx.catalog.information import information
from styx.errors import NoOfferError, SpecError, UsageError

TERMS = """\
discounts:
  - {cloud: aws, type: "p5.*", market: on_demand, percent: 20}
  - {cloud: aws, type: "p5.*", region: us-east-1, percent: 50}
  - {cloud: nebius, type: "gpu-h100-sxm_1gpu*", hourly_usd: 1.5}
prepaid:
  - {cloud: aws, region: us-east-1, type: g5.xlarge, max_count: 4}
private:
  - {cloud: aws, region: us-east-1, type: px.big, vcpus: 8, memory_gib: 64, zones: [us-east-1a], hourly_usd: 0.5}
hidden:
  - {region: us-gov-*}
  - {cloud: aws, type: t3.*}
"""


def opened(tmp_path, text, *clouds):
    path = tmp_path / "overlay.yaml"
    path.write_text(text)
    return open_catalog(clouds or ["aws", "nebius"], path)


def ask(catalog, where):
    columns = "hourly_usd, spot_hourly_usd, price_kind, spot_kind, max_count"
    return catalog.connection.execute(f"SELECT {columns} FROM offers WHERE {where} ORDER BY ALL").fetchall()


def test_the_first_discount_that_matches_holds(tmp_path):
    where = "instance_type = 'p5.48xlarge' AND region = 'us-east-1'"
    ((before, spot, *_),) = ask(open_catalog(["aws"]), where)
    ((after, after_spot, kind, spot_kind, _),) = ask(opened(tmp_path, TERMS), where)
    assert after == pytest.approx(before * 0.8)
    assert after_spot == pytest.approx(spot * 0.5)
    assert (kind, spot_kind) == ("own", "own")


def test_a_price_may_be_given_itself_but_sells_no_spot_that_is_not_sold(tmp_path):
    terms = "discounts: [{cloud: aws, hourly_usd: 1.5, market: on_demand, type: p6-b300.48xlarge}]"
    ((price, spot, kind, spot_kind, _),) = ask(
        opened(tmp_path, terms), "instance_type = 'p6-b300.48xlarge' AND region = 'us-east-1'"
    )
    assert (price, spot, kind, spot_kind) == (1.5, None, "own", "unknown")


def test_prepaid_machines_cost_nothing_and_there_are_only_so_many(tmp_path):
    rows = ask(opened(tmp_path, TERMS), "instance_type = 'g5.xlarge' AND region = 'us-east-1'")
    assert rows[0] == (0, None, "own", "unknown", 4)
    assert rows[1][0] > 0
    assert rows[1][4] is None


def test_private_types_are_added_and_hidden_ones_are_not_there(tmp_path):
    catalog = opened(tmp_path, TERMS)
    assert ask(catalog, "instance_type = 'px.big'") == [(0.5, None, "own", "unknown", None)]
    assert not ask(catalog, "region LIKE 'us-gov-%' OR instance_type LIKE 't3.%'")


def test_what_no_rule_names_keeps_its_price(tmp_path):
    where = "instance_type = 'm5.large' AND region = 'us-east-1'"
    assert ask(opened(tmp_path, TERMS), where) == ask(open_catalog(["aws"]), where)


def test_the_terms_are_part_of_the_digest(tmp_path):
    assert opened(tmp_path, TERMS).digest != open_catalog(["aws", "nebius"]).digest


def test_the_default_file_is_found_in_the_configuration_or_by_its_variable(tmp_path, monkeypatch):
    assert overlay.read() is None
    paths.config().mkdir(parents=True)
    (paths.config() / "overlay.yaml").write_text("hidden: [{cloud: gcp}]")
    assert overlay.read().hidden == (overlay.Hidden(cloud="gcp", line=1),)
    (tmp_path / "mine.yaml").write_text("hidden: [{cloud: aws}]")
    monkeypatch.setenv(overlay.VARIABLE, str(tmp_path / "mine.yaml"))
    assert overlay.read().hidden == (overlay.Hidden(cloud="aws", line=1),)
    monkeypatch.setenv(overlay.VARIABLE, "")
    assert overlay.read().hidden == (overlay.Hidden(cloud="gcp", line=1),)


def test_a_file_that_is_named_must_be_there(monkeypatch):
    monkeypatch.setenv(overlay.VARIABLE, "/nowhere/overlay.yaml")
    with pytest.raises(UsageError, match="no such overlay") as caught:
        overlay.read()
    assert "STYX_CATALOG_OVERLAY" in caught.value.hint


def test_a_prepaid_machine_that_does_not_exist_is_refused(tmp_path):
    terms = "prepaid: [{cloud: aws, region: us-east-1, type: g5.xlarg, max_count: 1}]"
    with pytest.raises(SpecError, match=r"no aws/us-east-1/g5\.xlarg") as caught:
        _ = opened(tmp_path, terms).connection
    assert "did you mean g5.xlarge" in str(caught.value)
    assert caught.value.faults[0].line == 1
    assert opened(tmp_path, terms, "nebius").count


def test_a_discount_for_a_type_that_does_not_exist_is_refused_and_one_for_many_is_told(tmp_path):
    terms = "discounts: [{cloud: aws, type: m5.larg, percent: 5}]\nhidden:\n  - {cloud: gcp, type: n1-standard-l}"
    with pytest.raises(SpecError, match=r"no aws/m5\.larg") as caught:
        _ = opened(tmp_path, terms, "aws", "gcp").connection
    assert [(fault.line, fault.path) for fault in caught.value.faults] == [(1, "discounts"), (3, "hidden")]
    assert "m5.large" in str(caught.value)
    (tmp_path / "overlay.yaml").write_text(
        "hidden: [{cloud: aws, type: t9.*}]\ndiscounts: [{type: m5.large, percent: 1}]"
    )
    first, second = information(tmp_path / "overlay.yaml").terms
    assert (first.section, first.line, first.offers) == ("hidden", 1, 0)
    assert (second.section, second.line, second.offers > 10) == ("discounts", 2, True)


def test_clouds_and_regions_that_do_not_exist_are_answered_with_the_nearest(tmp_path):
    bad = """\
discounts: [{cloud: asw, percent: 5}]
prepaid: [{cloud: aws, region: us-est-1, type: g5.xlarge, max_count: 1}]
private: [{cloud: azure, region: eastsu, type: x, vcpus: 1, memory_gib: 1}]
hidden:
  - {region: us-govv-*}
  - {cloud: local, region: this-machine}
  - {region: us-gov-*}
"""
    with pytest.raises(SpecError) as caught:
        opened(tmp_path, bad)
    assert [(fault.line, fault.message) for fault in caught.value.faults] == [
        (1, "there is no cloud asw"),
        (2, "there is no region us-est-1 in aws"),
        (3, "there is no region eastsu in azure"),
        (5, "there is no region us-govv-* in any cloud"),
    ]
    hints = [fault.hint for fault in caught.value.faults]
    assert "aws" in hints[0]
    assert "us-east-1" in hints[1]
    assert "eastus" in hints[2]


def test_a_private_type_stands_in_for_the_listed_one_of_its_name(tmp_path):
    terms = """\
private: [{cloud: aws, region: us-east-1, type: m5.large, vcpus: 2, memory_gib: 8, hourly_usd: 0.05}]
discounts: [{cloud: aws, type: c5.large, percent: 10}]
"""
    catalog = opened(tmp_path, terms, "aws")
    where = "instance_type = 'm5.large' AND region = 'us-east-1'"
    assert ask(catalog, where) == [(0.05, None, "own", "unknown", None)]
    assert len(ask(catalog, "instance_type = 'm5.large'")) == len(
        ask(open_catalog(["aws"]), "instance_type = 'm5.large'")
    )
    keys = "SELECT count(*), count(DISTINCT (cloud, region, instance_type)) FROM offers"
    assert len(set(catalog.connection.execute(keys).fetchone())) == 1


def test_nothing_is_in_doubt_about_a_private_type(tmp_path):
    query = "SELECT region, instance_type FROM doubts WHERE cloud = 'azure' ORDER BY ALL"
    before = open_catalog(["azure"]).connection.execute(query).fetchall()
    region, name = before[0]
    terms = f"private: [{{cloud: azure, region: {region}, type: {name}, vcpus: 2, memory_gib: 8, hourly_usd: 0.05}}]"
    assert (region, name) not in opened(tmp_path, terms, "azure").connection.execute(query).fetchall()


def test_a_machine_given_twice_is_refused_with_both_lines(tmp_path):
    entry = "{cloud: aws, region: us-east-1, type: px.big, vcpus: 8, memory_gib: 64}"
    paid = "{cloud: aws, region: us-east-1, type: m5.large, max_count: 1}"
    with pytest.raises(SpecError) as caught:
        opened(tmp_path, f"private:\n  - {entry}\n  - {entry}\nprepaid:\n  - {paid}\n  - {paid}\n")
    assert [(fault.line, fault.hint) for fault in caught.value.faults] == [
        (3, "it stands in line 2 already"),
        (6, "it stands in line 5 already"),
    ]
    assert "aws/us-east-1/px.big is given twice" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("vcpus: 0, memory_gib: 8", "0.0 vCPUs"),
        ("vcpus: 8, memory_gib: 8, accelerator: L4", "0.0 of L4"),
        ("vcpus: 8, memory_gib: 8, accelerator_count: 1", "1.0 of nothing"),
        ("vcpus: 8, memory_gib: 8, zones: [us-west-2a]", "zone us-west-2a is not in us-east-1"),
        ("vcpus: 8, memory_gib: 8, hourly_usd: 1, spot_hourly_usd: 2", "2.0 on spot"),
    ],
)
def test_a_private_type_must_be_a_machine_as_the_listed_ones_are(tmp_path, given, said):
    catalog = opened(tmp_path, f"private:\n  - {{cloud: aws, region: us-east-1, type: px.big, {given}}}\n")
    with pytest.raises(SpecError, match=re.escape(said)) as caught:
        _ = catalog.connection
    assert caught.value.faults[0].line == 2


def test_a_private_type_may_cost_nothing_or_have_a_gpu_that_no_list_has(tmp_path):
    entry = "cloud: aws, region: us-east-1, vcpus: 8, memory_gib: 64"
    terms = f"""\
private:
  - {{{entry}, type: px.own, hourly_usd: 0}}
  - {{{entry}, type: px.l4, accelerator: nvidia-l4, accelerator_count: 1, hourly_usd: 0.1}}
  - {{{entry}, type: px.odd, accelerator: Z9000, accelerator_count: 2, gpu_memory_gib: 7}}
"""
    columns = "instance_type, accelerator, gpu_memory_gib, hourly_usd"
    query = f"SELECT {columns} FROM offers WHERE instance_type LIKE 'px.%' ORDER BY ALL"
    assert opened(tmp_path, terms).connection.execute(query).fetchall() == [
        ("px.l4", "L4", 24, 0.1), ("px.odd", "Z9000", 7, None), ("px.own", None, None, 0),
    ]  # fmt: skip


def test_a_private_machine_that_is_wholly_prepaid_is_not_also_there_at_its_price(tmp_path):
    entry = "cloud: aws, region: us-east-1, type: px.big"
    terms = """\
private: [{%s, vcpus: 8, memory_gib: 64, hourly_usd: 2, max_count: 4}]
prepaid: [{%s, max_count: %d}]
"""
    assert ask(opened(tmp_path, terms % (entry, entry, 4)), "instance_type = 'px.big'") == [
        (0, None, "own", "unknown", 4)
    ]
    assert [row[4] for row in ask(opened(tmp_path, terms % (entry, entry, 9)), "instance_type = 'px.big'")] == [4]
    assert [row[4] for row in ask(opened(tmp_path, terms % (entry, entry, 3)), "instance_type = 'px.big'")] == [3, 4]


def test_an_overlay_that_hides_everything_says_so(tmp_path):
    with pytest.raises(NoOfferError, match="hides every offer of aws, nebius") as caught:
        _ = opened(tmp_path, "discounts: []\nhidden:\n  - {cloud: aws}\n  - {cloud: nebius}\n").connection
    assert "lines 3, 4" in caught.value.hint
    with pytest.raises(NoOfferError) as caught:
        _ = opened(tmp_path, "hidden: [{cloud: aws}, {cloud: nebius}]").connection
    assert "in line 1, or" in caught.value.hint
    assert ask(opened(tmp_path, "hidden: [{cloud: nebius}]"), "cloud = 'aws'")


def test_every_fault_is_named_with_its_line(tmp_path):
    bad = """\
discount: []
discounts:
  - {cloud: aws}
  - {cloud: aws, percent: 120}
  - {clowd: aws, percent: 10}
prepaid:
  - {cloud: aws, region: us-east-1, type: g5.xlarge, max_count: 0}
  - {cloud: aws, region: us-east-1, max_count: 1}
private: {cloud: aws}
hidden:
  - just text
  - {market: spot}
"""
    with pytest.raises(SpecError) as caught:
        opened(tmp_path, bad)
    found = {(fault.line, fault.message) for fault in caught.value.faults}
    assert found == {
        (1, "unknown key `discount`"),
        (3, "needs one of percent and hourly_usd"),
        (4, "must be 0 to 100"),
        (5, "unknown key `clowd`"),
        (7, "must be a whole number above 0"),
        (8, "`type` is missing"),
        (9, "must be a list"),
        (11, "must be a block of keys"),
        (12, "unknown key `market`"),
    }
    assert "did you mean `discounts`?" in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_overlay_that_is_no_block_is_refused(tmp_path):
    with pytest.raises(SpecError, match="block of lists"):
        opened(tmp_path, "- 1\n")
