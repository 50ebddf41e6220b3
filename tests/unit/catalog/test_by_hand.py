"""The tables kept by hand: a build takes over none that was changed unseen, and none that cannot be read."""

import shutil

import pytest

from styx import paths
from styx.catalog import held, manifest, open_catalog
from styx.catalog.build import FACTS, build
from styx.cli.main import main
from styx.errors import CatalogError


@pytest.fixture
def out(facts, tmp_path):
    """Return a folder with a built catalog."""
    build(facts, tmp_path / "out")
    return tmp_path / "out"


def damage(out, name, old, new):
    text = (out / name).read_text()
    assert old in text
    (out / name).write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("name", FACTS)
def test_a_table_that_was_changed_is_not_taken_over_unless_accepted(facts, out, name):
    before = (out / manifest.NAME).read_bytes()
    last = (out / name).read_text().splitlines()[-1]
    (out / name).write_text((out / name).read_text().removesuffix(f"{last}\n"))
    with pytest.raises(CatalogError, match=name) as caught:
        build(facts, out)
    assert "--accept" in caught.value.hint
    assert (out / manifest.NAME).read_bytes() == before
    assert build(facts, out, accept=True) == manifest.read(out, "")


def test_a_changed_table_of_the_shipped_catalog_is_not_copied_to_a_new_folder(facts, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    shutil.copytree(paths.catalog(), shipped)
    monkeypatch.setattr(paths, "catalog", lambda: shipped)
    damage(shipped, "disk_prices.csv", "aws", "azw")
    with pytest.raises(CatalogError, match="disk_prices"):
        build(facts, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_table_that_is_gone_is_named(facts, out):
    (out / "aliases.csv").unlink()
    for accept in (False, True):
        with pytest.raises(CatalogError, match=r"aliases\.csv"):
            build(facts, out, accept=accept)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("A100,40", "A100", "line 3: 5 cells, not 6"),
        ("A100,40", "A100,forty", "line 3: Error when converting column"),
        ("A100,40", '"A100,40', "line 42: unexpected end of data"),
        ("name,memory_gib", "memory_gib,name", "line 1: the columns must be name,memory_gib"),
    ],
    ids=["short", "no number", "quote", "columns"],
)
def test_a_table_that_cannot_be_read_is_named_with_its_line(facts, out, old, new, said):
    damage(out, "accelerators.csv", old, new)
    with pytest.raises(CatalogError, match=said) as caught:
        build(facts, out, accept=True)
    assert str(out / "accelerators.csv") in caught.value.message
    assert caught.value.exit_code == 8
    assert "mend the line" in caught.value.hint


def test_the_command_takes_over_what_is_accepted(facts, out, capsys):
    damage(out, "regions.csv", "aws,us-east-1,", "aws,us-east-7,")
    words = ["catalog", "build", "--source", str(facts), "--out", str(out)]
    assert main(words) == 8
    assert "regions.csv" in capsys.readouterr().err
    assert main([*words, "--accept"]) == 8
    assert "region: aws/us-east-1/m9.large" in capsys.readouterr().err
    damage(out, "regions.csv", "aws,us-east-7,", "aws,us-east-1,")
    assert main(words) == 0


def test_a_damaged_table_is_not_mended_by_a_build_and_no_hint_says_so(tmp_path):
    shutil.copytree(paths.catalog(), tmp_path / "catalog")
    (tmp_path / "catalog" / "regions.csv").write_text("")
    with pytest.raises(CatalogError, match=r"regions\.csv") as caught:
        manifest.read(tmp_path / "catalog", held.RESTORE, held.REMEDIES)
    assert "install styx-infra again" in caught.value.hint
    assert "to make it from its sources" not in caught.value.hint


def test_each_accelerator_has_a_speed_with_its_source_or_none():
    query = "SELECT name, bf16_tflops, tflops_source FROM accelerators"
    rows = open_catalog(["nebius"]).connection.execute(query).fetchall()
    assert all((speed is None) == (source is None) for _, speed, source in rows)
    assert all(speed is None or speed > 1 for _, speed, _ in rows)
    assert {name for name, speed, _ in rows if speed is None} == {"V710"}
