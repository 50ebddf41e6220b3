"""A repository of 200 specs: whether what is committed is what they render to, and what a branch changes."""

import shlex
import subprocess
from pathlib import Path

from measure import Measure, environment, styx

SPECS = 200
SPEC = "name: job-{number:03}\nresources: {{infra: {cloud}, cpus: {cpus}+}}\nnum_nodes: {nodes}\nrun: echo {number}\n"
CLOUDS = ("aws", "gcp", "azure")


def measures(work: Path) -> list[Measure]:
    """Return the measures; the repository is made and rendered first."""
    top = work / "repository"
    (top / "specs").mkdir(parents=True)
    (top / "styx.yaml").write_text("specs: [specs]\n")
    for number in range(SPECS):
        text = SPEC.format(number=number, cloud=CLOUDS[number % 3], cpus=2 + 2 * (number % 4), nodes=1 + number % 3)
        (top / "specs" / f"job-{number:03}.yaml").write_text(text)

    def run(*words: str) -> None:
        subprocess.run(words, cwd=top, env=environment(work), capture_output=True, check=True)

    def commit() -> None:
        run("git", "add", "--all")
        run("git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "-m", "specs")

    run("git", "init", "--quiet")
    run(*styx("render"))
    commit()
    for path in sorted((top / "specs").iterdir()):
        path.write_text(path.read_text().replace("num_nodes: ", "num_nodes: 1"))
    run(*styx("render"))
    commit()
    return [
        Measure(f"render --check of {SPECS} specs", _there(top, styx("render", "--check")), limit_s=5),
        Measure(f"diff of {SPECS} changed specs", _there(top, styx("diff", "HEAD~1")), limit_s=8),
    ]


def _there(top: Path, words: tuple[str, ...]) -> tuple[str, ...]:
    return ("sh", "-c", f"cd {shlex.quote(str(top))} && {shlex.join(words)}")
