"""The real terraform in a folder of a test's own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from styx.run import terraform_binary

HERE = Path(__file__).parent


class Terraform:
    """One configuration, by the name of its folder under modules/, applied to a cloud that is none."""

    def __init__(self, module: str, folder: Path, cloud):
        shutil.copytree(HERE / "modules" / module, folder)
        self._folder = folder
        self._program = terraform_binary.find().argv
        self._environment = {**os.environ, **cloud.env, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        self.run("init")

    def run(self, *arguments: str) -> str:
        """Return what it prints; it must succeed."""
        done = self.tried(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tried(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Return how it ended."""
        with self.started(*arguments) as running:
            out, err = running.communicate()
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """Return it while it runs."""
        return subprocess.Popen(
            [*self._program, *arguments, "-no-color"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def refused(self, *arguments: str) -> str:
        """Return what it says of an error, on one line; it must fail."""
        done = self.tried(*arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        return " ".join(line.strip(" │╷╵") for line in done.stderr.splitlines())

    def apply(self, **variables: object) -> None:
        self.run("apply", "-auto-approve", *_given(variables))

    def destroy(self) -> None:
        self.run("destroy", "-auto-approve")

    def changes(self, **variables: object) -> dict[str, str]:
        """Return address → create, update, delete or replace, as a plan has them."""
        events = [json.loads(line) for line in self.run("plan", "-json", *_given(variables)).splitlines()]
        changes = [event["change"] for event in events if event["type"] == "planned_change"]
        return {change["resource"]["addr"]: change["action"] for change in changes}

    def outputs(self) -> dict:
        found = json.loads(self.run("output", "-json"))
        return {name: output["value"] for name, output in found.items()}


def _given(variables: dict[str, object]) -> list[str]:
    return [
        f"-var={name}={json.dumps(value) if not isinstance(value, str) else value}" for name, value in variables.items()
    ]
