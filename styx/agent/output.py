"""What a task prints: into a file, up to a limit, with its secrets taken out."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from styx.api import limits
from styx.run.mask import forms, masker

_LONGEST_LINE = 64 << 10
_CUT = b"\n[styx: the output was longer than is kept]\n"


class Output:
    """The file that the output of one attempt goes to."""

    def __init__(self, path: Path, secrets: Iterable[str], limit: int = limits.LOG_BYTES) -> None:
        self._stream: BinaryIO = path.open("ab", buffering=0)
        self._mask = masker(values) if (values := tuple(secrets)) else None
        self._longest = max((len(form.encode(errors="surrogateescape")) for form in forms(values)), default=1)
        self._held = b""
        self._left = limit - len(_CUT)
        self._cut = False

    def write(self, data: bytes) -> None:
        """Add `data`; with secrets, what has no end of line yet is held back, since half a secret may be in it."""
        if self._mask is None:
            self._keep(data)
            return
        self._held += data
        ready, end, rest = self._held.rpartition(b"\n")
        ready = self._masked(ready + end)
        if len(rest) > _LONGEST_LINE + self._longest:
            rest = self._masked(rest)  # first: a secret that the cut would part is whole now
            place = max(0, len(rest) - self._longest + 1)
            ready, rest = ready + rest[:place], rest[place:]
        self._held = rest
        self._keep(ready)

    def close(self) -> None:
        """Write what was held back."""
        self._keep(self._masked(self._held))
        self._stream.close()

    def _masked(self, data: bytes) -> bytes:
        if self._mask is None:
            return data
        return self._mask(data.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    def _keep(self, data: bytes) -> None:
        kept = data[: self._left]
        self._left -= len(kept)
        if kept:
            self._stream.write(kept)
        if len(kept) < len(data) and not self._cut:
            self._cut = True
            self._stream.write(_CUT)


def tail(path: Path, characters: int) -> str:
    """Return the last `characters` of a file, as text that every database takes."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 4 * characters))
        return stream.read().decode(errors="replace").replace("\0", "\ufffd")[-characters:]
