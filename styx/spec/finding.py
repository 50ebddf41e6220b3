"""Finding the specs of a folder, by the keys that their lines begin with."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MARKS = ("resources", "run", "setup", "num_nodes", "file_mounts", "workdir", "envs", "styx", "service", "execution")
"""A YAML file of a folder that begins a line with one of these keys is taken for a spec."""

FOREIGN = ("apiVersion", "jobs", "services", "hosts")
"""…unless it begins one with these: Kubernetes, CI and compose files."""


@dataclass(frozen=True, slots=True)
class FoundSpecs:
    """What a search came upon."""

    specs: tuple[Path, ...]
    skipped: tuple[Path, ...] = ()
    """YAML files that are no specs."""
    empty: tuple[Path, ...] = ()
    """Folders without any."""


def find(paths: Iterable[Path]) -> FoundSpecs:
    """Return the specs among `paths` and below its folders; a file that is named is a spec whatever it holds."""
    specs: list[Path] = []
    skipped: list[Path] = []
    empty: list[Path] = []
    for path in paths:
        if not path.is_dir():
            specs.append(path)
            continue
        before = len(specs)
        for found in sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")]):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if found.is_file() and not hidden:
                (specs if looks_like_spec(found.read_text(errors="replace")) else skipped).append(found)
        if len(specs) == before:
            empty.append(path)
    return FoundSpecs(tuple(specs), tuple(skipped), tuple(empty))


def looks_like_spec(text: str) -> bool:
    """Judge by the keys at the beginning of lines: a spec with broken YAML is still one, to be reported."""
    keys = {line.split(":")[0] for line in text.splitlines() if ":" in line}
    return not keys.isdisjoint(MARKS) and keys.isdisjoint(FOREIGN)
