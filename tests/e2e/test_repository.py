"""A repository of specs on the real thing: git, its pipeline's own shell, Terraform, and a clone without Styx."""

import importlib.resources
import json
import os
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.e2e.user import STYX

EXAMPLE = Path(__file__).parents[2] / "examples" / "repo"


@pytest.fixture
def repository(styx):
    """Give a function that runs git or the pipeline's program in a clone of examples/repo, as the user does."""
    shutil.copytree(EXAMPLE, styx.folder, dirs_exist_ok=True)
    path = f"{STYX.parent}{os.pathsep}{os.environ['PATH']}"
    identity = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**styx.environment, **identity, "PATH": path, "STYX_CALLER_CIDRS": "203.0.113.4/32"}

    def run(*words, code=0, **changes):
        done = subprocess.run(
            [*map(str, words)], cwd=styx.folder, env={**environment, **changes}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("git", "init", "-q", "-b", "main")
    styx("ci", "init", "github")
    styx("render")
    run("git", "add", "-A")
    run("git", "commit", "-qm", "all")
    return run


def test_the_pipeline_plans_what_changed_and_applies_only_what_was_approved(styx, repository):
    out = styx.folder / ".styx" / "out"
    repository(".styx/ci", "check")
    repository("git", "checkout", "-qb", "work")
    spec = styx.folder / "specs" / "web.yaml"
    spec.write_text(spec.read_text().replace("num_nodes: 2", "num_nodes: 3"))
    assert "infra/web: differs" in repository(".styx/ci", "check", code=11)
    styx("render")
    repository("git", "commit", "-qam", "three")
    repository(".styx/ci", "plan", "main")
    digests = json.loads((out / "digests.json").read_text())
    assert set(digests) == {"web"}
    comment = (out / "comment.md").read_text()
    assert comment.startswith("<!-- styx-diff -->\n")
    assert "2 x this-machine in local/this-machine | 3 x this-machine" in comment
    assert not list(out.rglob("*.tfplan"))
    assert not (out / "plans").exists()
    assert repository("git", "status", "--porcelain") == ""

    approved = styx.folder.parent / "approved.json"
    approved.write_text(json.dumps({"web": "0" * 64}))
    assert "is not the one that was approved" in repository(".styx/ci", "apply", approved, code=8)
    assert not styx.machines()
    approved.write_text(json.dumps(digests))
    repository(".styx/ci", "apply", approved)
    assert styx.machines() == ["web-head", "web-worker-1", "web-worker-2"]
    spec.write_text(spec.read_text().replace("num_nodes: 3", "num_nodes: 1"))
    styx("render")
    assert "exit code 2" in repository(".styx/ci", "drift", code=2)


def test_a_clone_without_styx_plans_by_itself(styx, repository, tmp_path):
    subprocess.run(["git", "clone", "-q", styx.folder, tmp_path / "clone"], check=True)
    folder = tmp_path / "clone" / "infra" / "web" / "terraform"
    for words in (["init", "-input=false"], ["plan", "-input=false"]):
        if shutil.which("terraform") is None:
            pytest.skip("no terraform on PATH")
        run = subprocess.run(["terraform", *words, "-no-color"], cwd=folder, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
    assert "4 to add" in run.stdout


def test_two_pipelines_at_once_wait_for_each_other(styx, repository):
    runs = [styx.start("plan", "specs/web.yaml", "--lock-timeout", "120", "--json") for _ in range(2)]
    found = [run.communicate(timeout=240) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], found
    first, second = (json.loads(out)[0]["digest"] for out, _ in found)
    assert first == second


def test_every_file_of_a_pipeline_is_what_its_vendor_reads(styx, repository):
    for provider in ("gitlab", "atlantis"):
        styx("ci", "init", provider)
    schemas = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    for path, schema in (
        (".github/workflows/styx.yml", "github-workflows"),
        (".github/actions/styx/action.yml", "github-actions"),
        (".gitlab-ci.yml", "gitlab-ci"),
    ):
        found = yaml.load((styx.folder / path).read_text(), yaml.BaseLoader)  # `on` is a key, not a truth
        wanted = yaml.safe_load((styx.folder / path).read_text())
        wanted = {
            **{key: value for key, value in wanted.items() if key is not True},
            **({"on": wanted[True]} if True in wanted else {}),
        }
        assert found.keys() == wanted.keys()
        jsonschema.validate(wanted, json.loads((schemas / f"{schema}.json").read_text()))
    projects = yaml.safe_load((styx.folder / "atlantis.yaml").read_text())["projects"]
    assert [project["dir"] for project in projects] == ["infra/web/terraform", "infra/worker/terraform"]


def test_the_workflow_pins_its_actions_and_gives_each_job_the_least(styx, repository):
    workflow = (styx.folder / ".github" / "workflows" / "styx.yml").read_text()
    action = (styx.folder / ".github" / "actions" / "styx" / "action.yml").read_text()
    for line in (workflow + action).splitlines():
        if "uses:" in line and "./" not in line:
            assert len(line.split("@")[1].split(" ")[0]) == 40, line
    found = yaml.safe_load(workflow)
    assert found["permissions"] == {}
    jobs = found["jobs"]
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert "head.repo.full_name == github.repository" in jobs["plan"]["if"]
    assert jobs["plan"]["concurrency"] == jobs["apply"]["concurrency"] == jobs["drift"]["concurrency"]
    uploads = [
        step["with"]["path"] for job in jobs.values() for step in job["steps"] if "upload" in step.get("uses", "")
    ]
    assert uploads == [".styx/out/digests.json"]


def test_a_pipeline_s_files_are_not_written_over(styx, repository):
    (styx.folder / ".styx" / "ci").write_text("mine\n")
    assert ".styx/ci: there is another one" in styx("ci", "init", "github", code=8)[1]
    styx("ci", "init", "github", "--overwrite")
    assert os.access(styx.folder / ".styx" / "ci", os.X_OK)
