"""A review as Markdown: the comment that a pipeline writes on a pull request, and updates in place."""

from styx.review.change import HOURS_A_MONTH, Change, Review, Side, unpriced

MARKER = "<!-- styx-diff -->"
"""The first line of the comment: by it a pipeline finds the one that it wrote before."""

_MOST_ROWS = 100
"""GitHub takes comments of 65,536 characters."""


def markdown(review: Review) -> str:
    """Return the comment."""
    lines = [MARKER, "### Styx: what this changes", "", _summary(review), ""]
    if review.changes:
        lines += [
            "| cluster | before | after | $/hour | difference a month | machines that stand |",
            "|---|---|---|--:|--:|---|",
        ]
        lines += [_row(change) for change in review.changes[:_MOST_ROWS]]
        lines += [f"\n…and {len(review.changes) - _MOST_ROWS} more clusters"] * (len(review.changes) > _MOST_ROWS)
        lines.append("")
    notes = [f"{change.cluster}: {note}" for change in review.changes for note in change.notes]
    for title, found in (
        ("No known price", unpriced(review.changes)), ("To look at", (*notes, *review.problems)),
    ):  # fmt: skip
        if found:
            lines += [f"**{title}**", "", *(f"* {_plain(one)}" for one in found), ""]
    return "\n".join([*lines, _estimate(review)]) + "\n"


def _summary(review: Review) -> str:
    difference = review.after_usd - review.before_usd
    count = len(review.changes)
    clusters = "1 cluster" if count == 1 else f"{count} clusters"
    hourly = f"${review.before_usd:,.2f} → ${review.after_usd:,.2f} an hour"
    monthly = f"{_signed(difference * HOURS_A_MONTH)} a month"
    return f"**{clusters} changed**, {review.unchanged} unchanged. All together {hourly}, **{monthly}**."


def _row(change: Change) -> str:
    before, after = (_machines(side) for side in (change.before, change.after))
    price = f"{_price(change.before)} → {_price(change.after)}"
    label = f"**{change.label}**" if change.label in ("replace", "data-loss") else (change.label or "-")
    expected = "" if change.planned or change.label is None else " (expected)"
    monthly = _signed(change.hourly_usd * HOURS_A_MONTH)
    return f"| {_plain(change.cluster)} | {before} | {after} | {price} | {monthly} | {label}{expected} |"


def _machines(side: Side | None) -> str:
    return _plain(side.machines) if side else "-"


def _price(side: Side | None) -> str:
    if side is None:
        return "-"
    return f"{'> ' if side.unpriced else ''}${side.hourly_usd:,.2f}"


def _signed(usd: float) -> str:
    return f"{'-' if usd < -0.005 else '+' if usd > 0.005 else '±'}${abs(usd):,.2f}"


def _plain(text: str) -> str:
    """Return text in which nothing is markup: names come from files that a stranger may have written."""
    return "".join(
        f"\\{letter}" if letter in "\\`*_{}[]<>#|@!~" else " " if ord(letter) < 32 else letter for letter in text
    )


def _estimate(review: Review) -> str:
    said = sorted({side.prices for change in review.changes for side in (change.after,) if side})
    what = f" {'; '.join(said)};" if said else ""
    return f"<sub>Estimates:{what} a month is {HOURS_A_MONTH} hours; compared with {review.base[:12]}.</sub>"
