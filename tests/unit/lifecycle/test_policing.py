"""Policies of a repository and of a spec: what is chosen keeps them, what breaks them is told with both lines."""

import json
import re
import shutil
import subprocess

import pytest

from styx.cli.main import main

SPEC = "name: one\nresources:\n  infra: aws{region}\n  cpus: 4+\nstyx: {{tags: {{team: x}}, ray: false{more}}}\n"
LOCAL = "name: mine\nresources: {infra: local}\nstyx: {ray: false, policy: {instance_types: [this-*]}}\n"
POLICY = "specs: [specs]\nprice_max_age_days: 100000\npolicy:\n"


@pytest.fixture
def top(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    return tmp_path


def write(top, region="", more=""):
    (top / "specs" / "one.yaml").write_text(SPEC.format(region=region, more=more))


def policy(top, *lines):
    (top / "styx.yaml").write_text(POLICY + "".join(f"  {line}\n" for line in lines))


def run(capsys, *words, code=0):
    found = main([*map(str, words)])
    out, err = capsys.readouterr()
    assert found == code, out + err
    return out + err


def region(top):
    return json.loads((top / "infra" / "one" / "styx.lock.json").read_text())["placement"]["region"]


def test_the_choice_keeps_to_the_places_and_machines_that_are_allowed(top, capsys):
    policy(top, "regions: [eu-*]", "instance_types: [m5.*]", "tags: [team]")
    run(capsys, "render")
    assert region(top).startswith("eu-")
    variables = json.loads((top / "infra" / "one" / "terraform" / "terraform.tfvars.json").read_text())
    assert variables["groups"][0]["instance_type"].startswith("m5.")
    assert re.search(variables["policies"][0]["regions"][0], f"aws/{region(top)}")


def test_what_breaks_a_rule_is_told_with_its_line_and_the_rules(top, capsys):
    policy(top, "clouds: [gcp]", "tags: [owner]", "budget: {hourly: 0.01}")
    said = run(capsys, "render", code=3)
    assert "specs/one.yaml:3:10: resources.infra: aws is none of gcp (rule policy.clouds (styx.yaml:4))" in said
    assert "specs/one.yaml:5:14: styx.tags: the tag owner is missing (rule policy.tags (styx.yaml:5))" in said
    assert "(rule policy.budget (styx.yaml:6))" in said
    assert not (top / "infra").exists()


def test_a_spec_has_a_policy_of_its_own(top, capsys):
    policy(top, "tags: [team]")
    write(top, more=", policy: {forbid: [public_ip]}")
    said = run(capsys, "render", code=3)
    assert "specs/one.yaml:5:" in said
    assert "rule styx.policy.forbid" in said


def test_a_lock_outside_of_a_new_policy_is_refused_until_it_is_updated(top, capsys):
    policy(top, "tags: [team]")
    run(capsys, "render")
    policy(top, "regions: [eu-*]")
    assert "rule policy.regions" in run(capsys, "render", code=3)
    assert "rule policy.regions" in run(capsys, "render", "--check", code=3)
    run(capsys, "update")
    assert region(top).startswith("eu-")


def test_a_committed_choice_that_breaks_a_rule_is_in_the_reports_of_validate(top, capsys):
    policy(top, "tags: [team]")
    run(capsys, "render")
    run(capsys, "validate", "specs")
    policy(top, "regions: [eu-*]")
    [result] = json.loads(run(capsys, "validate", "specs", "--format", "sarif", code=2))["runs"][0]["results"]
    assert result["ruleId"] == "policy/regions"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert 'failures="1"' in run(capsys, "validate", "specs", "--format", "junit", code=2)


def test_a_policy_that_is_none_is_refused(top, capsys):
    policy(top, "cloud: [aws]")
    assert "styx.yaml:4" in run(capsys, "render", code=2)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH")
def test_terraform_refuses_what_the_policy_does_without_styx(top, capsys):
    policy(top, "clouds: [local]", "regions: [this-machine]")
    (top / "specs" / "one.yaml").write_text(LOCAL)
    run(capsys, "render")
    folder = top / "infra" / "mine" / "terraform"

    def plan():
        words = ("terraform", f"-chdir={folder}", "plan", "-input=false", "-no-color")
        return subprocess.run(words, capture_output=True, text=True)

    subprocess.run(("terraform", f"-chdir={folder}", "init"), capture_output=True, check=True)
    assert subprocess.run(("terraform", "fmt", "-check", folder), capture_output=True).returncode == 0
    assert plan().returncode == 0
    variables = folder / "terraform.tfvars.json"
    text = variables.read_text()
    variables.write_text(text.replace('"local/this-machine"', '"local/elsewhere"'))
    assert "The policy does not allow machines in local/elsewhere" in plan().stderr
    variables.write_text(text.replace('"instance_type": "this-machine"', '"instance_type": "huge"'))
    assert "The policy does not allow machines of these types: huge" in plan().stderr
