"""Differences of text, as people read them."""

import difflib

MOST_LINES = 80
"""Of one file; what is longer is counted."""


def unified(before: str, after: str, path: str) -> str:
    """Return how `after` differs from `before`, as `diff -u` shows it; empty when it does not."""
    lines = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", n=2, lineterm="")
    )
    if not lines and before != after:
        return f"--- a/{path}\n+++ b/{path}\n(only its line ends differ)\n"
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"… {len(lines) - MOST_LINES} more lines of {path}"]
    return "".join(f"{line}\n" for line in lines)
