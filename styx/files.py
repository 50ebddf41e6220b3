"""Writing files so that a crash leaves the old or the new text, never a half, and nobody else reads them."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


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
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
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
