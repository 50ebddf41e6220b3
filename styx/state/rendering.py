"""Keeping the renderings that made machines: what stands is destroyed with the text that made it."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from styx import files
from styx.errors import IntegrityError, UsageError


def digest(bundle: Mapping[str, str]) -> str:
    """Return the SHA-256 over the paths and texts of `bundle`, whatever its order."""
    return files.sha256(json.dumps(bundle, sort_keys=True))


def keep(folder: Path, bundle: Mapping[str, str]) -> str:
    """Write `bundle` below `folder/<its digest>/`, fsynced, unless it is there whole; return the digest."""
    for path in bundle:
        _check(path)
    name = digest(bundle)
    target = folder / name
    if target.is_dir() and _texts(target) == bundle:
        return name
    files.make_folder(folder)
    made = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=folder))
    try:
        _write_all(made, bundle)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    files.sync_folder(folder)
    return name


def read(folder: Path, name: str) -> dict[str, str]:
    """Return the bundle whose digest is `name`; raise IntegrityError when it is missing or was changed."""
    target = folder / name
    bundle = _texts(target)
    if digest(bundle) != name:
        what = "was changed" if bundle else "is missing"
        raise IntegrityError(
            f"the rendering kept in {target} {what}",
            "restore the rendered folder from git and run the command there",
        )
    return bundle


def _check(path: str) -> None:
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or path.startswith("/") or "\0" in path:
        raise UsageError(f"{path!r} is not a path inside a rendered folder", "name files relative to the folder")


def _texts(folder: Path) -> dict[str, str]:
    """Return relative path → text of every file below `folder`; undecodable bytes cannot match a digest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _write_all(folder: Path, bundle: Mapping[str, str]) -> None:
    """Write every file, then fsync them one after the other: the first flush carries most of the rest."""
    for path, text in bundle.items():
        target = folder / path
        files.make_folder(target.parent)
        target.touch(mode=files.FILE_MODE)
        target.write_bytes(text.encode())
    for target in folder.rglob("*"):
        handle = os.open(target, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    files.sync_folder(folder)
