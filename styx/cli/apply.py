"""`styx apply`: show the plan, ask, and make it so."""

from functools import partial

from styx.cli import console, describe, opening, options
from styx.cli.overrides import spec_options
from styx.errors import UsageError
from styx.lifecycle import apply as lifecycle
from styx.lifecycle.plan import Planned
from styx.lifecycle.target import targets
from styx.spec import Overrides


@spec_options
def apply(  # noqa: PLR0913 - each is an option of the command line
    spec: options.SpecOrFolder,
    overrides: Overrides,
    cluster: options.Cluster = None,
    out: options.Out = None,
    yes: options.Yes = False,
    overwrite: options.Overwrite = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Make it so: the machines that the spec asks for stand when this ends.

    Shows the plan and asks first; without a terminal it never asks, so --yes must be given.

    Examples:

      styx apply task.yaml

      styx apply task.yaml --cluster second --yes

      styx apply infra/second --yes
    """
    settings = opening.settings(lock_timeout_s=lock_timeout)
    with opening.session(settings, quiet=json) as session:
        confirm = partial(_confirm, yes=yes, json=json)
        if spec.is_dir():
            if overrides != Overrides():
                raise UsageError("a rendered folder is applied as it is", "give the spec to use options that change it")
            one = lifecycle.apply_folder(spec, session, confirm)
            applied: tuple[lifecycle.Applied, ...] = (one,) if one else ()
        else:
            chosen = targets(opening.spec(spec, overrides), settings, cluster=cluster, out=out)
            applied = lifecycle.apply_targets(chosen, session, confirm, overwrite=overwrite)
    if not applied:
        print("nothing was applied")
    for one in applied:
        _show(one, json=json)


def _show(applied: lifecycle.Applied, *, json: bool) -> None:
    record = applied.record
    if json:
        describe.print_json(record.to_json())
        return
    print(f"{record.name}: {console.plural(len(record.hosts), 'machine')} up, {console.usd(record.hourly_usd)} an hour")
    print(f"next: styx status · styx destroy {record.name}")


def _confirm(planned: Planned, *, yes: bool, json: bool) -> bool:
    if not json:
        describe.planned(planned)
    if yes or not planned.terraform.has_changes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm the plan", "give --yes to apply without being asked")
    return console.ask("Apply this?")
