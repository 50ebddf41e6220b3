"""`file_mounts` and `workdir`: what reaches the hosts before the job starts."""

import posixpath
import re
from typing import Annotated, Any

from pydantic import Field

from styx.spec.fields import STRING, Block, Flag, Form, Line, Short, Word, choice, line, shown, wrong

_URI = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]+)?(?:/.*)?")
_GIT = re.compile(r"(?:https?|ssh|git)://[^\s]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s]+")

_PASSWORD = re.compile(r"https?://[^/@]+@|[a-z]+://[^/@]+:[^/@]+@", re.IGNORECASE)

SYSTEM_FOLDERS = frozenset({
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr", "var",
    "Library", "System",
})  # fmt: skip
"""Top-level folders where a file that lands by mistake breaks a host."""


def target(value: object) -> str:
    """Return a mount's place on the host: `~/x`, `x` (below the working directory) or `/x`.

    An absolute path below a folder of the system is judged with the whole task, which may allow it.
    """
    text = line(value)
    if _URI.match(text):
        raise wrong(f"{shown(text)} is a URI, not a path on the host", "write target: source")
    if ".." in text.split("/"):
        raise wrong(f"{shown(text)} leads out of its folder with `..`", "write the path without ..")
    if text.startswith("~") and not text.startswith("~/"):
        raise wrong(f"{shown(text)} is another user's home", "write ~/path")
    if text.startswith("-") or place(text) in ("", ".", "~", "/"):
        raise wrong(f"{shown(text)} cannot be a target", "name a file or a folder: ~/data, data or /data")
    return text


def place(text: str) -> str:
    """Return `text` without doubled slashes, `.` parts and a slash at the end: one spelling for one place."""
    return posixpath.normpath(text).replace("//", "/")


def is_system(text: str) -> bool:
    """Tell whether the target `text` is below a folder of the system."""
    parts = place(text).split("/")
    return parts[0] == "" and len(parts) > 1 and parts[1] in SYSTEM_FOLDERS


def is_uri(text: str) -> bool:
    """Tell whether a source is a bucket and not a path of this machine."""
    return _URI.match(text) is not None


def read_source(value: object) -> str | tuple[str, ...]:
    """Return a mount's source: a local path or a bucket URI; a list of local paths goes into one bucket."""
    if isinstance(value, list) and value:
        return tuple(_one_source(item, place) for place, item in enumerate(value))
    return _one_source(value)


def _one_source(value: object, *path: int) -> str:
    if not isinstance(value, str):
        raise wrong("must be a path or a bucket URI", "write it as text", *path)
    text = line(value)
    if text.startswith("-"):
        raise wrong(f"{shown(text)} begins with a dash", "write ./ before it", *path)
    uri = _URI.fullmatch(text)
    if uri and not _BUCKET.fullmatch(uri[2]):
        raise wrong(f"{shown(text)} names no bucket", "write scheme://bucket/path", *path)
    return text


def _git_url(value: object) -> str:
    text = line(value)
    if not _GIT.fullmatch(text):
        raise wrong(f"{shown(text)} is not the URL of a git repository", "write https://host/path or git@host:path")
    if _PASSWORD.match(text):
        raise wrong("a URL with a password would be written down", "give it as the secret GIT_TOKEN")
    return text


class GitWorkdir(Block):
    """A git repository as the working directory."""

    url: Annotated[str, Form(_git_url)]
    """The repository: https, ssh or git@host:path."""
    ref: Word | None = None
    """A branch, tag or commit; the default branch when absent."""


def _workdir(value: object) -> str:
    text = line(value)
    if _GIT.fullmatch(text):
        raise wrong("a repository is written as a block", "write workdir: {url: …}")
    if text.startswith("-"):
        raise wrong(f"{shown(text)} begins with a dash", "write ./ before it")
    return text


class Mount(Block):
    """One file mount: a local file or folder, or a bucket."""

    source: Annotated[str | tuple[str, ...], Form(read_source, (STRING, {"type": "array", "items": STRING}))] | None = (
        None
    )
    """A local path, or a bucket's URI."""
    name: Line | None = None
    """The bucket to make or to use."""
    store: Word | None = None
    """The kind of bucket store."""
    mode: Annotated[str, choice("MOUNT", "COPY", "MOUNT_CACHED")] | None = None
    """MOUNT (a bucket as a folder), COPY (its files) or MOUNT_CACHED (a folder that writes back later)."""
    persistent: Flag = True
    """Keep the bucket when the cluster goes."""
    type: Word | None = None
    """What kind of mount it is."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Settings of the store."""

    @property
    def is_bucket(self) -> bool:
        """Whether anything but one local path is asked for."""
        plain = self.model_fields_set <= {"source", "mode"} and self.mode in (None, "COPY")
        return not (plain and isinstance(self.source, str) and not is_uri(self.source))


Workdir = Annotated[str | GitWorkdir, Short(_workdir, (STRING,), GitWorkdir)]
Target = Annotated[str, Form(target)]
MountField = Annotated[Mount, Short(lambda value: {"source": value})]
