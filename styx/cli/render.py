"""`styx render`: the files of specs, and nothing run."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import console, describe, opening, options
from styx.cli.overrides import spec_options
from styx.errors import DifferenceError
from styx.spec import Overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from styx.lifecycle.render import Checked
    from styx.lifecycle.rendered import Rendered


_MOST = 5
"""Folders that an error names."""


@spec_options
def render(  # noqa: PLR0913 - each is an option of the command line
    overrides: Overrides,
    specs: Annotated[
        list[Path] | None,
        Argument(metavar="[SPEC...]", help="Specs, or folders of specs; those of styx.yaml when none is given."),
    ] = None,
    cluster: options.Cluster = None,
    out: options.Out = None,
    check: Annotated[bool, Option("--check", help="Write nothing; exit 11 when a folder is not up to date.")] = False,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Write the Terraform and Ansible of specs; run nothing.

    What was chosen before stays chosen (styx.lock.json); `styx update` looks for something cheaper.

    Examples:

      styx render task.yaml --out infra/demo

      styx render --check
    """
    from styx.lifecycle.render import check_specs, render_specs
    from styx.lifecycle.repository import all_targets, spec_files

    settings = opening.settings()
    files = spec_files(specs or [], settings)
    chosen = all_targets(files, settings, lambda path: opening.spec(path, overrides), cluster=cluster, out=out)
    with opening.session(settings, quiet=json or check) as session:
        if check:
            _report(check_specs(chosen, session), json=json)
            return
        rendered = render_specs(chosen, session, overwrite=overwrite)
    if json:
        describe.print_json([{"folder": str(one.workdir.folder), **asdict(one.written)} for one in rendered])
    else:
        _show(rendered)
    for one in rendered:
        one.refuse_conflicts()


def _show(rendered: "Sequence[Rendered]") -> None:
    for one in rendered:
        written = one.written
        counts = f"{len(written.created)} created, {len(written.changed)} changed, {len(written.removed)} removed"
        print(f"{one.workdir.folder}: {counts}")
        for path in written.kept:
            print(f"  edited by hand, kept: {path}")
        for path in written.merged:
            print(f"  edited by hand, merged with what is new: {path}")


def _report(checked: "Sequence[Checked]", *, json: bool) -> None:
    """Say which folders are not what would be written; raise DifferenceError when one is not."""
    stale = [one for one in checked if not one.is_current]
    if json:
        rows = [
            {"folder": str(one.target.workdir.folder), "spec": one.target.spec.file, **asdict(one.written),
             "fault": one.fault, "diff": one.diff}
            for one in checked
        ]  # fmt: skip
        describe.print_json(rows)
    else:
        for one in checked:
            _difference(one)
    if stale:
        folders = [console.shown(one.target.workdir.folder) for one in stale]
        more = f" and {len(folders) - _MOST} more" if len(folders) > _MOST else ""
        files = list(dict.fromkeys(console.shown(Path(one.target.spec.file)) for one in stale))
        words = " ".join(["styx render", *files] if len(files) <= _MOST else ["styx render"])
        message = f"not what the specs render to: {', '.join(folders[:_MOST])}{more}"
        raise DifferenceError(message, f"run `{words}` and commit the result")


def _difference(one: "Checked") -> None:
    written, folder = one.written, console.shown(one.target.workdir.folder)
    if one.fault:
        print(f"{folder}: {one.fault}")
        return
    if one.is_current:
        kept = f" ({len(written.kept)} edited by hand)" if written.kept else ""
        print(f"{folder}: up to date{kept}")
        return
    print(f"{folder}: differs")
    for what, paths in (("new", written.created), ("to be removed", written.removed), ("to be merged", written.merged)):
        if len(paths) > 10:
            print(f"  {what}: {len(paths)} files")
        else:
            for path in paths:
                print(f"  {what}: {path}")
    print("".join(f"  {line}\n" for line in one.diff.splitlines()), end="")
