"""Building: what is mended and marked, what is refused, and that the same facts give the same bytes."""

import json

import duckdb
import pytest

from styx import files
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
