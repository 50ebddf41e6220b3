"""`styx diff`: what lies between two revisions of a repository, for people, programs and pull requests."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from styx.cli import console, describe, opening, options

if TYPE_CHECKING:
    from styx.review.change import Change, Review, Side

Format = Literal["text", "json", "markdown"]

_COLUMNS = ("cluster", "", "before", "after", "$/hour", "$/hour after", "$/month", "machines that stand")


def diff(
    base: Annotated[
        str | None, Argument(help="Branch, tag or commit (default: the last commit).", show_default=False)
    ] = None,
    head: Annotated[str | None, Option("--head", help="Revision to compare (default: the files as they are).")] = None,
    plans: Annotated[
        Path | None, Option("--plans", help="Folder with the output of `styx plan --json`, for Terraform's own impact.")
    ] = None,
    format: Annotated[Format, Option("--format", help="How to report.")] = "text",
    json: options.Json = False,
) -> None:
    """Show what this branch changes since it left BASE: machines, price an hour and a month, impact.

    Examples:

      styx diff origin/main

      styx diff origin/main --format markdown > comment.md
    """
    from styx.lifecycle.revisions import compare

    settings = opening.settings()
    with opening.session(settings, quiet=True) as session:
        review = compare(base, head, session, plans)
    if json or format == "json":
        describe.print_json(_as_json(review))
    elif format == "markdown":
        from styx.review.comment import markdown

        print(markdown(review), end="")
    else:
        _show(review)


def _show(review: "Review") -> None:
    from styx.review.change import HOURS_A_MONTH, unpriced

    console.table(_COLUMNS, [_row(change) for change in review.changes])
    for change in review.changes:
        for note in change.notes:
            print(f"{change.cluster}: {note}")
    for line in unpriced(review.changes):
        print(f"no known price: {line}")
    for problem in review.problems:
        print(f"problem: {problem}")
    for line in sorted({change.after.prices for change in review.changes if change.after}):
        print(f"estimate: {line}")
    difference = review.after_usd - review.before_usd
    hourly = f"{console.usd(review.before_usd)} to {console.usd(review.after_usd)} an hour"
    print(f"all clusters: {hourly}, {_signed(difference * HOURS_A_MONTH)} a month; {review.unchanged} unchanged")


def _row(change: "Change") -> tuple[str, ...]:
    from styx.review.change import HOURS_A_MONTH

    label = change.label or "-"
    return (
        change.cluster,
        change.kind,
        change.before.machines if change.before else "-",
        change.after.machines if change.after else "-",
        _usd(change.before),
        _usd(change.after),
        _signed(change.hourly_usd * HOURS_A_MONTH),
        label if change.planned or not change.label else f"{label} (expected)",
    )


def _usd(side: "Side | None") -> str:
    return console.usd(side.hourly_usd, complete=not side.unpriced) if side else "-"


def _signed(usd: float) -> str:
    return f"{'-' if usd < 0 else '+'}{console.usd(abs(usd))}"


def _as_json(review: "Review") -> dict[str, Any]:
    return {
        "base": review.base,
        "before_hourly_usd": review.before_usd,
        "after_hourly_usd": review.after_usd,
        "unchanged": review.unchanged,
        "worst": review.worst,
        "problems": list(review.problems),
        "changes": [
            {
                "cluster": change.cluster,
                "folder": change.folder,
                "kind": change.kind,
                "label": change.label,
                "planned": change.planned,
                "hourly_usd": change.hourly_usd,
                "notes": list(change.notes),
                "before": _side(change.before),
                "after": _side(change.after),
            }
            for change in review.changes
        ],
    }


def _side(side: "Side | None") -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "machines": side.machines,
        "hourly_usd": side.hourly_usd,
        "unpriced": list(side.unpriced),
        "prices": side.prices,
        "rendered": side.rendered,
        "placement": asdict(side.placement),
    }
