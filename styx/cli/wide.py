"""Tables that may be wider than the terminal: then a row takes several lines, and no word is broken."""

import shutil
import sys
from collections.abc import Sequence

from styx.cli import console

_GAP, _INDENT = "  ", "    "


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `columns` on stdout, as `console.table` does wherever they fit."""
    width = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(_groups(_widths(columns, rows), width)) == 1:
        console.table(columns, rows)
        return
    for number, line in enumerate(lines(columns, rows, width)):
        print(console.colour(line, "1") if number < len(_groups(_widths(columns, rows), width)) else line)


def lines(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the table with as many columns on a line as fit into `width`; what follows is indented."""
    widths = _widths(columns, rows)
    groups = _groups(widths, width)
    printed = []
    for row in ([column.upper() for column in columns], *rows):
        for number, group in enumerate(groups):
            cells = (row[column].ljust(widths[column]) for column in group)
            printed.append(((_INDENT if number else "") + _GAP.join(cells)).rstrip())
    return printed


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(row[number]) for row in (columns, *rows)) for number in range(len(columns))]


def _groups(widths: Sequence[int], width: int) -> list[list[int]]:
    """Return the columns of each line."""
    groups: list[list[int]] = [[]]
    left = width
    for column, needed in enumerate(widths):
        if groups[-1] and needed + len(_GAP) > left:
            groups.append([])
            left = width - len(_INDENT)
        left -= needed + (len(_GAP) if groups[-1] else 0)
        groups[-1].append(column)
    return groups
