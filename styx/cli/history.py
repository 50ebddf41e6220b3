"""`styx history`: what was done to a cluster."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from typer import Option

from styx.cli import console, describe, opening, options

if TYPE_CHECKING:
    from styx.state import RunRecord


def history(
    name: options.Name,
    limit: Annotated[int, Option("--limit", min=1, help="How many runs to show, the newest.")] = 20,
    json: options.Json = False,
) -> None:
    """Show who did what to a cluster, when, what changed and what it costs since; those that are gone included.

    Example: styx history hello --json
    """
    from styx.lifecycle.history import history as told

    with opening.session(opening.settings(), quiet=True) as session:
        entries = told(name, session, limit)
    if json:
        describe.print_json([asdict(entry) for entry in entries])
        return
    rows = []
    for entry in entries:
        run = entry.run
        price = "" if entry.hourly_usd is None else console.usd(entry.hourly_usd)
        changes = entry.changes or ("nothing",)
        rows.append((run.started_at, run.owner, run.verb, _ended(run), changes[0], price))
        rows += [("", "", "", "", line, "") for line in changes[1:]]
    console.table(("when", "who", "verb", "exit", "what changed", "$/hour since"), rows)


def _ended(run: "RunRecord") -> str:
    return "-" if run.exit_code is None else str(run.exit_code)
