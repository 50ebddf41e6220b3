"""The parts of the offers: shipped ones are what the offers make, and choose alike."""

import json

import duckdb
import pytest

from styx import files, paths
from styx.catalog import lint, manifest, open_catalog, parts
from styx.catalog.build import build
from styx.optimizer import choose
from styx.spec import loads

SPECS = (
    "resources: {cpus: 4+}",
    "resources: {accelerators: 'A100:8', use_spot: true}",
    "resources: {infra: aws/us-east-1, memory: 64+, max_hourly_cost: 1}",
)
NO_TERMS = "hidden: [{cloud: aws, type: m5.24xlarge}]"
"""Terms that change nothing of what is asked here, but keep the shipped parts from being used."""


@pytest.mark.parametrize("clouds", [("aws", "gcp", "lambda"), ("azure",)])
def test_shipped_parts_and_made_ones_choose_alike(clouds, tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(NO_TERMS)
    shipped, made = open_catalog(clouds), open_catalog(clouds, overlay)
    assert parts.shipped(shipped)
    assert not parts.shipped(made)
    for text in SPECS if "aws" in clouds else SPECS[:2]:
        one, other = (choose(loads(text), catalog, clouds).tasks[0] for catalog in (shipped, made))
        assert (one.placement, one.ladder) == (other.placement, other.ladder)


def test_a_build_ships_parts_that_the_lint_accepts(facts, tmp_path):
    made = build(facts, tmp_path)
    assert {parts.file(name) for name in parts.TABLES} <= made.files.keys()
    assert lint.lint(tmp_path) == ()


@pytest.mark.parametrize("name", sorted(parts.TABLES))
def test_the_lint_finds_parts_that_the_offers_do_not_make(name, facts, tmp_path):
    build(facts, tmp_path)
    path = tmp_path / parts.file(name)
    number = {"kinds": "kind", "places": "place", "details": "detail", "prices": "hourly_rank"}[name]
    changed = tmp_path / "changed"
    duckdb.connect().execute(f"COPY (SELECT * REPLACE ({number} + 1 AS {number}) FROM '{path}') TO '{changed}'")
    path.write_bytes(changed.read_bytes())
    _digest_again(tmp_path, path.name)
    assert [found.detail for found in lint.lint(tmp_path)] == [f"{path.name} is not what the offers make"]


def test_a_part_that_is_no_table_is_found_too(facts, tmp_path):
    build(facts, tmp_path)
    (tmp_path / parts.file("places")).write_bytes(b"PAR1")
    assert parts.wrong(tmp_path) == ("places.parquet",)


def test_the_shipped_parts_are_those_of_the_shipped_offers():
    assert parts.wrong(paths.catalog()) == ()


def _digest_again(folder, name):
    path = folder / manifest.NAME
    value = json.loads(path.read_text())
    value["files"][name] = files.sha256((folder / name).read_bytes())
    path.write_text(json.dumps(value))
