"""Drawing: tables and progress in colour on a terminal, plain lines in a pipe."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from styx.lifecycle.progress import Progress, Report, silent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

_TICK_S = 0.25


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `columns` on stdout; a column whose name ends in `$` is aligned to the right."""
    if not rows:
        return
    if sys.stdout.isatty():
        _draw(columns, rows)
        return
    cells = [[column.upper() for column in columns], *rows]
    widths = [max(len(row[number]) for row in cells) for number in range(len(columns))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right" if "$" in column else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


@contextmanager
def reporting(*, quiet: bool = False) -> Iterator[Report]:
    """Yield a receiver of progress: a live line on a terminal, one line a step in a pipe, on stderr."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _live() as report:
            yield report
    else:
        yield _plain


def _plain(progress: Progress) -> None:
    if progress.phase in ("end", "fail"):
        mark = "ok" if progress.phase == "end" else "FAILED"
        print(f"{progress.step}: {mark} ({progress.seconds:.2f} s)", file=sys.stderr, flush=True)
    elif progress.phase == "note":
        print(f"{progress.step}: {progress.text}", file=sys.stderr, flush=True)


@contextmanager
def _live() -> Iterator[Report]:
    from rich.console import Console

    live = _Live(Console(stderr=True))
    try:
        yield live
    finally:
        live.still()


class _Live:
    """Keeps one moving line while a step is under way, and leaves a line for each that ended.

    Between steps nothing moves: then the verb prints, asks, or copies the output of a job.
    """

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._status: Status | None = None
        self._started, self._drawn = 0.0, 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.phase == "begin":
            self.still()
            self._started = time.monotonic()
            self._status = self._console.status(progress.step)
            self._status.start()
        elif progress.phase == "event":
            self._event(progress)
        elif progress.phase == "note":
            self._console.print(f"[yellow]•[/] {progress.step}: ", end="")
            self._console.print(progress.text, markup=False, highlight=False)
        else:
            self.still()
            mark = "[green]✓[/]" if progress.phase == "end" else "[red]✗[/]"
            self._console.print(f"{mark} {progress.step} [dim]{progress.seconds:.1f} s[/]", highlight=False)

    def still(self) -> None:
        """Take the moving line away."""
        if self._status:
            self._status.stop()
            self._status = None

    def _event(self, progress: Progress) -> None:
        from rich.text import Text

        now = time.monotonic()
        if self._status is None or now - self._drawn < _TICK_S:
            return
        self._drawn = now
        line = f"{progress.step} {now - self._started:.0f} s  {progress.text}"
        self._status.update(Text(line[: self._console.width - 4]))


def ask(question: str) -> bool:
    """Ask on the terminal; without one nobody can answer, so the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def ask_name(warning: str, name: str) -> bool:
    """Ask on the terminal for `name` to be typed; anything else, or no terminal, is a no."""
    if not interactive():
        return False
    print(f"{warning} Type {name} to go on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == name


def interactive() -> bool:
    """Say whether somebody can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def usd(amount: float | None, *, complete: bool = True) -> str:
    """Return an amount of USD for a person; an unknown one is a question mark."""
    if amount is None:
        return "?"
    return f"${amount:,.2f}" if complete else f"> ${amount:,.2f}"


def plural(count: int, noun: str) -> str:
    """Return `count noun`, with an s unless it is one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def colour(text: str, code: str, stream: object = None) -> str:
    """Return `text` in a colour (an SGR code) when `stream` (stdout) is a terminal that wants it."""
    shown = sys.stdout if stream is None else stream
    plain = "NO_COLOR" in os.environ or not getattr(shown, "isatty", bool)()
    return text if plain else f"\033[{code}m{text}\033[0m"


def shown(path: Path) -> str:
    """Return `path` as a person would write it here: relative below the current folder, absolute elsewhere."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
