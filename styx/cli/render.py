"""`styx render`: the files of a spec, and nothing run."""

from dataclasses import asdict

from styx.cli import describe, opening, options
from styx.cli.overrides import spec_options
from styx.spec import Overrides


@spec_options
def render(  # noqa: PLR0913 - each is an option of the command line
    spec: options.Spec,
    overrides: Overrides,
    cluster: options.Cluster = None,
    out: options.Out = None,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Write the Terraform and Ansible of a spec; run nothing.

    Example: styx render task.yaml --out infra/demo
    """
    from styx.lifecycle.render import render_targets
    from styx.lifecycle.target import targets

    settings = opening.settings()
    chosen = targets(opening.spec(spec, overrides), settings, cluster=cluster, out=out)
    with opening.session(settings, quiet=True) as session:
        rendered = render_targets(chosen, session, overwrite=overwrite)
    if json:
        found = [{"folder": str(one.workdir.folder), **asdict(one.written)} for one in rendered]
        describe.print_json(found)
        return
    for one in rendered:
        written = one.written
        counts = f"{len(written.created)} created, {len(written.changed)} changed, {len(written.removed)} removed"
        print(f"{one.workdir.folder}: {counts}")
        for path in written.kept:
            print(f"  edited by hand, kept: {path}")
