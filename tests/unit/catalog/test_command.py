"""`styx catalog`: what each command prints and which code it ends with."""

import json

import pytest

from styx import paths
from styx.catalog import held
from styx.cli.main import main


@pytest.fixture
def styx(capsys):
    def run(*words):
        code = main(["catalog", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_build_says_what_it_mended_and_made(styx, facts, tmp_path):
    code, out, err = styx("build", "--source", facts, "--out", tmp_path / "out")
    assert code == 0
    assert "digest: " in out
    assert "instance_types.json.gz; without it the catalog lacks the local disks of AWS" in err
    assert styx("lint", tmp_path / "out")[:2] == (0, "17 rules, 0 findings\n")


def test_build_refuses_with_the_codes_of_its_faults(styx, planted, facts, tmp_path):
    assert styx("build", "--source", tmp_path, "--out", tmp_path / "out")[0] == 2
    planted.write_facts(facts, planted.row(price=700))
    code, _, err = styx("build", "--source", facts, "--out", tmp_path / "out")
    assert code == 8
    assert "sentinel_price" in err


def test_lint_ends_with_8_when_it_finds_something(styx, facts, tmp_path):
    out = tmp_path / "out"
    styx("build", "--source", facts, "--out", out)
    told = json.loads((out / "manifest.json").read_text())
    told["clouds"]["aws"]["rows"] = 1
    (out / "manifest.json").write_text(json.dumps(told))
    code, text, _ = styx("lint", out, "--json")
    assert code == 8
    assert json.loads(text)[0]["rule"] == "manifest"
    assert styx("lint", out)[0] == 8
    assert styx("lint", tmp_path / "nowhere")[0] == 8


def test_info_names_origin_age_and_overlay(styx):
    code, text, _ = styx("info", "--json")
    found = json.loads(text)
    assert code == 0
    assert {one["cloud"] for one in found["clouds"]} == {"aws", "azure", "gcp", "lambda", "nebius"}
    assert {one["origin"] for one in found["clouds"]} == {"shipped"}
    assert found["overlay"] is None
    paths.config().mkdir(parents=True)
    (paths.config() / "overlay.yaml").write_text("hidden: [{cloud: gcp}]")
    code, text, _ = styx("info")
    assert code == 0
    assert "overlay.yaml" in text
    (paths.config() / "overlay.yaml").write_text("hiden: []")
    assert styx("info")[0] == 2


def test_refresh_of_a_cloud_without_credentials_fails_and_says_so(styx, monkeypatch):
    monkeypatch.delenv("LAMBDALABS_API_KEY", raising=False)
    code, out, err = styx("refresh", "--cloud", "lambda")
    assert code == 5
    assert "its old prices stand" in out
    assert "LAMBDALABS_API_KEY" in out
    assert "lambda: asking its price feed" in err
    code, out, err = styx("refresh", "--cloud", "lambda", "--json")
    assert json.loads(out)[0]["error"]["kind"] == "CredentialError"
    assert not err
    assert not (held.fetched("lambda") / "manifest.json").exists()


def test_refresh_of_a_cloud_without_a_feed_is_refused(styx):
    code, _, err = styx("refresh", "--cloud", "nebius")
    assert code == 2
    assert "aws, azure, gcp, lambda" in err
