"""`styx cost-report`: what was spent, on what, and what costs money now."""

import csv
import sys
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

from typer import Option

from styx.cli import console, describe, opening, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.review.spending import By, Report, Row

_BAR = 40
"""Characters of the longest bar."""


def cost_report(
    by: Annotated[str, Option("--by", help="What each row is: cluster, user, label or day.")] = "cluster",
    days: Annotated[int, Option("--days", min=1, help="How far to look back.")] = 30,
    json: options.Json = False,
    as_csv: Annotated[bool, Option("--csv", help="Print the rows as CSV.")] = False,
    html: Annotated[bool, Option("--html", help="Print one HTML page, with its charts.")] = False,
) -> None:
    """Show what clusters have cost, those that are gone included, and what runs now.

    Amounts are catalog prices times recorded hours, not the clouds' bills: no discounts, credits or traffic.

    Examples:

      styx cost-report --days 7

      styx cost-report --by user --html > costs.html
    """
    from styx.review import spending

    if by not in get_args(spending.By):
        raise UsageError(f"--by {by}: there are no such rows", f"use one of: {', '.join(get_args(spending.By))}")
    if json + as_csv + html > 1:
        raise UsageError("--json, --csv and --html are three forms of one report", "give one of them")
    with opening.session(opening.settings(), quiet=True) as session:
        events = (event for cluster in session.store.journalled() for event in session.store.events(cluster))
        found = spending.report(events, cast("By", by), datetime.now(UTC), days)
    if json:
        describe.print_json(asdict(found))
    elif as_csv:
        _print_csv(found)
    elif html:
        from styx.cli import cost_page

        print(cost_page.page(found))
    else:
        _show(found)


def _print_csv(found: "Report") -> None:
    from styx.review.spending import Row

    writer = csv.DictWriter(sys.stdout, [one.name for one in fields(Row)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in found.rows)


def _show(found: "Report") -> None:
    if not found.rows:
        print("nothing was spent: no cluster stood in that time")
        return
    most = max(row.spent_usd for row in found.rows)
    rows = [(*_cells(row), _bar(row.spent_usd, most)) for row in (*found.rows, found.total)]
    rows[-1] = (*rows[-1][:-1], "")
    console.table((found.by, "hours", "spent $", "now $/hour", "share"), rows)
    print()
    columns = ("run", "cluster", "by", "from", "until", "hours", "estimated $", "spent $")
    console.table(columns, [_life_cells(asdict(life)) for life in found.runs])
    print(note(found))


def _cells(row: "Row") -> tuple[str, ...]:
    spent, running = (console.usd(amount, complete=row.complete) for amount in (row.spent_usd, row.running_usd))
    return row.key, f"{row.hours:,.1f}", spent, running


def _life_cells(life: dict[str, Any]) -> tuple[str, ...]:
    spent = console.usd(life["spent_usd"], complete=life["complete"])
    estimated = console.usd(life["estimated_usd"])
    times = life["begun"], life["ended"] or "now"
    return life["run_id"], life["cluster"], life["owner"], *times, f"{life['hours']:,.1f}", estimated, spent


def note(found: "Report") -> str:
    """Return what the amounts are made of, in a sentence or two."""
    kinds = f" ({', '.join(found.prices)})" if found.prices else ""
    twice = " A cluster with several labels is in several rows." if found.by == "label" else ""
    return f"Catalog prices{kinds} times recorded hours, not the clouds' bills.{twice}"


def _bar(amount: float, most: float) -> str:
    eighths = round(amount / most * _BAR * 8) if most else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()
