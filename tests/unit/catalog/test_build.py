"""Building: what is mended and marked, what is refused, and that the same facts give the same bytes."""

import gzip
import json

import duckdb
import pytest

from styx import files, paths
from styx.catalog import lint, manifest
from styx.catalog.build import build
from styx.errors import CatalogError, UsageError

L4 = {"accelerator": "NVIDIA-L4", "accelerator_count": 4, "gpu_memory_gib": 96, "price": 5, "spot_price": 2}


def held(folder):
    query = (
        f"SELECT instance_type, accelerator, gpu_memory_gib, hourly_usd, spot_hourly_usd FROM '{folder}/*rs.parquet'"
    )
    return {name: told for name, *told in duckdb.connect().execute(query).fetchall()}


def test_facts_become_a_whole_catalog(facts, tmp_path):
    out = tmp_path / "out"
    made = build(facts, out)
    assert manifest.read(out, "") == made
    assert made.rows == 2
    assert made.clouds["aws"].oldest == "2026-01-01"
    assert {source.name: source.rows for source in made.sources} == {
        "aws_spot_interruption.csv.gz": 1,
        "offers.csv.gz": 2,
    }
    assert held(out) == {"m9.large": [None, None, 0.1, 0.04], "m9.xlarge": [None, None, 0.2, None]}
    assert lint.lint(out) == ()


def test_the_same_facts_give_the_same_bytes(facts, tmp_path):
    first, second = build(facts, tmp_path / "one"), build(facts, tmp_path / "two")
    assert first.files == second.files
    assert first.digest == second.digest


def test_known_mistakes_are_mended(planted, tmp_path):
    facts = planted.write_facts(
        tmp_path,
        planted.row(instance_type="g9.large", **L4),
        planted.row(instance_type="free", price=0, spot_price=0),
        planted.row(instance_type="no-spot", price=0.1, spot_price=0.1),
    )
    made = build(facts, tmp_path / "out")
    assert made.mended == {"alias": 1, "gpu_memory": 1, "zero_price": 1, "spot_not_cheaper": 1}
    assert held(tmp_path / "out") == {
        "g9.large": ["L4", 24, 5, 2],
        "free": [None, None, None, None],
        "no-spot": [None, None, 0.1, None],
    }


def test_a_refusal_names_the_offer_and_leaves_the_folder_alone(planted, facts, tmp_path):
    out = tmp_path / "out"
    build(facts, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    planted.write_facts(facts, planted.row(), planted.row(price=-5))
    with pytest.raises(CatalogError, match="price_not_positive: aws/us-east-1/m9"):
        build(facts, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_row_that_cannot_be_read_is_named_with_its_line(planted, facts, tmp_path):
    planted.write_facts(facts, planted.row(), planted.row(vcpus="many"))
    with pytest.raises(CatalogError, match="line 3"):
        build(facts, tmp_path / "out")


def test_a_source_that_is_cut_off_is_named(facts, tmp_path):
    path = facts / "offers.csv.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(CatalogError, match=r"offers\.csv\.gz, after line"):
        build(facts, tmp_path / "out")


def test_other_sources_that_cannot_be_read_are_named(planted, facts, tmp_path):
    rates = facts / "aws_spot_interruption.csv.gz"
    whole = rates.read_bytes()
    rates.write_bytes(gzip.compress(b"region,instance_type,saving_pct,interruption_band\nus-east-1,m9.large,60,two\n"))
    with pytest.raises(CatalogError, match=r"aws_spot_interruption\.csv\.gz"):
        build(facts, tmp_path / "out")
    rates.write_bytes(whole)
    (facts / "instance_types.json.gz").write_bytes(gzip.compress(b"{}")[:-9])
    with pytest.raises(CatalogError, match=r"instance_types\.json\.gz"):
        build(facts, tmp_path / "out")
    (facts / "instance_types.json.gz").unlink()
    planted.write_facts(facts, planted.row(cloud="gcp", region="us-central1", zones="", instance_type="n1-standard-4"))
    (facts / "gcp_attachable_gpus.csv").write_text("region,zones,accelerator\nus-central1,us-central1-a,T4\n")
    with pytest.raises(CatalogError, match=r"gcp_attachable_gpus\.csv, line 2"):
        build(facts, tmp_path / "out")


def test_a_source_that_is_missing_is_told_with_what_is_lost(facts, tmp_path):
    made = build(facts, tmp_path / "out")
    assert set(made.missing) == {"instance_types.json.gz"}
    assert "local disks" in made.missing["instance_types.json.gz"]
    (facts / "aws_spot_interruption.csv.gz").unlink()
    (facts / "instance_types.json.gz").write_bytes(gzip.compress(b"{}"))
    assert set(build(facts, tmp_path / "out").missing) == {"aws_spot_interruption.csv.gz"}
    assert not manifest.read(paths.catalog(), "").missing


def test_a_price_that_slipped_in_one_region_is_unknown_and_told(planted, tmp_path):
    regions = {"us-east-1": 1.0, "us-east-2": 1.0, "eu-west-1": 1.2, "sa-east-1": 1.5}
    rows = [
        planted.row(region=region, zones="", instance_type=f"{family}.{size}", vcpus=2 * size, memory_gib=8 * size,
                    price=0.1 * size * ratio * (0.1 if (family, region) == ("c9", "eu-west-1") else 1), spot_price="")
        for family in ("m9", "c9", "r9") for size in (1, 2) for region, ratio in regions.items()
    ]  # fmt: skip
    made = build(planted.write_facts(tmp_path, *rows), tmp_path / "out")
    assert made.doubts["far_off_price"] == 2
    assert made.rows == len(rows)
    query = f"SELECT instance_type, region FROM '{tmp_path}/out/offers.parquet' WHERE hourly_usd IS NULL ORDER BY ALL"
    assert duckdb.connect().execute(query).fetchall() == [("c9.1", "eu-west-1"), ("c9.2", "eu-west-1")]
    assert lint.lint(tmp_path / "out") == ()


def test_a_folder_without_facts_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"offers\.csv\.gz"):
        build(tmp_path, tmp_path / "out")


def test_lint_finds_what_was_changed_after_the_build(facts, tmp_path):
    out = tmp_path / "out"
    build(facts, out)
    table = out / "offers.parquet"
    bad = f"SELECT * REPLACE (0 AS hourly_usd) FROM '{table}'"
    duckdb.connect().execute(f"COPY ({bad}) TO '{out}/bad.parquet' (FORMAT parquet)")
    (out / "bad.parquet").replace(table)
    with pytest.raises(CatalogError, match=r"offers\.parquet"):
        lint.lint(out)
    value = json.loads((out / "manifest.json").read_text())
    value["files"]["offers.parquet"] = files.sha256(table.read_bytes())
    (out / "manifest.json").write_text(json.dumps(value))
    assert {found.rule for found in lint.lint(out)} >= {"price_not_positive", "spot_not_cheaper"}


def test_lint_counts_the_rows(facts, tmp_path):
    out = tmp_path / "out"
    build(facts, out)
    value = json.loads((out / "manifest.json").read_text())
    value["clouds"]["aws"]["rows"] = 7
    (out / "manifest.json").write_text(json.dumps(value))
    assert [found.rule for found in lint.lint(out)] == ["manifest"]
