"""The cost report in its four forms, from a journal on disk."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest

from styx.cli.main import main
from styx.state import Store


@pytest.fixture
def spent(tmp_path, monkeypatch):
    """Give a home whose journal tells of one cluster that is gone and one that runs."""
    monkeypatch.setenv("STYX_HOME", str(tmp_path))
    machines = [{"price_kind": "list", "price_as_of": "2026-11-01"}]
    price = {"state": "running", "hourly_usd": 3.0, "machines": machines, "labels": {"team": "<b>&"}}
    with Store.open() as store:
        for name, *last in (("old", {"state": "gone", "hourly_usd": 0.0}), ("new",)):
            with store.run(name, "apply", "ann") as run:
                for detail in (price, *last):
                    run.note("billing", detail)


def test_clusters_that_are_gone_are_in_it(spent, capsys):
    assert main(["cost-report", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["key"]: row["running_usd"] for row in found["rows"]} == {"new": 3.0, "old": 0.0}
    assert found["prices"] == ["list of 2026-11-01"]


def test_tables_and_bars_for_people(spent, capsys):
    assert main(["cost-report", "--by", "day"]) == 0
    said = capsys.readouterr().out
    assert "█" in said
    assert "Catalog prices (list of 2026-11-01) times recorded hours, not the clouds' bills." in said


def test_csv(spent, capsys):
    assert main(["cost-report", "--csv", "--by", "user"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["key"], row["running_usd"], row["complete"]) == ("ann", "3.0", "True")


def test_the_page_needs_nothing_else_and_shows_names_as_they_are(spent, capsys):
    assert main(["cost-report", "--html", "--by", "label"]) == 0
    page = capsys.readouterr().out
    assert "http" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "src=" not in page
    chart = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    names = [one.text for one in chart.iter("{http://www.w3.org/2000/svg}text")]
    assert names[0] == "team=<b>&"
    assert "team=<b>" not in page


def test_nothing_was_spent(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STYX_HOME", str(tmp_path))
    for form in ([], ["--json"], ["--csv"], ["--html"]):
        assert main(["cost-report", *form]) == 0
    assert main(["cost-report", "--by", "moon"]) == 2
    assert main(["cost-report", "--csv", "--html"]) == 2
    assert "one of: cluster, user, label, day" in capsys.readouterr().err
