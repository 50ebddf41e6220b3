"""What a spec takes from this machine: its working directory and the local sources of its file mounts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from styx.spec.expand import references
from styx.spec.mounts import is_uri

if TYPE_CHECKING:
    from styx.spec.document import Path as Place
    from styx.spec.task import TaskSpec

Wrong = tuple["Place", str, str]
"""A path in the spec, what is wrong and what to do."""


def check(task: "TaskSpec", folder: Path) -> list[Wrong]:
    """Return what is wrong with the local files that `task` names; relative ones start at `folder`."""
    missing = set(task.missing_values)
    found: list[Wrong] = []
    if isinstance(task.workdir, str) and not references(task.workdir, missing):
        found += _workdir(task.workdir, folder)
    for place, text in _mounted(task):
        if not is_uri(text) and not references(text, missing):
            found += _source(place, text, folder)
    return found


def resolve(text: str, folder: Path) -> Path:
    """Return the local path that `text` names, its links not followed."""
    return folder / Path(text).expanduser()


def _mounted(task: "TaskSpec") -> Iterator[tuple["Place", str]]:
    for target, mount in task.file_mounts.items():
        sources = mount.source if isinstance(mount.source, tuple) else (mount.source,)
        yield from ((("file_mounts", target), text) for text in sources if text is not None)


def _workdir(text: str, folder: Path) -> list[Wrong]:
    path = resolve(text, folder)
    if not path.is_dir():
        fact = "is a file, not a folder" if path.exists() else "does not exist"
        return [(("workdir",), f"the folder `{text}` {fact}", f"paths start at {folder}")]
    return _linked(("workdir",), text, folder)


def _source(place: "Place", text: str, folder: Path) -> list[Wrong]:
    path = resolve(text, folder)
    if not path.exists():
        fact = "is a link to nothing" if path.is_symlink() else "does not exist"
        return [(place, f"the source `{text}` {fact}", f"paths start at {folder}")]
    if not (path.is_file() or path.is_dir()):
        return [(place, f"the source `{text}` is neither a file nor a folder", "name a file or a folder")]
    return _linked(place, text, folder)


def _linked(place: "Place", text: str, folder: Path) -> list[Wrong]:
    """Refuse a path that stays below the spec's folder by its words and leaves it by a link."""
    words = Path(text)
    if words.is_absolute() or text.startswith("~") or ".." in words.parts:
        return []
    real = (folder / words).resolve()
    if real.is_relative_to(folder.resolve()):
        return []
    return [(place, f"`{text}` is a link that leaves the spec's folder, to {real}", "write the real path")]
