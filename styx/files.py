"""Writing files so that a crash leaves the old or the new text, never a half, and nobody else reads them."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_SYNCS_AT_ONCE = 16
"""The disk takes many files at once in little more than the time of one."""


def sha256(text: str | bytes) -> str:
    """Return the hex SHA-256 of `text` (UTF-8)."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def make_folder(path: Path) -> Path:
    """Create `path` and its missing parents with mode 0700 under any umask; existing ones keep their mode."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process may be quicker
            folder.mkdir(mode=FOLDER_MODE)
            folder.chmod(FOLDER_MODE)
    return path


def write(path: Path, text: str | bytes, mode: int = FILE_MODE) -> None:
    """Replace `path` with `text` atomically: written beside it, fsynced, renamed, the folder fsynced."""
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode() if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_all(texts: Mapping[Path, str], staging: Path) -> None:
    """Replace each path with its text atomically: all are written in `staging` and fsynced before one is renamed.

    `staging` is this writing's own, on the file system of `texts`; what a crash left in it is removed. Raises
    FileExistsError when it is a link.
    """
    shutil.rmtree(staging, ignore_errors=True)
    make_folder(staging.parent)
    staging.mkdir(mode=FOLDER_MODE)
    try:
        staging.chmod(FOLDER_MODE)
        (staging / ".gitignore").write_text("*\n")  # a crash leaves nothing to commit
        staged = {path: staging / str(number) for number, path in enumerate(texts)}
        for path, temporary in staged.items():
            temporary.write_bytes(texts[path].encode())
            temporary.chmod(FILE_MODE)
        _sync(staged.values())
        for folder in {path.parent for path in texts}:
            make_folder(folder)
        for path, temporary in staged.items():
            temporary.replace(path)
        _sync({folder for path in texts for folder in path.parents if folder.is_relative_to(staging.parent)})
    finally:
        shutil.rmtree(staging)


def _sync(paths: Iterable[Path]) -> None:
    """Make the content of files, and the renames in folders, survive a power cut."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
        for _ in threads.map(_sync_one, paths):
            pass


def append(path: Path, line: str) -> None:
    """Add `line` to `path`, fsynced; either all of it is there or none, and one that a crash cut short stays alone."""
    make_folder(path.parent)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        cut_short = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        try:
            _write_whole(handle, f"{chr(10) * cut_short}{line}\n".encode())
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    if is_new:
        sync_folder(path.parent)


def _write_whole(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def sync_folder(path: Path) -> None:
    """Make renames in `path` survive a power cut."""
    _sync_one(path, os.O_DIRECTORY)


def _sync_one(path: Path, flags: int = 0) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Hold the flock of `path`, yielding its descriptor; raise BlockingIOError when held and not `wait`.

    The kernel lets go of the lock when the holder dies, however it dies.
    """
    make_folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    finally:
        os.close(handle)
