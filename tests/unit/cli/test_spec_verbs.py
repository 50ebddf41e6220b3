"""validate, schema, init and config through the command `styx`, as a user runs them."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from styx.cli.main import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def run(capsys, *words):
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_init_writes_a_spec_that_validates(folder, capsys):
    assert run(capsys, "init")[0] == 0
    assert run(capsys, "validate", "styx.task.yaml") == (0, "styx.task.yaml: ok\n", "")
    text = (folder / "styx.task.yaml").read_text()
    (folder / "styx.task.yaml").write_text(text.replace("\n# secrets:\n#   HF", "\nsecrets:\n  HF"))
    code, out, _ = run(capsys, "validate", "styx.task.yaml")
    assert (code, out) == (
        0,
        "styx.task.yaml: ok\n  note: HF_TOKEN has no value: give it with --secret HF_TOKEN=…\n",
    )


def test_what_init_comments_out_is_right_too(folder, capsys):
    run(capsys, "init", "a.yaml")
    introduction, spec = (folder / "a.yaml").read_text().split("\nname: ")
    assert introduction.startswith("# A Styx task")
    (folder / "b.yaml").write_text("name: " + re.sub(r"(?m)^( *)# (?![A-Z])", r"\1", spec))
    (folder / "data").mkdir()
    code, out, _ = run(capsys, "validate", "b.yaml")
    assert code == 0, out
    assert "HF_TOKEN has no value" in out


def test_init_never_writes_over_a_file_unasked(folder, capsys):
    (folder / "styx.task.yaml").write_text("mine")
    code, _, err = run(capsys, "init")
    assert code == 2
    assert "is there already" in err
    assert (folder / "styx.task.yaml").read_text() == "mine"
    assert run(capsys, "init", "--force")[0] == 0
    assert run(capsys, "init", ".")[0] == 2


def test_validate_reports_every_fault_of_every_file(folder, capsys):
    (folder / "good.yaml").write_text("run: x\n")
    (folder / "bad.yaml").write_text("num_nodes: 0\nruun: x\n")
    code, out, err = run(capsys, "validate", "good.yaml", "bad.yaml", "missing.yaml")
    assert (code, err) == (2, "")
    assert out.splitlines() == [
        "good.yaml: ok",
        "bad.yaml: 2 faults",
        "  bad.yaml:1:12: num_nodes: must be at least 1, not `0`",
        "  bad.yaml:2:1: ruun: unknown key `ruun` (did you mean `run`?)",
        "missing.yaml: 1 fault",
        "  missing.yaml: there is no such file (look at the path, or start with `styx init`)",
        "3 specs: 1 ok, 2 with faults",
    ]


def test_validate_searches_folders_for_specs(folder, capsys):
    files = {
        "a/one.yaml": "run: x\n",
        "a/b/two.yml": "resources: [\n",
        "a/play.yaml": "- hosts: all\n",
        "a/deployment.yaml": "apiVersion: v1\nrun: x\n",
        "a/.hidden/three.yaml": "run: x\n",
        "a/notes.txt": "run: x\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    code, out, _ = run(capsys, "validate", "a", "--json")
    found = json.loads(out)
    assert code == 2
    assert {one["file"]: one["ok"] for one in found["files"]} == {"a/b/two.yml": False, "a/one.yaml": True}
    assert "the YAML cannot be read" in found["files"][0]["faults"][0]["message"]
    assert found["skipped"] == ["a/deployment.yaml", "a/play.yaml"]
    (folder / "empty").mkdir()
    code, out, _ = run(capsys, "validate", "nope", "empty", "a/one.yaml")
    assert code == 2
    assert "nope: there is no such file" in out
    assert "empty: no spec was found here" in out
    assert "a/one.yaml: ok" in out


def test_validate_writes_junit(folder, capsys):
    (folder / "good.yaml").write_text("run: x\n")
    (folder / "bad.yaml").write_text("name: '<&>'\n")
    code, out, _ = run(capsys, "validate", "good.yaml", "bad.yaml", "--format", "junit")
    suite = ET.fromstring(out)
    assert code == 2
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "bad.yaml:1:7: name: `<&>` is not a name" in suite.findall("testcase")[1].find("failure").text


def test_validate_takes_the_options_that_change_a_spec(folder, capsys, monkeypatch):
    (folder / "a.yaml").write_text("run: x\nenvs: {A: null, B: null, C: null}\nsecrets: {S: null, T: null}\n")
    (folder / "env").write_text('# comment\nexport B="b c"\nS=s\n\n')
    monkeypatch.setenv("A", "from here")
    words = [
        "--env",
        "A",
        "--env",
        "C=a=b",
        "--env-file",
        "env",
        "--secret",
        "T=t",
        "--gpus",
        "A100:8",
        "--no-use-spot",
    ]
    words += ["--ports", "80,90", "--ports", "8000-8010", "--num-nodes", "2", "--max-hourly-cost", "1.5", "-n", "name"]
    assert run(capsys, "validate", "a.yaml", *words) == (0, "a.yaml: ok\n", "")
    code, out, _ = run(capsys, "validate", "a.yaml", "--gpus", "x:y", "--env", "1=x", "--infra", "a//b")
    assert code == 2
    assert [line.split(":")[0].strip() for line in out.splitlines()[1:]] == ["--env", "--infra", "--gpus"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--env", "NOT_SET_ANYWHERE"], "--env: the variable NOT_SET_ANYWHERE is not set here"),
        (["--secret", "NOT_SET_ANYWHERE"], "--secret: the variable NOT_SET_ANYWHERE is not set here"),
        (["--env-file", "no-such"], "no-such: there is no such file"),
        (["--env-file", "broken"], "broken:2:1: must be NAME=VALUE"),
    ],
)
def test_a_variable_that_cannot_be_found_is_a_fault(folder, capsys, words, message):
    (folder / "a.yaml").write_text("run: x\n")
    (folder / "broken").write_text("A=1\nnonsense\n")
    code, _, err = run(capsys, "validate", "a.yaml", *words)
    assert code == 2
    assert message in err


def test_validate_notes_what_a_plan_would_refuse(folder, capsys):
    (folder / "a.yaml").write_text("service: {replicas: 1}\nenvs: {A: null}\n")
    code, out, _ = run(capsys, "validate", "a.yaml")
    assert code == 0
    assert "note: A has no value: give it with --env A=…" in out
    assert "note: a.yaml:1:10: service: service is not supported yet" in out


def test_schema_prints_or_writes_the_schema(folder, capsys):
    _, out, _ = run(capsys, "schema")
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert run(capsys, "schema", "--out", "s.json") == (0, "wrote s.json\n", "")
    assert json.loads((folder / "s.json").read_text()) == json.loads(out)


def test_config_shows_each_layer(folder, capsys, monkeypatch):
    (folder / "styx.yaml").write_text("parallelism: 3\n")
    monkeypatch.setenv("STYX_OUT", "elsewhere")
    _, out, _ = run(capsys, "config", "--json")
    found = json.loads(out)
    assert (found["out"]["value"], found["out"]["origin"]) == ("elsewhere", "$STYX_OUT")
    assert found["parallelism"]["origin"].endswith("styx.yaml:1")
    assert found["clouds"] == {"value": [], "origin": "default", "meaning": found["clouds"]["meaning"]}
    _, out, _ = run(capsys, "config")
    assert out.splitlines()[0].split()[:3] == ["out", "elsewhere", "$STYX_OUT"]
    (folder / "styx.yaml").write_text("nonsense: 3\n")
    assert run(capsys, "config")[0] == 2
    (folder / "styx.yaml").write_text("clouds: [local, locl, nowhere]\n")
    code, _, err = run(capsys, "config")
    assert code == 2
    assert "styx.yaml:1: clouds: there is no cloud `locl` (did you mean `local`?)" in err
    assert "there is no cloud `nowhere`" in err
