"""The cost report as one HTML page that needs nothing else: tables, and a bar chart drawn in SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING

from styx.cli import console
from styx.cli.cost_report import note

if TYPE_CHECKING:
    from styx.review.spending import Report, Row

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th, td { padding: .2rem .6rem; text-align: left }
tr { border-bottom: 1px solid #8884 } .n { text-align: right; font-variant-numeric: tabular-nums }
svg { width: 100%; height: auto } text { font-size: 13px; fill: currentColor } rect { fill: #4a7dbd }
:root { color-scheme: light dark }
"""
_ROW, _LABEL, _WIDTH = 22, 220, 900
"""Height of a bar with its gap, room for its name, width of the whole, in the drawing's units."""


def page(found: "Report") -> str:
    """Return the whole page."""
    rows = [_cells(row) for row in (*found.rows, found.total)]
    lives = [
        (life["run_id"], life["cluster"], life["owner"], life["begun"], life["ended"] or "now", f"{life['hours']:,.1f}",
         console.usd(life["estimated_usd"]), console.usd(life["spent_usd"], complete=life["complete"]))
        for life in map(asdict, found.runs)
    ]  # fmt: skip
    body = [
        f"<h1>What clusters cost, {escape(found.since[:10])} to {escape(found.until[:10])}</h1>",
        _chart(found.rows),
        _table((found.by, "hours", "spent", "now, an hour"), rows, numbers_from=1),
        "<h2>Runs</h2>",
        _table(("run", "cluster", "by", "from", "until", "hours", "estimated", "spent"), lives, numbers_from=5),
        f"<p>{escape(note(found))}</p>",
    ]
    head = f'<meta charset="utf-8"><title>Costs</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>'


def _cells(row: "Row") -> tuple[str, ...]:
    spent, running = (console.usd(amount, complete=row.complete) for amount in (row.spent_usd, row.running_usd))
    return row.key, f"{row.hours:,.1f}", spent, running


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        marks = (f"<{tag}{' class=n' if place >= numbers_from else ''}>" for place in range(len(cells)))
        inside = "".join(f"{mark}{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True))
        return f"<tr>{inside}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table>{line('th', columns)}{body}</table>"


def _chart(rows: "Sequence[Row]") -> str:
    """Return a horizontal bar for each row."""
    most = max((row.spent_usd for row in rows), default=0.0) or 1.0
    room = _WIDTH - _LABEL - 100
    drawn = []
    for place, row in enumerate(rows):
        y, width = place * _ROW, row.spent_usd / most * room
        drawn.append(
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(row.key[:30])}</text>'
            f'<rect x="{_LABEL}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 6}"/>'
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 15}">{escape(console.usd(row.spent_usd))}</text>'
        )
    box = f'viewBox="0 0 {_WIDTH} {max(len(rows), 1) * _ROW}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="spent" {box}>{"".join(drawn)}</svg>'
