"""`ci init`: the files of a repository's pipeline, as they are shipped."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from styx import files, paths
from styx.errors import IntegrityError
from styx.lifecycle.target import Target

PROVIDERS = ("github", "gitlab", "atlantis")
_COMMON = "common"
_PROGRAM_MODE = 0o755
_TEXT_MODE = 0o644


def pipeline_files(provider: str, top: Path, targets: Sequence[Target]) -> dict[str, tuple[str, int]]:
    """Return path below `top` → text and permissions of the files of a pipeline for `provider`."""
    found = {}
    folders = [paths.templates() / "ci" / provider]
    folders += [] if provider == "atlantis" else [paths.templates() / "ci" / _COMMON]
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            text = path.read_text()
            mode = _PROGRAM_MODE if text.startswith("#!") else _TEXT_MODE
            found[str(path.relative_to(folder))] = (text, mode)
    if provider == "atlantis":
        text, mode = found["atlantis.yaml"]
        found["atlantis.yaml"] = (text + "".join(_project(target, top) for target in targets), mode)
    else:
        found[".styx/.gitignore"] = ("/out/\n", _TEXT_MODE)
    return found


def write(made: dict[str, tuple[str, int]], top: Path, *, overwrite: bool = False) -> tuple[str, ...]:
    """Write the files that differ and return their paths; raise IntegrityError naming those that others wrote."""
    differing = {path: one for path, one in made.items() if _text(top / path) != one[0]}
    taken = [path for path in differing if (top / path).exists()]
    if taken and not overwrite:
        raise IntegrityError(f"{', '.join(taken)}: there is another one", "write over it with --overwrite")
    for path, (text, mode) in differing.items():
        files.write(top / path, text, mode)
    return tuple(differing)


def _project(target: Target, top: Path) -> str:
    """Return one project of atlantis.yaml; JSON is YAML, whatever the folder is called."""
    folder = Path(os.path.relpath(target.workdir.terraform, top)).as_posix()
    watched = ["*.tf", "*.tfvars.json", "../ansible/**", os.path.relpath(target.spec.file, target.workdir.terraform)]
    return (
        f"  - name: {target.cluster}\n    dir: {json.dumps(folder)}\n    workflow: styx\n"
        f"    autoplan:\n      when_modified: {json.dumps(watched)}\n"
        "    apply_requirements: [approved, mergeable, undiverged]\n"
    )


def _text(path: Path) -> str | None:
    return path.read_text(errors="replace") if path.is_file() else None
