"""`styx check`: whether clouds can be used, and what to do about those that cannot."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import opening, options, wide

if TYPE_CHECKING:
    from styx.clouds.readiness import Finding
    from styx.lifecycle.check import Checked, Readiness

MARKS = {"ok": "ok", "missing": "MISSING", "note": "note"}


def check(
    cloud: Annotated[
        list[str] | None, Argument(metavar="[CLOUD[/POOL]]...", help="Clouds to check (default: all).")
    ] = None,
    timeout: Annotated[float, Option("--timeout", min=1, help="Seconds that each cloud may take.")] = 20,
    pool: Annotated[Path | None, Option("--pool", help=options.POOL, show_default=False)] = None,
    json: options.Json = False,
) -> None:
    """Check tools, credentials and permissions: what is missing, and the command that mends it. Nothing is made.

    Exit 0 when every cloud named is ready; when none is named, when any is (`local` needs no account). Exit 1 when a
    program or a cloud's library is missing, 5 when a cloud does not let you in or cannot be reached.

    --json prints {tools: [FINDING], clouds: [{cloud, ready, findings: [FINDING]}]}, a FINDING being {subject, name,
    state: ok | missing | note, said, mend}.

    Examples:

      styx check

      styx check aws gcp --json

      styx check ssh/lab

      styx check ssh --pool hosts.ini
    """
    from styx import clouds
    from styx.lifecycle.check import check_clouds

    options.use_pools(pool)
    named = list(dict.fromkeys(cloud or ()))
    found = check_clouds(named or clouds.ids(), opening.settings().terraform, timeout)
    _print_json(found) if json else _table(found)
    unready = [one for one in found.clouds if not one.ready]
    if unready and (named or len(unready) == len(found.clouds)):
        _refuse(unready)


def _table(found: "Checked") -> None:
    rows = [_row("tools", tool) for tool in found.tools]
    rows += [_row(one.cloud, finding) for one in found.clouds for finding in one.findings]
    wide.table(("for", "what", "name", "state", "found", "to mend it"), rows)
    for word, ready in (("ready", True), ("not ready", False)):
        if ids := [one.cloud for one in found.clouds if one.ready is ready]:
            print(f"{word}: {', '.join(ids)}")


def _row(owner: str, one: "Finding") -> tuple[str, ...]:
    return owner, one.subject, one.name, MARKS[one.state], one.said, one.mend


def _print_json(found: "Checked") -> None:
    import json
    from dataclasses import asdict

    print(
        json.dumps(
            {
                "tools": [asdict(tool) for tool in found.tools],
                "clouds": [
                    {"cloud": one.cloud, "ready": one.ready, "findings": [asdict(item) for item in one.findings]}
                    for one in found.clouds
                ],
            },
            indent=2,
        )
    )


def _refuse(unready: "list[Readiness]") -> None:
    """Raise the error that the worst finding asks for: without the tools, credentials help nobody."""
    from styx.errors import CredentialError, ToolMissingError

    missing = [finding for one in unready for finding in one.missing]
    tools = [finding for finding in missing if finding.subject in {"tool", "library"}]
    first = (tools or missing)[0]
    message = f"not ready: {', '.join(one.cloud for one in unready)} ({first.name}: {first.said})"
    hint = first.mend or "see what is marked MISSING"
    raise (ToolMissingError if tools else CredentialError)(message, hint)
