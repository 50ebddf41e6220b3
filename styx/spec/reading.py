"""Reading a YAML file that a user wrote: what stands at a path becomes text, or one clear fault."""

import difflib
import errno
from pathlib import Path

from styx.errors import Fault, SpecError
from styx.spec.document import MAX_BYTES


def read(path: Path) -> str:
    """Return the text of `path`; raise SpecError when it is missing, no file, too large or not UTF-8."""
    if path.is_dir():
        raise _fault(path, "this is a folder, not a file", "name a YAML file in it")
    if not path.exists():
        raise _absent(path)
    if not path.is_file():
        raise _fault(path, "this is not a regular file", "copy it to a file first")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _fault(path, f"the file cannot be read: {error.strerror}", "look at its permissions") from error
    if len(data) > MAX_BYTES:
        raise _fault(path, f"the file is larger than {MAX_BYTES // 1024} KiB", "put data in a file mount")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        fault = Fault(
            str(path), line, column, "", f"the byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        )
        raise SpecError([fault]) from error


def _fault(path: Path, message: str, hint: str) -> SpecError:
    return SpecError([Fault(str(path), 0, 0, "", message, hint)])


def _absent(path: Path) -> SpecError:
    """Return the fault of a path that leads to no file: a link in a circle, a link to nothing, or a misspelt name."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return _fault(path, "this is a link that leads back to itself", "remove it, or link it to a file")
    if path.is_symlink():
        return _fault(path, f"this is a link to `{path.readlink()}`, which does not exist", "link it to a file")
    return _fault(path, "there is no such file", _nearest(path))


def _nearest(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return "look at the path"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.with_name(near[0])}?" if near else "look at the path, or start with `styx init`"
