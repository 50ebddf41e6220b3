"""What a branch changes, of a real repository: machines, cost, impact; as text, JSON and a comment."""

import json
import shutil
import subprocess

import pytest

from styx.cli.main import main
from styx.review.comment import MARKER

SPEC = "name: {name}\nresources:\n  infra: aws/us-east-1\n  cpus: {cpus}\nnum_nodes: {nodes}\nstyx: {{ray: false}}\n"


def git(*words, code=0):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(("git", *identity, *words), capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def commit():
    git("add", "-A")
    git("commit", "-qm", "x")


def write(name, cpus="4+", nodes=1):
    with open(f"specs/{name}.yaml", "w") as stream:
        stream.write(SPEC.format(name=name, cpus=cpus, nodes=nodes))


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Give a repository whose two specs are rendered and committed on main."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("template")
    patch.chdir(folder)
    patch.setenv("STYX_HOME", str(tmp_path_factory.mktemp("home")))
    (folder / "specs").mkdir()
    (folder / "styx.yaml").write_text("specs: [specs]\nprice_max_age_days: 100000\n")
    write("one")
    write("two")
    git("init", "-q", "-b", "main")
    assert main(["render"]) == 0
    commit()
    patch.undo()
    return folder


@pytest.fixture
def top(template, tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    shutil.copytree(template, folder)
    monkeypatch.chdir(folder)
    return folder


def run(capsys, *words, code=0):
    found = main([*map(str, words)])
    out, err = capsys.readouterr()
    assert found == code, out + err
    return out


def review(capsys, *words):
    return json.loads(run(capsys, "diff", "--json", *words))


def test_nothing_changed_is_nothing_to_say(top, capsys):
    found = review(capsys)
    assert (found["changes"], found["unchanged"], found["worst"]) == ([], 2, None)
    assert found["before_hourly_usd"] == found["after_hourly_usd"] > 0


def test_a_branch_that_changes_adds_and_removes(top, capsys):
    git("checkout", "-qb", "work")
    write("one", nodes=3)
    write("new", cpus="8+")
    (top / "specs" / "two.yaml").unlink()
    shutil.rmtree(top / "infra" / "two")
    run(capsys, "render")
    commit()
    git("checkout", "-q", "main")
    write("later")
    commit()  # main goes on: what it does is none of the branch's
    git("checkout", "-q", "work")
    found = {change["cluster"]: change for change in review(capsys, "main")["changes"]}
    kinds = {name: (change["kind"], change["label"]) for name, change in found.items()}
    assert kinds == {"one": ("changed", "live"), "new": ("new", None), "two": ("gone", "data-loss")}
    one = found["one"]
    assert one["after"]["hourly_usd"] == pytest.approx(3 * one["before"]["hourly_usd"], rel=1e-4)
    assert one["hourly_usd"] == pytest.approx(2 * one["before"]["hourly_usd"], rel=1e-4)
    assert found["two"]["hourly_usd"] == -found["two"]["before"]["hourly_usd"]
    assert "list prices of 20" in one["after"]["prices"]
    whole = review(capsys, "main", "--head", "work")
    assert {change["cluster"] for change in whole["changes"]} == set(found)
    assert whole["worst"] == "data-loss"


def test_a_spec_that_was_not_rendered_is_priced_and_said(top, capsys):
    write("one", cpus="16+")
    write("fresh")
    found = {change["cluster"]: change for change in review(capsys)["changes"]}
    assert found["one"]["label"] == "replace"
    assert "not rendered" in found["one"]["notes"][0]
    assert found["fresh"]["after"]["rendered"] is False
    assert found["fresh"]["hourly_usd"] > 0
    assert "was not rendered" in run(capsys, "diff")


def test_a_spec_that_cannot_be_read_or_placed_is_a_problem_not_an_end(top, capsys):
    (top / "specs" / "one.yaml").write_text("num_nodes: none\nrun: x\n")
    write("two", cpus="100000+")
    found = review(capsys)
    assert len(found["problems"]) == 2
    assert "specs/one.yaml:1:" in found["problems"][0]
    assert "no machine fits" in found["problems"][1]


def test_the_comment_has_its_marker_first_and_no_markup_of_strangers(top, capsys):
    write("one", nodes=2)
    run(capsys, "render")
    text = run(capsys, "diff", "--format", "markdown")
    assert text.startswith(f"{MARKER}\n")
    assert "**1 cluster changed**, 1 unchanged" in text
    assert "| one | 1 x m5a.xlarge in aws/us-east-1 |" in text
    assert "Estimates: " in text


def test_plans_of_terraform_give_their_own_impact(top, capsys, tmp_path):
    write("one", nodes=2)
    run(capsys, "render")
    plans = tmp_path / "plans"
    plans.mkdir()
    impacts = [{"address": "aws_instance.machine", "action": "update", "label": "restart", "causes": []}]
    (plans / "one.json").write_text(json.dumps([{"cluster": "one", "impacts": impacts}]))
    [change] = review(capsys, "--plans", plans)["changes"]
    assert (change["label"], change["planned"]) == ("restart", True)
    (plans / "one.json").write_text("{}")
    run(capsys, "diff", "--plans", plans)
    (plans / "one.json").write_text("[{}]")
    run(capsys, "diff", "--plans", plans, code=2)


def test_revisions_that_are_not_there_are_refused(top, capsys, tmp_path, monkeypatch):
    run(capsys, "diff", "nowhere", code=2)
    monkeypatch.chdir(tmp_path)
    run(capsys, "diff", code=2)


def test_a_spec_on_one_branch_and_an_edit_on_the_other_meet(top, capsys):
    git("checkout", "-qb", "spec")
    write("one", nodes=3)
    run(capsys, "render")
    commit()
    git("checkout", "-q", "main")
    edited = top / "infra" / "one" / "terraform" / "outputs.tf"
    edited.write_text(edited.read_text() + '\noutput "mine" {\n  value = 1\n}\n')
    commit()
    assert "(1 edited by hand)" in run(capsys, "render", "--check")
    git("merge", "-q", "spec", "-m", "merge")
    assert "(1 edited by hand)" in run(capsys, "render", "--check")
    assert 'output "mine"' in edited.read_text()
    assert '"count": 2' in (top / "infra" / "one" / "terraform" / "terraform.tfvars.json").read_text()
