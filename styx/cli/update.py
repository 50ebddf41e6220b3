"""`styx update`: look again for the best offers, and say what each change saves."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from styx.cli import console, describe, opening, options
from styx.cli.overrides import spec_options
from styx.errors import UsageError
from styx.spec import Overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from styx.lifecycle.update import Updated
    from styx.plan import Placement

_COLUMNS = ("cluster", "locked", "now", "$/hour", "$/hour now", "saves", "")


@spec_options
def update(  # noqa: PLR0913 - each is an option of the command line
    overrides: Overrides,
    specs: Annotated[
        list[Path] | None,
        Argument(metavar="[SPEC...]", help="Specs, or folders of specs; those of styx.yaml when none is given."),
    ] = None,
    cluster: options.Cluster = None,
    out: options.Out = None,
    min_saving: Annotated[str, Option("--min-saving", help="Keep a lock unless the change saves so much: 10%.")] = "0%",
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Choose anew what styx.lock.json holds on to, and show what each change saves at today's prices.

    Examples:

      styx update task.yaml

      styx update --min-saving 10%
    """
    from styx.lifecycle.repository import all_targets, spec_files
    from styx.lifecycle.update import update_specs

    least, settings = _fraction(min_saving), opening.settings()
    files = spec_files(specs or [], settings)
    chosen = all_targets(files, settings, lambda path: opening.spec(path, overrides), cluster=cluster, out=out)
    with opening.session(settings, quiet=True) as session:
        updated = update_specs(chosen, session, min_saving=least, overwrite=overwrite)
    if json:
        describe.print_json([_as_json(one) for one in updated])
    else:
        _show(updated)
    for one in updated:
        if one.rendered:
            one.rendered.refuse_conflicts()


def _fraction(text: str) -> float:
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = -1
    if not 0 <= percent <= 100:
        raise UsageError(f"--min-saving {text!r} is no percentage", "write --min-saving 10%")
    return percent / 100


def _show(updated: "Sequence[Updated]") -> None:
    rows = [
        (
            one.target.cluster,
            _where(one.before) if one.before else "gone or forbidden" if one.gone else "-",
            _where(one.after),
            _usd(one.before),
            _usd(one.after),
            _saving(one),
            _became(one),
        )
        for one in updated
    ]
    console.table(_COLUMNS, rows)
    saved = sum(one.saving_usd or 0 for one in updated if one.rendered)
    print(f"saved: {console.usd(saved)} an hour, {console.usd(saved * 730)} a month")


def _where(placement: "Placement") -> str:
    types = dict.fromkeys(group.offer.instance_type for group in placement.groups)
    return f"{placement.cloud}/{placement.region}/{'+'.join(types)}"


def _usd(placement: "Placement | None") -> str:
    return console.usd(placement.cost.hourly_usd, complete=placement.cost.complete) if placement else "?"


def _saving(one: "Updated") -> str:
    if one.saving_usd is None or one.before is None:
        return "?"
    before = one.before.cost.hourly_usd
    return f"{console.usd(one.saving_usd)} ({one.saving_usd / before:.0%})" if before else console.usd(0)


def _became(one: "Updated") -> str:
    if one.rendered is None:
        return "kept"
    return "updated" if one.rendered.written.anything else "unchanged"


def _as_json(one: "Updated") -> dict[str, Any]:
    return {
        "cluster": one.target.cluster,
        "folder": str(one.target.workdir.folder),
        "before": {"where": _where(one.before), "hourly_usd": one.before.cost.hourly_usd} if one.before else None,
        "after": {"where": _where(one.after), "hourly_usd": one.after.cost.hourly_usd},
        "saving_hourly_usd": one.saving_usd,
        "gone": one.gone,
        "result": _became(one),
    }
