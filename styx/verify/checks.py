"""Running the roles' testinfra checks against the hosts of an inventory, in a process of their own."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

from styx import files, paths
from styx.errors import VerifyError

TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a role, looked at on one host."""

    role: str
    host: str
    name: str
    """What is promised, in words."""
    passed: bool
    """Whether it did not fail; true of a skipped one too."""
    message: str = ""
    """Why it failed or was skipped; empty when it passed."""
    skipped: bool = False

    @property
    def result(self) -> Literal["ok", "failed", "skipped"]:
        """What came out of it."""
        if self.skipped:
            return "skipped"
        return "ok" if self.passed else "failed"


@dataclass(frozen=True, slots=True)
class Verification:
    """Every check on every host."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)


def arguments(inventory: Path, roles: Sequence[str], report: Path, ssh_config: Path | None = None) -> list[str]:
    """Return the words after `python -m pytest`; `ssh_config` tells how remote hosts are reached."""
    folders = [paths.playbooks() / "roles" / role / "checks" for role in roles]
    return [
        *(
            "-p",
            "no:cacheprovider",
            "-p",
            "styx.verify.plugin",
            "-q",
            "--import-mode=importlib",
            "-o",
            "addopts=",
            "-o",
            "junit_logging=no",
        ),
        *("--rootdir", str(paths.playbooks()), "--ansible-inventory", str(inventory), "--hosts", "ansible://all"),
        *("--junitxml", str(report)),
        *(("--ssh-config", str(ssh_config)) if ssh_config else ()),
        *(str(folder) for folder in folders if folder.is_dir()),
    ]


def verify(
    inventory: Path, roles: Sequence[str], hosts: Sequence[str], log: Path, ssh_config: Path | None = None
) -> Verification:
    """Run the checks of `roles` on every host of `inventory`, which are `hosts` by name.

    `ssh_config` is OpenSSH's configuration for those that are other machines. Raises VerifyError when the checks
    cannot be run at all.
    """
    with tempfile.TemporaryDirectory(prefix="styx-verify-") as folder:
        report = Path(folder) / "report.xml"
        words = [sys.executable, "-m", "pytest", *arguments(inventory.absolute(), roles, report, ssh_config)]
        # testinfra asks `ansible-inventory`, which is beside this Python.
        search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environment = {**os.environ, "PATH": search, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
        try:
            run = subprocess.run(
                words, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=folder, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise VerifyError(f"the checks took longer than {TIMEOUT_S} s", "look at the hosts: `styx ssh`") from error
        files.write(log, run.stdout + run.stderr)
        if not report.is_file():
            raise VerifyError(f"the checks could not be run (pytest ended with {run.returncode})", log=log)
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314  # our own child wrote it
        return Verification(tuple(_check(case, hosts) for case in cases))


_NAME = re.compile(r"(?:test_)?(?P<name>[^\[]+)(?:\[ansible://(?P<rest>[^\]]*)\])?")


def _check(case: ET.Element, hosts: Sequence[str]) -> Check:
    """Read one test case: `test_its_files_are_private[ansible://demo-head-token]` of `…checks.test_ray`."""
    named = _NAME.fullmatch(case.get("name", ""))
    name, rest = (named["name"], named["rest"] or "") if named else (case.get("name", ""), "")
    host = max((one for one in hosts if rest == one or rest.startswith(f"{one}-")), key=len, default="")
    parameter = rest.removeprefix(host).removeprefix("-")
    said = name.replace("_s_", "'s ").replace("_", " ") + (f": {parameter}" if parameter else "")
    role = case.get("classname", "").rpartition(".")[2].removeprefix("test_")
    kinds = ("failure", "error", "skipped")
    found = {kind: element for kind in kinds if (element := case.find(kind)) is not None}
    message = next(((element.get("message") or kind).splitlines()[0] for kind, element in found.items()), "")
    skipped = found.keys() == {"skipped"}
    return Check(role, host, said, skipped or not found, message, skipped)
