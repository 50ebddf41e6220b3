"""The rendered folder on disk: every file name in it, and writing it without losing anybody's edits."""

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from styx import files
from styx.errors import IntegrityError

Bundle = Mapping[str, str]
"""Relative path → text: what a rendering consists of."""

Merge = Callable[[Sequence[str]], Bundle]
"""From paths of files that were edited by hand and are rendered otherwise to the texts with both, where there are."""

LOCK_FILE = "styx.lock.json"
LOCK_VERSION = 1
JOB_FILE = "job.json"
RUN_VARIABLES = "terraform/run.auto.tfvars.json"
INVENTORY = "ansible/inventory.yml"
STATE_FILE = "terraform/terraform.tfstate"
_PENDING = ".styx.pending.json"
_STAGING = ".styx.staging"
"""Where new files are made before any takes its place."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one writing did; paths are relative to the folder."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Edited by hand, and left as they are: the new rendering does not differ from the one they were edited from."""
    merged: tuple[str, ...] = ()
    """Edited by hand, and changed by the new rendering too: both are in the file now."""

    @property
    def anything(self) -> bool:
        """Tell whether a file was written or removed."""
        return bool(self.created or self.changed or self.removed or self.merged)


@dataclass(frozen=True, slots=True)
class Due:
    """What a writing is about to do."""

    texts: Bundle
    """The files to write."""
    written: Written


@dataclass(frozen=True, slots=True)
class Workdir:
    """One rendered folder."""

    folder: Path

    @property
    def terraform(self) -> Path:
        """The Terraform root module."""
        return self.folder / "terraform"

    @property
    def ansible(self) -> Path:
        """The playbook's folder."""
        return self.folder / "ansible"

    @property
    def run_variables(self) -> Path:
        """Terraform variables of this machine and run, not committed."""
        return self.folder / RUN_VARIABLES

    @property
    def inventory(self) -> Path:
        """The Ansible inventory, written from Terraform's output, not committed."""
        return self.folder / INVENTORY

    @property
    def state_file(self) -> Path:
        """Terraform's local state, when the backend is this folder."""
        return self.folder / STATE_FILE

    @property
    def lock_file(self) -> Path:
        """What was chosen, and the hash of every generated file."""
        return self.folder / LOCK_FILE

    @property
    def is_ejected(self) -> bool:
        """Tell whether somebody took the folder over with `styx eject`."""
        return self.lock_file.exists() and bool(self.lock().get("ejected"))

    def eject(self) -> None:
        """Let no rendering touch the folder any more; it can still be applied and destroyed as it is."""
        files.write(self.lock_file, json.dumps({**self.lock(), "ejected": True}, indent=2, ensure_ascii=False) + "\n")

    def terraform_files(self) -> dict[str, str]:
        """Return path → text of what Terraform reads here, hand-written files included: enough to run it elsewhere."""
        found = (path for path in sorted(self.terraform.rglob("*")) if path.is_file())
        texts = {}
        for path in found:
            if ".terraform" in path.parts or ".tfstate" in path.name or path.suffix == ".tfplan":
                continue
            with contextlib.suppress(UnicodeDecodeError):  # Terraform's own files are text; others are not needed
                texts[str(path.relative_to(self.folder))] = path.read_text()
        return texts

    def lock(self) -> dict[str, Any]:
        """Return styx.lock.json; raise IntegrityError when it is missing, broken or of another version."""
        path = self.lock_file
        try:
            lock = read_lock(path.read_text(), str(path))
        except FileNotFoundError as error:
            raise IntegrityError(f"{self.folder} has no {LOCK_FILE}", "render it with `styx render SPEC`") from error
        except (UnicodeDecodeError, OSError) as error:
            raise IntegrityError(f"{path} cannot be read: {error}", "restore it from git") from error
        # It may come from somebody else's repository.
        hint = "restore it from git, or render the folder again with `styx render SPEC`"
        self._refuse_outside(_each_folder(lock["files"]), hint)
        return lock

    def _refuse_outside(self, paths: Iterable[str], hint: str = "remove the link and run the command again") -> None:
        """Raise IntegrityError unless `paths` stay within the folder, links followed."""
        is_link = cache(os.path.islink)  # many paths share their first folders
        for path in paths:
            *folders, name = path.split("/")
            stays = bool(name) and not path.startswith("/") and ".." not in (*folders, name)
            if stays and any(map(is_link, accumulate(folders, os.path.join, initial=os.fspath(self.folder)))):
                stays = (self.folder / path).parent.resolve().is_relative_to(self.folder.resolve())
            if not stays:
                raise IntegrityError(f"{path!r} leads out of {self.folder}", hint)

    def generated(self) -> dict[str, str]:
        """Return path → sha256 of what was last generated here; empty for a folder that never was."""
        if not (self.folder / LOCK_FILE).exists():
            return {}
        return dict(self.lock()["files"])

    def edited(self) -> tuple[str, ...]:
        """Return the generated files whose text is no longer what was generated, deleted ones included."""
        generated = self.generated()
        return self._edited(generated, self._on_disk(generated))

    def _edited(self, generated: Mapping[str, str], on_disk: Mapping[str, str | None]) -> tuple[str, ...]:
        pending = self._pending()
        return tuple(
            path
            for path, digest in sorted(generated.items())
            if on_disk[path] not in (digest, pending.get(path, digest))
        )

    def due(self, bundle: Bundle, *, overwrite: bool = False, merge: Merge | None = None) -> Due:
        """Return what makes the folder hold `bundle`, changing only the files that differ.

        A file edited by hand is kept when the new rendering does not change it; when it does, `merge` gives its new
        text. Raises IntegrityError naming those that it gives none for, unless `overwrite`.
        """
        check_safe(self.folder)
        lock = self.lock() if self.lock_file.exists() else {}
        if lock.get("ejected"):
            hint = f"work with the folder itself: styx apply {self.folder}; or give another --out"
            raise IntegrityError(f"{self.folder} was ejected: Styx writes nothing there", hint)
        before, digests = dict[str, str](lock.get("files", {})), _digests(bundle)
        on_disk = self._on_disk({*before, *bundle})
        edited = () if overwrite else self._edited(before, on_disk)
        clashes = tuple(path for path in edited if digests.get(path) not in (before[path], on_disk[path]))
        both: Bundle = merge(clashes) if merge and clashes else {}
        if lost := [path for path in clashes if path not in both]:
            hint = "move the edits to a *_override.tf file or host_vars/, or write over them with --overwrite"
            raise IntegrityError(f"edited by hand, and the new rendering differs: {', '.join(lost)}", hint)
        keep = tuple(path for path in edited if path in bundle and path not in both)
        wanted = {path: both.get(path, text) for path, text in bundle.items() if path not in keep}
        digests |= _digests(both)
        texts = {path: text for path, text in wanted.items() if on_disk[path] != digests[path]}
        created = tuple(path for path in sorted(texts) if not (self.folder / path).exists())
        self._refuse_foreign(set(texts) - set(created) - {LOCK_FILE, *before, *self._pending()})
        gone = (path for path in before if path not in bundle and path not in edited)
        removed = tuple(sorted(path for path in gone if (self.folder / path).exists()))
        changed = tuple(path for path in sorted(texts) if path not in created and path not in both)
        return Due(texts, Written(created, changed, removed, keep, tuple(sorted(texts.keys() & both.keys()))))

    def write(self, bundle: Bundle, *, overwrite: bool = False, merge: Merge | None = None) -> Written:
        """Do what `due` says; other files are never touched, and nothing is written when it raises."""
        due = self.due(bundle, overwrite=overwrite, merge=merge)
        self._replace(due.texts)
        self._refuse_outside(due.written.removed)
        for path in due.written.removed:
            (self.folder / path).unlink()
        return due.written

    def _refuse_foreign(self, paths: set[str]) -> None:
        if paths:
            names = ", ".join(sorted(paths))
            raise IntegrityError(f"{self.folder} holds files that Styx did not write: {names}", "use another --out")

    def _replace(self, differing: Bundle) -> None:
        """Write `differing`, the lock file last; a crash in between is told apart from a hand edit by `_PENDING`."""
        if not differing:
            return
        digests = {path: files.sha256(text) for path, text in differing.items()}
        self._refuse_outside(differing)
        pending = self.folder / _PENDING
        files.write(pending, json.dumps(digests))
        first = {self.folder / path: text for path, text in differing.items() if path != LOCK_FILE}
        if first:
            files.write_all(first, self.folder / _STAGING)
        if LOCK_FILE in differing:
            files.write(self.lock_file, differing[LOCK_FILE])
        pending.unlink()

    def _pending(self) -> dict[str, str]:
        """Return what an interrupted writing was about to write."""
        try:
            return dict(json.loads((self.folder / _PENDING).read_text()))
        except (OSError, ValueError):
            return {}

    def _on_disk(self, paths: Iterable[str]) -> dict[str, str | None]:
        """Return path → sha256 of each file as it is; None for one that cannot be read."""
        return {path: self._digest(path) for path in paths}

    def _digest(self, path: str) -> str | None:
        try:
            with open(f"{self.folder}/{path}", "rb") as stream:  # noqa: PTH123 - of thousands of files, a path costs more
                return files.sha256(stream.read())
        except OSError:
            return None


def read_lock(text: str, where: str) -> dict[str, Any]:
    """Return a lock; raise IntegrityError, naming `where` it stands, when it is broken or of another version."""
    try:
        lock = json.loads(text)
    except ValueError as error:
        hint = "restore it from git; of a merge take one side (git checkout --theirs), then run `styx render`"
        raise IntegrityError(f"{where} cannot be read: {error}", hint) from error
    version = lock.get("version") if isinstance(lock, dict) else None
    if version != LOCK_VERSION:
        hint = "render the folder again with `styx render SPEC`"
        raise IntegrityError(f"{where} has version {version!r}; this Styx reads version {LOCK_VERSION}", hint)
    if not isinstance(lock.get("files"), dict):
        hint = "restore it from git, or render the folder again with `styx render SPEC`"
        raise IntegrityError(f"{where} lists no files", hint)
    return dict(lock)


def _each_folder(paths: Iterable[str]) -> Iterable[str]:
    """Return one path of each folder, and every path whose own name leads elsewhere."""
    found = {path.rpartition("/")[0]: path for path in paths}
    return (*found.values(), *(path for path in paths if path.rpartition("/")[2] in ("", "..")))


def _digests(bundle: Bundle) -> dict[str, str]:
    return {path: _sha256(text) for path, text in bundle.items()}


@lru_cache(maxsize=4096)
def _sha256(text: str) -> str:
    """Return the digest of a text that many folders share: the files of roles."""
    return files.sha256(text)


def check_safe(folder: Path) -> None:
    """Raise IntegrityError when `folder` is a link, not a folder, another user's, or writable by everyone."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    fault = None
    if stat.S_ISLNK(found.st_mode):
        fault = "is a symbolic link"
    elif not stat.S_ISDIR(found.st_mode):
        fault = "is not a folder"
    elif found.st_uid != os.getuid():
        fault = "belongs to another user"
    elif found.st_mode & stat.S_IWOTH:
        fault = "can be written by everyone"
    if fault:
        raise IntegrityError(f"{folder} {fault}", "use --out with a folder of your own that only you can write")
