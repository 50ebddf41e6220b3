"""The log of one run: a private file that gets each line as it comes, without its secrets."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from styx import files

_TAIL_LINES = 20


class Transcript:
    """An open log; what it already holds is kept."""

    def __init__(self, path: Path, scrub: Callable[[str], str]) -> None:
        files.make_folder(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, files.FILE_MODE)
        self._stream = os.fdopen(handle, "w", buffering=1, encoding="utf-8", errors="replace")
        self._scrub = scrub
        self._last: deque[str] = deque(maxlen=_TAIL_LINES)

    def write(self, text: str) -> None:
        """Add `text`, of one or more lines."""
        clean = self._scrub(text)
        self._stream.write(f"{clean}\n")
        self._last.append(clean)

    def tail(self) -> list[str]:
        """Return what was written last."""
        return list(self._last)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
