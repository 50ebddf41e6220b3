"""The private folder of one run of a playbook, which may hold secrets; those that killed runs have left are removed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "styx-ansible-"
_FRESH_S = 60
"""A folder this young may be one that its run has yet to lock."""


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Give a folder that only this user can read, for as long as the block runs."""
    _remove_left_over()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_left_over() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another run removes it at this moment, or uses it
            _remove_if_left_over(folder)


def _remove_if_left_over(folder: Path) -> None:
    """Remove a folder of ours that nobody locks; a process's locks end with it, in whichever container it was."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        about = os.fstat(held)
        if about.st_uid == os.getuid() and time.time() - about.st_mtime > _FRESH_S:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(held)
