"""The one door to git: what a repository held, and merging a file three ways."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from styx.errors import ToolMissingError, UsageError

_LABELS = ("edited by hand", "rendered before", "rendered now")
_MOST_CONFLICTS = 127
"""What `git merge-file` ends with at most; above that it has failed."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A file that holds an edit and a new rendering."""

    text: str
    conflicts: bool
    """Whether it holds lines that both changed, between git's markers."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree."""

    top: Path

    def revision(self, name: str) -> str:
        """Return the commit that `name` means; raise UsageError when there is none."""
        found = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found.returncode:
            raise UsageError(f"git knows no revision {name!r}", "name a branch, a tag or a commit; fetch it first")
        return found.stdout.decode().strip()

    def merge_base(self, name: str) -> str:
        """Return the commit where the working tree's branch left `name`; raise UsageError when they share none."""
        found = _git(self.top, "merge-base", self.revision(name), "HEAD")
        if found.returncode:
            hint = "fetch the whole history (actions/checkout: fetch-depth: 0)"
            raise UsageError(f"HEAD and {name!r} share no commit here", hint)
        return found.stdout.decode().strip()

    def blobs(self, revision: str) -> dict[str, str]:
        """Return path → object of every file of a revision; links are left out."""
        listed = _git(self.top, "ls-tree", "-r", "-z", "--full-tree", revision).stdout.decode(errors="replace")
        rows = (row.split("\t", 1) for row in listed.split("\0") if row)
        return {path: about.split(" ")[2] for about, path in rows if about.startswith("100")}

    def working_files(self) -> list[str]:
        """Return the paths of the working tree, new files included and ignored ones left out; links are, too."""
        listed = _git(self.top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").stdout
        paths = [path for path in listed.decode(errors="replace").split("\0") if path]
        return [path for path in paths if (self.top / path).is_file() and not (self.top / path).is_symlink()]

    def texts(self, objects: Iterable[str]) -> dict[str, str]:
        """Return object → text, all read at once."""
        wanted = list(dict.fromkeys(objects))
        found = _git(self.top, "cat-file", "--batch", input_text="".join(f"{one}\n" for one in wanted)).stdout
        texts, start = {}, 0
        for one in wanted:
            end = found.index(b"\n", start)
            size = int(found[start:end].split(b" ")[2])
            texts[one] = found[end + 1 : end + 1 + size].decode(errors="replace")
            start = end + size + 2
        return texts

    def earlier(self, path: Path) -> Iterator[str]:
        """Yield each text that the file had in any commit, the newest first."""
        inside = (path.parent.resolve() / path.name).relative_to(self.top.resolve()).as_posix()
        found = _git(self.top, "log", "--all", "--format=", "--raw", "--no-abbrev", "--no-renames", "-z", "--", inside)
        rows = found.stdout.decode(errors="replace").split("\0")
        blobs = [row.split(" ")[3] for row in rows if row.startswith(":") and row.split(" ")[1].startswith("100")]
        yield from self.texts(blobs).values()


def find(folder: Path) -> Repository | None:
    """Return the repository that `folder` lies in; None when it lies in none, or when there is no git."""
    near = next(one for one in (folder, *folder.parents) if one.is_dir())
    if shutil.which("git") is None:
        return None
    found = _git(near, "rev-parse", "--show-toplevel")
    return Repository(Path(found.stdout.decode().removesuffix("\n"))) if found.returncode == 0 else None


def merge(edited: str, base: str, new: str) -> Merged | None:
    """Return `new` with what changed from `base` to `edited`; None when git cannot merge such text, or is missing."""
    if shutil.which("git") is None:
        return None
    with tempfile.TemporaryDirectory(prefix="styx-merge-") as folder:
        files = []
        for label, text in zip(_LABELS, (edited, base, new), strict=True):
            files.append(Path(folder) / label.replace(" ", "-"))
            files[-1].write_bytes(text.encode())
        labels = [word for label in _LABELS for word in ("-L", label)]
        found = _git(Path(folder), "merge-file", "--stdout", *labels, *map(str, files))
    if found.returncode > _MOST_CONFLICTS or found.returncode < 0:
        return None
    return Merged(found.stdout.decode(), found.returncode > 0)


def has_conflicts(text: str) -> bool:
    """Tell whether git's markers of a conflict stand in `text`."""
    starts = {line[:8] for line in text.splitlines()}
    return {"<<<<<<< ", ">>>>>>> "} <= starts


def _git(folder: Path, *words: str, input_text: str = "") -> "subprocess.CompletedProcess[bytes]":
    """Run git in `folder`, its messages in English and without the caller's settings of another repository."""
    kept: Mapping[str, str] = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(
            ("git", "-c", "core.quotePath=false", *words),
            cwd=folder,
            env={**kept, "LC_ALL": "C"},
            input=input_text.encode(),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolMissingError("git is not on PATH", "install git, then run the command again") from error
