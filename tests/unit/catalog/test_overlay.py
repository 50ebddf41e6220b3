"""The user's own terms: what they change, and that every fault of the file is named with its line."""

import pytest

from styx import paths
from styx.catalog import open_catalog, overlay
from styx.errors import SpecError

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
    assert overlay.read().hidden == (overlay.Hidden(cloud="gcp"),)
    (tmp_path / "mine.yaml").write_text("hidden: [{cloud: aws}]")
    monkeypatch.setenv(overlay.VARIABLE, str(tmp_path / "mine.yaml"))
    assert overlay.read().hidden == (overlay.Hidden(cloud="aws"),)


def test_a_file_that_is_named_must_be_there(monkeypatch):
    monkeypatch.setenv(overlay.VARIABLE, "/nowhere/overlay.yaml")
    with pytest.raises(SpecError, match="no such file"):
        overlay.read()


def test_a_prepaid_machine_that_does_not_exist_is_refused(tmp_path):
    terms = "prepaid: [{cloud: aws, region: us-east-1, type: g5.xlarg, max_count: 1}]"
    with pytest.raises(SpecError, match=r"no aws/us-east-1/g5\.xlarg"):
        _ = opened(tmp_path, terms).connection


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
