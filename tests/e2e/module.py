"""A rendered module of a cloud, and the real Terraform in it: what the tests of all clouds share."""

import json
import os
import subprocess
from pathlib import Path

import yaml

from styx.catalog import open_catalog
from styx.lifecycle import access
from styx.lifecycle.target import Target
from styx.optimizer import choose
from styx.render import Rendering, render
from styx.run import terraform_binary
from styx.spec import loads
from styx.workdir import Workdir

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGoldenGoldenGoldenGoldenGoldenGoldenGolden0 tests"
CALLER = "203.0.113.4/32"


class Module:
    """The folder of one cluster, rendered again with every change of its spec."""

    def __init__(self, folder: Path, env: dict[str, str]):
        self.workdir = Workdir(folder)
        self.env = {**os.environ, **env, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        self.caller(CALLER)

    def caller(self, *networks: str, run_id: str = "r1") -> None:
        """Say who runs Terraform now."""
        self.workdir.terraform.mkdir(parents=True, exist_ok=True)
        told = {"caller_cidrs": list(networks), "run_tags": {"styx-run": run_id, "styx-owner": "tests"}}
        self.workdir.run_variables.write_text(json.dumps(told))

    def render(self, text: str, cluster: str = "demo", **more) -> dict[str, str]:
        """Write the folder of a spec on the shipped catalog; return what was written, by path."""
        spec = loads(text, "task.yaml")
        clouds = (next(iter(spec.tasks[0].resources.infra.cloud.split())),)
        plan = choose(spec, open_catalog(clouds), clouds)
        target = Target(spec, 0, cluster, self.workdir)
        more = {"volumes": access.locked_volumes(access.folder_lock(self.workdir)), **more}
        bundle = render(Rendering(cluster, target.task, plan.tasks[0], plan, ".", public_key=KEY, **more))
        self.workdir.write(bundle)
        return bundle

    def terraform(self, *words: str, code: int = 0) -> str:
        """Run `terraform words`, check its exit code, return what it printed."""
        run = subprocess.run(
            [*terraform_binary.find().argv, *words], cwd=self.workdir.terraform, env=self.env, capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = run.stdout + run.stderr
        assert run.returncode == code, f"terraform {words} gave {run.returncode}\n{said}"
        return said

    def init(self) -> None:
        """Check the form, find the providers, check the meaning."""
        self.terraform("fmt", "-check", "-diff")
        self.terraform("init", "-no-color")
        self.terraform("validate", "-no-color")

    def apply(self, *words: str, code: int = 0) -> str:
        """Make it so."""
        return self.terraform("apply", "-auto-approve", "-no-color", *words, code=code)

    def changes(self, *words: str) -> dict[str, list[str]]:
        """Plan; return what would change, address → actions."""
        self.terraform("plan", "-out=p", "-no-color", *words)
        plan = json.loads(self.terraform("show", "-json", "p"))
        (self.workdir.terraform / "p").unlink()
        found = {one["address"]: one["change"]["actions"] for one in plan.get("resource_changes", ())}
        return {address: actions for address, actions in found.items() if actions not in (["no-op"], ["read"])}

    def hosts(self) -> list[dict]:
        """Return the output `hosts`."""
        return json.loads(self.terraform("output", "-json", "hosts"))

    def inventory(self) -> dict:
        """Return the output `inventory` as Ansible reads it."""
        return yaml.safe_load(self.terraform("output", "-raw", "inventory"))

    def destroy(self) -> None:
        """End it all."""
        self.terraform("destroy", "-auto-approve", "-no-color")


def code_lines(bundle: dict[str, str]) -> int:
    """Count the lines of Terraform that are neither empty nor comments."""
    texts = (text for path, text in bundle.items() if path.endswith(".tf"))
    return sum(1 for text in texts for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))
