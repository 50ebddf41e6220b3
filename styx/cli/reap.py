"""`styx reap`: find, and end, what was forgotten in the clouds."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from styx.cli import console, describe, opening, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.lifecycle.reap import Orphan, Survey


def reap(  # noqa: PLR0913 - each is an option of the command line
    plan: Annotated[bool, Option("--plan", help="Only list what would be ended.")] = False,
    cloud: Annotated[list[str] | None, Option("--cloud", help="Only this cloud; may be given again.")] = None,
    cluster: Annotated[str, Option("--cluster", "-c", help="Only what carries this cluster's name.")] = "",
    all_owners: Annotated[bool, Option("--all-owners", help="Also what is somebody else's.")] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Find what carries Styx's tags and is in no state that this machine knows; end it when told to.

    Looks on every cloud that lets you in. What another machine of yours made may stand in a state there: it is listed,
    and ended only when --cluster names it. What is somebody else's needs --all-owners, too. Works when nothing is left
    of the machine that made it, a CI runner for example.

    Examples:

      styx reap --plan

      styx reap --cluster train --yes
    """
    from styx.lifecycle.reap import reap as end
    from styx.lifecycle.reap import survey

    with opening.session(opening.settings(), quiet=json) as session:
        found = survey(cloud or (), session, cluster)
        doomed = [one for one in found.orphans if (one.own or all_owners) and (one.made_here or cluster)]
        if not json:
            _show(found, doomed)
        wanted = bool(doomed) and not plan and _confirmed(len(doomed), yes=yes)
        ended = end(doomed, session) if wanted else 0
    if json:
        describe.print_json(_json(found, doomed, ended))
    elif ended:
        print(f"{console.plural(ended, 'thing')} ended and seen gone")


def _confirmed(count: int, *, yes: bool) -> bool:
    if yes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm", "give --yes to end what is listed, or --plan to list only")
    return console.ask(f"End {console.plural(count, 'thing')} and all data there?")


def _show(found: "Survey", doomed: "list[Orphan]") -> None:
    rows = [
        (
            one.found.cluster,
            one.found.kind,
            one.found.name,
            f"{one.cloud}/{one.found.zone or one.found.region or '-'}",
            one.found.owner or "-",
            one.found.created[:19].replace("T", " ") or "-",
            "end" if one in doomed else "somebody else's" if not one.own else "made elsewhere",
        )
        for one in found.orphans
    ]
    if rows:
        console.table(("cluster", "what", "name", "where", "owner", "created (UTC)", "verdict"), rows)
    else:
        print("nothing was forgotten")
    for cloud, why in found.unseen:
        print(f"not searched: {cloud}: {why}")


def _json(found: "Survey", doomed: "list[Orphan]", ended: int) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "orphans": [
            {"cloud": one.cloud, **asdict(one.found), "own": one.own, "made_here": one.made_here, "end": one in doomed}
            for one in found.orphans
        ],
        "unseen": [{"cloud": cloud, "why": why} for cloud, why in found.unseen],
        "ended": ended,
    }
