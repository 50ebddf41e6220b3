"""`styx plan`: where a spec goes, what it costs, and what an apply would do."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option

from styx.cli import boundary, describe, opening, options
from styx.cli.overrides import spec_options
from styx.errors import StyxError
from styx.spec import Overrides

if TYPE_CHECKING:
    from styx.lifecycle.plan import Planned
    from styx.settings import Settings
    from styx.spec import SpecFile


@spec_options
def plan(  # noqa: PLR0913 - each is an option of the command line
    spec: options.Spec,
    overrides: Overrides,
    cluster: options.Cluster = None,
    out: options.Out = None,
    overwrite: options.Overwrite = False,
    forbid: options.Forbid = None,
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
    try:
        settings = opening.settings(lock_timeout_s=lock_timeout, forbid=forbid)
        planned, digests = _plan(opening.spec(spec, overrides), settings, cluster, out, overwrite=overwrite, quiet=json)
    except StyxError as error:
        if not detailed_exitcode:
            raise
        boundary.report(error)
        raise Exit(1) from error  # 2 would say that there are changes
    if json:
        rows = zip(planned, digests, strict=True)
        describe.print_json([{**describe.as_json(one), "digest": digest} for one, digest in rows])
    else:
        for one in planned:
            describe.planned(one)
        print(f"next: {_apply(spec, cluster, out)}")
    if detailed_exitcode and any(one.terraform.has_changes for one in planned):
        raise Exit(2)


def _plan(  # noqa: PLR0913 - what the verb was given
    spec: "SpecFile", settings: "Settings", cluster: str | None, out: Path | None, *, overwrite: bool, quiet: bool
) -> "tuple[tuple[Planned, ...], tuple[str, ...]]":
    """Return the plans, and when nobody watches (`quiet`: a program asked) the digest of each."""
    from styx.lifecycle.plan import plan_targets
    from styx.lifecycle.target import targets

    chosen = targets(spec, settings, cluster=cluster, out=out)
    with opening.session(settings, quiet=quiet) as session:
        planned = plan_targets(chosen, session, overwrite=overwrite)
        if not quiet:
            return planned, ()
        from styx.lifecycle.approval import digest_of

        return planned, tuple(digest_of(one, session) for one in planned)


def _apply(spec: Path, cluster: str | None, out: Path | None) -> str:
    """Return the command that applies what was planned."""
    words = ["styx", "apply", str(spec)]
    words += ["--cluster", cluster] if cluster else []
    words += ["--out", str(out)] if out else []
    return shlex.join(words)
