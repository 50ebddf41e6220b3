import json
import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from styx import paths
from styx.errors import BudgetError, IntegrityError, LockedError, StyxError, TerraformError
from styx.run import terraform as tf
from styx.run.mask import masker
from styx.run.terraform_errors import (
    StateLockedError,
    StoppedTerraformError,
    TerraformKilledError,
    TerraformRunError,
    TerraformTimeoutError,
)
from styx.run.terraform_events import Change, Outputs, Progress

TWO = """
variable "word" {
  default = "x"
}
resource "terraform_data" "a" {
  input = var.word
}
output "word" {
  value = terraform_data.a.output
}
output "secret" {
  value     = "canary-${var.word}"
  sensitive = true
}
"""

BUDGET = """
variable "budget" {
  default = 9
}
resource "terraform_data" "guard" {
  lifecycle {
    precondition {
      condition     = var.budget < 5
      error_message = "over the budget"
    }
  }
}
"""


def sleeper(pid_file: Path, seconds: int = 300) -> str:
    """Return a module whose second resource sleeps in a grandchild while it is made."""
    command = f"sleep {seconds} & echo $! > {shlex.quote(str(pid_file))}; wait"
    return f"""
resource "terraform_data" "first" {{
  input = "first"
}}
resource "terraform_data" "second" {{
  depends_on = [terraform_data.first]
  provisioner "local-exec" {{
    command = {json.dumps(command)}
  }}
}}
"""


def when_written(path: Path, then) -> threading.Thread:
    def wait() -> None:
        deadline = time.monotonic() + 20
        while not (path.exists() and path.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.02)
        then()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def is_gone(pid: int) -> bool:
    for _ in range(100):
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def state(terraform: tf.Terraform) -> list[str]:
    said = json.loads((terraform.folder / "terraform.tfstate").read_text())
    return [resource["name"] for resource in said["resources"]]


def test_the_whole_cycle(module):
    told = []
    terraform = module(TWO, on_event=told.append)
    plan = terraform.folder / "plan"
    assert terraform.needs_init()
    terraform.init()
    assert not terraform.needs_init()
    assert terraform.validate() == tf.results.Validation(True, ())

    planned = terraform.plan(plan)
    assert (planned.has_changes, planned.add, planned.change, planned.destroy) == (True, 1, 0, 0)
    assert planned.changes == (Change("terraform_data.a", "create"),)
    assert planned.outputs_change
    assert terraform.show(plan)["resource_changes"][0]["address"] == "terraform_data.a"

    applied = terraform.apply(plan)
    assert (applied.add, applied.destroy, applied.outputs) == (1, 0, {"word": "x"})
    assert Progress("terraform_data.a", "create", "complete") in told
    assert Outputs({"word": "x"}, changed=False) in told
    assert terraform.output() == {"word": "x", "secret": "canary-x"}
    assert terraform.show()["values"]["outputs"]["word"]["value"] == "x"

    again = terraform.plan(plan)
    assert (again.has_changes, again.changes, again.outputs_change) == (False, (), False)
    assert terraform.plan(plan, refresh_only=True).has_changes is False
    assert terraform.plan(plan, destroy=True).destroy == 1
    assert terraform.destroy().destroy == 1
    assert state(terraform) == []


def test_files_are_private_and_the_log_has_each_command_but_no_secret(module, monkeypatch):
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/nowhere/at/all")
    old = os.umask(0)
    try:
        terraform = module(TWO)
        terraform.init()
        terraform.plan(terraform.folder / "plan")
        terraform.apply(terraform.folder / "plan")
        terraform.output()
        terraform.show()
    finally:
        os.umask(old)
    for path in (terraform.folder / "plan", terraform.folder / "terraform.tfstate", terraform.log):
        assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct(terraform.log.parent.stat().st_mode & 0o777) == "0o700"
    text = terraform.log.read_text()
    assert text.count("\n$ cd ") == 4
    assert "Apply complete! Resources: 1 added" in text
    assert "canary" not in text
    assert "nowhere" not in text


def test_var_files_and_targets(module, tmp_path):
    terraform = module(TWO + 'resource "terraform_data" "b" {}\n')
    terraform.init()
    (tmp_path / "v.tfvars.json").write_text('{"word": "${literal}"}')
    plan = tmp_path / "plan"
    assert terraform.plan(plan, var_files=[tmp_path / "v.tfvars.json"], targets=["terraform_data.a"]).add == 1
    assert terraform.apply(plan).outputs == {"word": "${literal}"}


def test_what_is_to_be_replaced_is_made_anew_and_so_many_at_once_as_allowed(module):
    terraform = module(TWO + 'resource "terraform_data" "b" {}\n', parallelism=1)
    terraform.init()
    plan = terraform.folder / "plan"
    terraform.plan(plan)
    terraform.apply(plan)
    planned = terraform.plan(plan, replace=["terraform_data.b"])
    assert planned.changes == (Change("terraform_data.b", "replace", "requested"),)
    assert terraform.apply(plan).add == 1
    assert terraform.destroy().destroy == 2
    asked = [line.split()[5] for line in terraform.log.read_text().splitlines() if "-parallelism=1" in line]
    assert asked == ["plan", "apply", "plan", "apply", "destroy"]


def test_a_failing_precondition_is_data_that_a_caller_can_map(module):
    terraform = module(BUDGET)
    terraform.init()
    with pytest.raises(TerraformRunError) as caught:
        terraform.plan(terraform.folder / "plan")
    error = caught.value
    (said,) = error.diagnostics
    assert (said.summary, said.detail, said.file, said.line) == (
        *("Resource precondition failed", "over the budget"),
        *("main.tf", 8),
    )
    assert "main.tf:8: error: Resource precondition failed" in error.message
    assert error.log == terraform.log
    assert str(terraform.log) in error.hint
    assert "over the budget" in terraform.log.read_text()
    assert not isinstance(error, BudgetError)


def test_a_syntax_error(module):
    terraform = module("resource x {\n")
    found = terraform.validate()
    assert not found.valid
    assert {(said.file, said.line) for said in found.diagnostics} == {("main.tf", 1)}
    with pytest.raises(TerraformError, match=r"main.tf:1: error: Unclosed configuration block") as caught:
        terraform.init()
    assert caught.value.message.count("Missing name for resource") == 1
    assert terraform.needs_init()


def test_a_failing_resource_keeps_what_was_made(module):
    terraform = module("""
resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  depends_on = [terraform_data.a]
  provisioner "local-exec" {
    command = "exit 3"
  }
}
""")
    terraform.init()
    terraform.plan(terraform.folder / "plan")
    with pytest.raises(TerraformRunError, match="exit status 3") as caught:
        terraform.apply(terraform.folder / "plan")
    assert caught.value.diagnostics[0].address == "terraform_data.b"
    assert state(terraform) == ["a", "b"]


def test_a_stale_plan_and_one_that_is_no_plan(module):
    terraform = module(TWO)
    terraform.init()
    plan = terraform.folder / "plan"
    terraform.plan(plan)
    terraform.apply(plan)
    with pytest.raises(IntegrityError, match="stale"):
        terraform.apply(plan)
    plan.write_text("nonsense")
    with pytest.raises(IntegrityError, match="plan file"):
        terraform.apply(plan)


def test_the_state_lock_names_its_holder(module, tmp_path, binary):
    terraform = module(sleeper(tmp_path / "pid"))
    terraform.init()
    holder = subprocess.Popen(
        [*binary.argv, "apply", "-auto-approve", "-no-color"],
        cwd=terraform.folder,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        when_written(tmp_path / "pid", lambda: None).join()
        with pytest.raises(LockedError) as caught:
            terraform.plan(terraform.folder / "plan")
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()
    assert isinstance(caught.value, StateLockedError)
    lock = caught.value.lock
    assert len(lock.id) == 36
    assert lock.id in (caught.value.hint or "")
    assert "@" in lock.who
    assert lock.created[:2] == "20"
    assert lock.operation == "OperationTypeApply"


@pytest.mark.parametrize("way", ["ctrl-c", "another thread", "timeout"])
def test_an_interrupted_apply_saves_its_state_and_leaves_nothing_behind(module, tmp_path, way):
    pid_file = tmp_path / "pid"
    terraform = module(sleeper(pid_file), timeout_s=10 if way == "timeout" else None)
    terraform.init()
    terraform.plan(terraform.folder / "plan")
    ways = {
        "ctrl-c": lambda: os.kill(os.getpid(), signal.SIGINT),
        "another thread": terraform.interrupt,
        "timeout": lambda: None,
    }
    when_written(pid_file, ways[way])
    with pytest.raises(TerraformTimeoutError if way == "timeout" else StoppedTerraformError) as caught:
        terraform.apply(terraform.folder / "plan")
    assert not caught.value.killed
    assert caught.value.exit_code == (6 if way == "timeout" else 130)
    assert caught.value.log == terraform.log
    assert is_gone(int(pid_file.read_text()))
    assert "first" in state(terraform)
    terraform._timeout_s = None
    pid_file.unlink()
    terraform.folder.joinpath("main.tf").write_text(sleeper(pid_file, seconds=0))
    assert terraform.plan(terraform.folder / "plan").has_changes  # the lock is free
    terraform.apply(terraform.folder / "plan")
    assert state(terraform) == ["first", "second"]


def test_a_terraform_that_somebody_kills_is_reported_as_such(module, tmp_path):
    pid_file = tmp_path / "pid"
    terraform = module(sleeper(pid_file))
    terraform.init()
    terraform.plan(terraform.folder / "plan")

    def kill() -> None:
        shell = int(Path(f"/proc/{pid_file.read_text().strip()}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(int(Path(f"/proc/{shell}/stat").read_text().rpartition(")")[2].split()[1]), signal.SIGKILL)

    when_written(pid_file, kill)
    with pytest.raises(TerraformKilledError, match="signal 9"):
        terraform.apply(terraform.folder / "plan")
    os.kill(int(pid_file.read_text()), signal.SIGKILL)


def test_secrets_are_taken_out_of_the_log_events_and_errors(module):
    told = []
    secret = 'canary"<&>'
    terraform = module(
        f"""
resource "terraform_data" "a" {{
  provisioner "local-exec" {{
    command = "printf '%s' \\"$SECRET\\"; exit 1"
    environment = {{
      SECRET = {json.dumps(secret)}
    }}
  }}
}}
""",
        on_event=told.append,
        scrub=masker([secret]),
    )
    terraform.init()
    terraform.plan(terraform.folder / "plan")
    with pytest.raises(TerraformRunError) as caught:
        terraform.apply(terraform.folder / "plan")
    assert "***" in caught.value.message
    for text in (caught.value.message, str(caught.value.diagnostics), str(told), terraform.log.read_text()):
        assert "canary" not in text


def test_the_folders_own_tests(module):
    terraform = module(TWO)
    terraform.init()
    (terraform.folder / "tests").mkdir()
    case = 'run "{name}" {{\n  command = plan\n  assert {{\n    condition = var.word == "{value}"\n'
    case += '    error_message = "no {value}"\n  }}\n}}\n'
    text = case.format(name="good", value="x") + case.format(name="bad", value="y")
    (terraform.folder / "tests" / "a.tftest.hcl").write_text(text)
    result = terraform.test()
    assert (result.passed, result.failed, result.errored, result.skipped) == (1, 1, 0, 0)
    assert result.diagnostics[0].detail == "no y"


def test_what_init_reads_decides_whether_it_is_needed(module, binary):
    terraform = module(TWO)
    versions = terraform.folder / "versions.tf"
    versions.write_text('terraform {\n  required_version = ">= 1.9"\n}\n')
    terraform.init()
    (terraform.folder / "main.tf").write_text(TWO + 'resource "terraform_data" "b" {}\n')
    assert not terraform.needs_init()
    versions.write_text('terraform {\n  required_version = ">= 1.9.1"\n}\n')
    assert terraform.needs_init()
    terraform.init()
    (terraform.folder / "backend_override.tf").write_text('terraform {\n  backend "local" {\n  }\n}\n')
    assert terraform.needs_init()
    other = tf.Binary(binary.argv, binary.kind, "9.9.9")
    (terraform.folder / "backend_override.tf").unlink()
    assert not terraform.needs_init()
    assert tf.Terraform(terraform.folder, other, log=terraform.log).needs_init()


def test_its_data_can_live_elsewhere(module, tmp_path):
    terraform = module(TWO, data_dir=tmp_path / "data")
    terraform.init()
    assert not terraform.needs_init()
    terraform.plan(tmp_path / "plan")
    assert (tmp_path / "data").is_dir()
    assert not (terraform.folder / ".terraform").exists()


@pytest.mark.root
def test_an_apply_does_not_start_on_a_disk_that_is_nearly_full(module, tmp_path):
    small = tmp_path / "module"
    small.mkdir()
    size = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(small)]
    if os.geteuid() != 0 or subprocess.run(size, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs root, to mount a small file system")
    try:
        terraform = module(TWO)
        terraform.init()
        terraform.plan(tmp_path / "plan")
        with pytest.raises(StyxError, match="MiB left"):
            terraform.apply(tmp_path / "plan")
        with pytest.raises(StyxError, match="MiB left"):
            terraform.destroy()
        assert not (small / "terraform.tfstate").exists()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_what_is_over_the_budget_is_told_as_that(module):
    template = (paths.templates() / "terraform" / "common" / "placement.tf.j2").read_text()
    (message,) = [line for line in template.splitlines() if "over the budget" in line]
    guard = BUDGET.replace('error_message = "over the budget"', message)
    numbers = 'locals {\n hourly_usd = 14.5\n}\nvariable "budget_hourly_usd" {\n default = 5\n}\n'
    terraform = module(numbers + guard)
    terraform.init()
    with pytest.raises(BudgetError, match=r"14\.5 USD an hour, over the budget of 5 USD") as caught:
        terraform.plan(terraform.folder / "plan")
    assert caught.value.exit_code == 3
