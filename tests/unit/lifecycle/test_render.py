"""Many specs in one repository: rendered, checked without a trace, and held to their locks."""

import json
import os

import pytest

from styx.cli.main import main

SPEC = "name: {name}\nresources:\n  infra: aws/us-east-1\n  cpus: {cpus}+\nnum_nodes: {nodes}\nstyx: {{ray: false}}\n"
OVERLAY = "hidden:\n  - {{cloud: aws, type: {}}}\n"


@pytest.fixture
def top(tmp_path, monkeypatch):
    """Give a repository with two specs, one of them rendered elsewhere."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "styx.yaml").write_text("specs: {specs: infra, team: deployed/team}\nprice_max_age_days: 100000\n")
    for place, name in (("specs", "one"), ("team", "two")):
        (folder / place).mkdir()
        write(folder / place / f"{name}.yaml", name)
    monkeypatch.chdir(folder)
    return folder


def write(path, name, cpus=4, nodes=1):
    path.write_text(SPEC.format(name=name, cpus=cpus, nodes=nodes))


def run(capsys, *words, code=0):
    found = main([*map(str, words)])
    out, err = capsys.readouterr()
    assert found == code, out + err
    return out, err


def state(folder):
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def machine(folder):
    lock = json.loads((folder / "styx.lock.json").read_text())
    return lock["placement"]["groups"][-1]["offer"]["instance_type"]


def hide(instance_type):
    """Take a machine type out of this user's catalog."""
    from styx import paths

    paths.config().mkdir(parents=True, exist_ok=True)
    (paths.config() / "overlay.yaml").write_text(OVERLAY.format(instance_type))


def test_the_specs_of_a_repository_are_rendered_where_it_says(top, capsys, monkeypatch):
    monkeypatch.chdir(top / "specs")
    run(capsys, "render")
    assert (top / "infra" / "one" / "styx.lock.json").is_file()
    assert (top / "deployed" / "team" / "two" / "styx.lock.json").is_file()
    before = state(top)
    assert "0 created, 0 changed, 0 removed" in run(capsys, "render")[0]
    assert state(top) == before
    assert run(capsys, "render", "--check")[0].count("up to date") == 2


def test_the_bytes_are_the_same_under_another_umask(top, capsys):
    run(capsys, "render", "specs/one.yaml")
    first = {path: text for path, (_, text) in state(top / "infra").items()}
    for path in first:
        if path.name != "styx.lock.json":
            path.unlink()
    before = os.umask(0o077)
    try:
        run(capsys, "render", "specs/one.yaml", "--overwrite")
    finally:
        os.umask(before)
    assert {path: text for path, (_, text) in state(top / "infra").items()} == first


def test_a_check_shows_what_differs_and_writes_nothing(top, capsys):
    run(capsys, "render", "specs/one.yaml")
    write(top / "specs" / "one.yaml", "one", nodes=3)
    before = state(top)
    out, err = run(capsys, "render", "--check", code=11)
    assert state(top) == before
    assert '-      "count": 0,' in out
    assert '+      "count": 2,' in out
    assert "deployed/team/two: differs\n  new: " in out
    assert "not what the specs render to: infra/one, deployed/team/two" in err
    [one, two] = json.loads(run(capsys, "render", "--check", "--json", code=11)[0])
    assert "terraform/terraform.tfvars.json" in one["changed"]
    assert (one["created"], two["changed"]) == ([], [])


def test_faults_of_all_specs_are_told_together(top, capsys):
    for place in ("specs/one.yaml", "team/two.yaml"):
        (top / place).write_text("num_nodes: none\n")
    err = run(capsys, "render", code=2)[1]
    assert "specs/one.yaml:1:" in err
    assert "team/two.yaml:1:" in err


def test_two_specs_of_one_name_are_refused(top, capsys):
    write(top / "specs" / "other.yaml", "one")
    assert "are both for the cluster 'one'" in run(capsys, "render", code=2)[1]


def test_without_a_spec_the_repository_must_name_some(top, capsys):
    (top / "styx.yaml").write_text("out: infra\n")
    assert "styx.yaml names none" in run(capsys, "render", code=2)[1]


def test_the_lock_keeps_its_offer_and_says_what_became_of_it(top, capsys):
    run(capsys, "render", "specs/one.yaml")
    folder, chosen = top / "infra" / "one", machine(top / "infra" / "one")
    before = state(folder)
    hide(chosen)
    assert f"{chosen} of the lock is gone from the catalog" in run(capsys, "render", "specs/one.yaml")[1]
    assert state(folder) == before
    assert "up to date" in run(capsys, "render", "--check", "specs/one.yaml")[0]


def test_a_changed_spec_stays_on_the_locked_offer_while_that_fits(top, capsys):
    run(capsys, "render", "specs/one.yaml")
    folder, chosen = top / "infra" / "one", machine(top / "infra" / "one")
    hide(chosen)
    write(top / "specs" / "one.yaml", "one", nodes=3)
    run(capsys, "render", "specs/one.yaml")
    assert machine(folder) == chosen
    assert json.loads((folder / "styx.lock.json").read_text())["num_nodes"] == 3
    write(top / "specs" / "one.yaml", "one", cpus=32)
    run(capsys, "render", "specs/one.yaml")
    assert machine(folder) != chosen


def test_an_update_takes_what_saves_and_says_what(top, capsys):
    run(capsys, "render", "specs/one.yaml")
    cheap = machine(top / "infra" / "one")
    hide(cheap)
    [row] = json.loads(run(capsys, "update", "specs/one.yaml", "--json")[0])
    dear = machine(top / "infra" / "one")
    assert (row["gone"], row["before"], row["result"], dear != cheap) == (True, None, "updated", True)

    from styx import paths

    (paths.config() / "overlay.yaml").unlink()
    before = state(top / "infra")
    [row] = json.loads(run(capsys, "update", "specs/one.yaml", "--min-saving", "99%", "--json")[0])
    assert (row["result"], row["gone"], state(top / "infra") == before) == ("kept", False, True)
    assert row["saving_hourly_usd"] > 0
    out = run(capsys, "update", "specs/one.yaml")[0]
    assert "updated" in out
    assert machine(top / "infra" / "one") == cheap
    assert "unchanged" in run(capsys, "update", "specs/one.yaml")[0]


def test_a_saving_that_is_no_percentage_is_refused(top, capsys):
    assert "no percentage" in run(capsys, "update", "--min-saving", "lots", code=2)[1]
