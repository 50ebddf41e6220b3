"""`styx plan`: where a spec goes, what it costs, and what an apply would do."""

from typing import Annotated

from typer import Exit, Option

from styx.cli import describe, opening, options
from styx.cli.overrides import spec_options
from styx.spec import Overrides


@spec_options
def plan(  # noqa: PLR0913 - each is an option of the command line
    spec: options.Spec,
    overrides: Overrides,
    cluster: options.Cluster = None,
    out: options.Out = None,
    overwrite: options.Overwrite = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
    detailed_exitcode: Annotated[
        bool, Option("--detailed-exitcode", help="Exit 0 for no changes, 1 for an error, 2 for changes.")
    ] = False,
) -> None:
    """Show where a spec goes, what it costs, and what Terraform would do.

    The folder infra/<cluster> is written: plain Terraform and Ansible to read, commit and run by hand.

    Examples:

      styx plan task.yaml

      styx plan task.yaml --gpus A100:8 --use-spot --json
    """
    from styx.lifecycle.plan import plan_targets
    from styx.lifecycle.target import targets

    settings = opening.settings(lock_timeout_s=lock_timeout)
    chosen = targets(opening.spec(spec, overrides), settings, cluster=cluster, out=out)
    with opening.session(settings, quiet=json) as session:
        planned = plan_targets(chosen, session, overwrite=overwrite)
    if json:
        describe.print_json([describe.as_json(one) for one in planned])
    else:
        for one in planned:
            describe.planned(one)
        print(f"next: styx apply {spec}")
    if detailed_exitcode and any(one.terraform.has_changes for one in planned):
        raise Exit(2)
