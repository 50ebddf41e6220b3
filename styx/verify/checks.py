"""Running the roles' testinfra checks against the hosts of an inventory, in a process of their own."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from styx import files, paths
from styx.errors import VerifyError


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a role, looked at on one host."""

    role: str
    host: str
    name: str
    """What is promised, in words."""
    passed: bool
    message: str = ""
    """Why it failed; empty when it passed."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Every check on every host."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)


def arguments(inventory: Path, roles: Sequence[str], report: Path) -> list[str]:
    """Return the words after `python -m pytest`."""
    folders = [paths.playbooks() / "roles" / role / "checks" for role in roles]
    return [
        *("-p", "no:cacheprovider", "-q", "--import-mode=importlib", "-o", "addopts=", "-o", "junit_logging=no"),
        *("--rootdir", str(paths.playbooks()), "--ansible-inventory", str(inventory), "--hosts", "ansible://all"),
        *("--junitxml", str(report)),
        *(str(folder) for folder in folders if folder.is_dir()),
    ]


def verify(inventory: Path, roles: Sequence[str], log: Path, timeout_s: float = 300) -> Verification:
    """Run the checks of `roles` on every host of `inventory`; raise VerifyError when they cannot be run at all."""
    with tempfile.TemporaryDirectory(prefix="styx-verify-") as folder:
        report = Path(folder) / "report.xml"
        words = [sys.executable, "-m", "pytest", *arguments(inventory.absolute(), roles, report)]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
        try:
            run = subprocess.run(
                words, capture_output=True, text=True, timeout=timeout_s, check=False, cwd=folder, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise VerifyError(
                f"the checks took longer than {timeout_s:g} s", "look at the hosts: `styx ssh`"
            ) from error
        files.write(log, run.stdout + run.stderr)
        if not report.is_file():
            raise VerifyError(f"the checks could not be run (pytest ended with {run.returncode})", log=log)
        return Verification(tuple(_check(case) for case in ET.parse(report).getroot().iter("testcase")))  # noqa: S314  # our own child wrote it


_NAME = re.compile(r"(?:test_)?(?P<name>[^\[]+)(?:\[(?P<host>[^\]]*)\])?")


def _check(case: ET.Element) -> Check:
    """Read one test case: `test_ray_is_alive[ansible://demo-head]` of `…roles.ray.checks.test_ray`."""
    named = _NAME.fullmatch(case.get("name", ""))
    host = (named["host"] or "").removeprefix("ansible://") if named else ""
    name = (named["name"] if named else case.get("name", "")).replace("_", " ")
    role = case.get("classname", "").rpartition(".")[2].removeprefix("test_")
    fault = next((found for kind in ("failure", "error") if (found := case.find(kind)) is not None), None)
    message = "" if fault is None else (fault.get("message") or "failed").splitlines()[0]
    return Check(role, host, name, fault is None, message)
