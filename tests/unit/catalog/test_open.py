"""Opening: shipped, fetched and live offers as one; damaged files are named with what mends them."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from styx import paths
from styx.catalog import Catalog, held, manifest, open_catalog
from styx.catalog.build import build
from styx.cli.main import main
from styx.errors import CatalogError
from styx.offer import Offer

LIVE = Offer("local", "here", "here", vcpus=8, memory_gib=32, hourly_usd=0, price_kind="own", max_count=3)


def ask(catalog, query):
    return catalog.connection.execute(query).fetchall()


@pytest.fixture
def fetched(facts, tmp_path):
    """Return the cache's folder of AWS, filled with two offers of its own."""
    out = tmp_path / "out"
    build(facts, out)
    folder = held.fetched("aws")
    shutil.copytree(out, folder)
    return folder


def test_live_offers_alone_need_no_table():
    catalog = Catalog((LIVE,))
    assert catalog.count == 1
    assert ask(catalog, "FROM offers")[0][:3] == ("local", "here", "here")


def test_an_offer_that_does_not_fit_is_refused():
    with pytest.raises(CatalogError, match="does not fit"):
        _ = Catalog((LIVE, LIVE)).connection


def test_a_live_gpu_under_another_name_gets_the_one_that_users_know():
    gpu = Offer("local", "here", "gpu", 8, 32, accelerator="A100-SXM4-80GB", accelerator_count=1, gpu_memory_gib=79.2)
    assert ask(Catalog((LIVE, gpu)), "SELECT accelerator, gpu_memory_gib FROM offers WHERE accelerator_count = 1") == [
        ("A100-80GB", 79.2)
    ]


def test_shipped_and_live_offers_stand_together():
    catalog = Catalog((LIVE,), held.held(["aws"]))
    assert ask(catalog, "SELECT DISTINCT cloud FROM offers ORDER BY cloud") == [("aws",), ("local",)]
    assert ask(catalog, "SELECT count(*) FROM offers") == [(catalog.count,)]


def test_the_facts_stand_beside_the_offers():
    catalog = open_catalog(["aws"])
    for name in ("accelerators", "aliases", "disk_prices", "address_prices", "egress_prices", "regions", "images",
                 "interruptions", "doubts"):  # fmt: skip
        assert ask(catalog, f"SELECT count(*) > 0 FROM {name}") == [(True,)], name


def test_fetched_offers_stand_in_for_the_shipped_ones_of_their_cloud(fetched):
    catalog = open_catalog(["aws", "gcp"])
    assert ask(catalog, "SELECT count(*) FROM offers WHERE cloud = 'aws'") == [(2,)]
    assert ask(catalog, "SELECT count(*) > 1000 FROM offers WHERE cloud = 'gcp'") == [(True,)]
    assert fetched.exists()


def test_the_digest_tells_apart_what_chooses_differently(facts, tmp_path):
    shipped = open_catalog(["aws"]).digest
    assert open_catalog(["aws"]).digest == shipped
    assert open_catalog(["aws", "gcp"]).digest != shipped
    build(facts, tmp_path / "out")
    shutil.copytree(tmp_path / "out", held.fetched("aws"))
    assert open_catalog(["aws"]).digest != shipped


def test_the_date_is_that_of_the_oldest_price():
    assert open_catalog(["nebius"]).date == "2026-06-01"
    assert Catalog((LIVE,)).date == ""


def truncate(folder):
    path = folder / "offers.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    return path


def flip(folder):
    path = folder / "offers.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path


def empty(folder):
    path = folder / "offers.parquet"
    path.write_bytes(b"")
    return path


def remove(folder):
    path = folder / "offers.parquet"
    path.unlink()
    return path


def older(folder):
    path = folder / manifest.NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 0}))
    return path


def half_a_manifest(folder):
    path = folder / manifest.NAME
    path.write_text(path.read_text()[:40])
    return path


def not_a_manifest(folder):
    path = folder / manifest.NAME
    path.write_text("[]")
    return path


DAMAGES = (truncate, flip, empty, remove, older, half_a_manifest, not_a_manifest)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_fetched_table_is_named_with_the_command_that_mends_it(fetched, damage, capsys):
    path = damage(fetched)
    with pytest.raises(CatalogError) as caught:
        open_catalog(["aws"])
    assert str(path) in caught.value.message
    assert "styx catalog refresh --cloud aws" in caught.value.hint
    assert main(["catalog", "info"]) == 8
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("damage", [*DAMAGES, lambda folder: shutil.rmtree(folder) or folder / manifest.NAME])
def test_a_damaged_shipped_catalog_is_named_with_what_restores_it(tmp_path, damage):
    folder = tmp_path / "catalog"
    shutil.copytree(paths.catalog(), folder)
    path = damage(folder)
    with pytest.raises(CatalogError) as caught:
        manifest.read(folder, held.RESTORE)
    assert str(path) in caught.value.message
    assert "styx catalog build" in caught.value.hint
    assert caught.value.exit_code == 8


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder with Styx and its catalog, as a user has them, to be damaged."""
    place = tmp_path_factory.mktemp("installed")
    shutil.copytree(paths.catalog().parent / "styx", place / "styx", ignore=shutil.ignore_patterns("__pycache__"))
    return place


@pytest.mark.parametrize("words", [("show-gpus",), ("catalog", "info"), ("catalog", "lint")])
@pytest.mark.parametrize("damage", [truncate, older])
def test_a_damaged_installation_ends_with_8(installed, damage, words):
    shutil.rmtree(installed / "catalog", ignore_errors=True)
    shutil.copytree(paths.catalog(), installed / "catalog")
    path = damage(installed / "catalog")
    command = [sys.executable, "-m", "styx", *words]
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True)
    assert done.returncode == 8
    assert str(path) in done.stderr
    assert "styx catalog build" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_a_quote_in_its_name_is_read(facts, tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "it's; DROP"))
    build(facts, held.fetched("aws"))
    assert ask(open_catalog(["aws"]), "SELECT count(*) FROM offers") == [(2,)]
