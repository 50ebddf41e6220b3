"""The page docs/errors.md, made from the errors themselves: `python -m styx.cli.error_table > docs/errors.md`."""

from styx.errors import StyxError, tree

_HEAD = """# Exit codes and errors

Made from `styx/errors.py` by `make docs`. Every error is one line that says what happened, a line that says what to do
next, and, when a program ran, the path of its log. `--debug` in front of a verb adds the traceback.

| code | error | means | next, unless the error says better |
|---|---|---|---|
| 0 | | done | |
"""

_TAIL = """
`styx ssh … -- CMD` passes the command's own code, as ssh does. With `--detailed-exitcode`, `styx plan` uses
Terraform's codes: 0 no changes, 1 any error, 2 changes. A SIGTERM ends a run as Ctrl-C does, with 143.
"""


def page() -> str:
    """Return the page."""
    own = [error for error in tree() if error.__module__ == StyxError.__module__]
    rows = sorted(own, key=lambda error: (error.exit_code, error.__name__))
    cells = (f"| {row.exit_code} | {row.__name__} | {row.meaning} | {row.default_hint} |" for row in rows)
    return _HEAD + "\n".join(cells) + "\n" + _TAIL


if __name__ == "__main__":
    print(page(), end="")
