"""What a user waits for at the command line: the version, a check, a rendering, a plan."""

import shutil
import sys
from pathlib import Path

from measure import Measure, styx

SPEC = Path(__file__).parent / "specs" / "two-nodes.yaml"


def measures(work: Path) -> list[Measure]:
    """Return the measures; the warm-up of `plan` writes and initialises the folder of `terraform plan`."""
    planned = work / "planned"
    return [
        Measure("version", styx("--version"), limit_s=0.15),
        Measure("validate", styx("validate", SPEC), limit_s=0.4),
        Measure("render", styx("render", SPEC, "--out", work / "rendered"), limit_s=1.0),
        Measure("plan", styx("plan", SPEC, "--out", planned), limit_s=0.5, against="terraform plan"),
        Measure("terraform plan", (_terraform(), f"-chdir={planned / 'terraform'}", "plan", "-input=false")),
    ]


def _terraform() -> str:
    """Return the program that styx itself would find on PATH."""
    found = shutil.which("terraform") or shutil.which("tofu")
    return found or sys.exit("bare `terraform plan` is the yardstick: put terraform or tofu on PATH")
