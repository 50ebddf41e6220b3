"""Options that several verbs share, each written once."""

import os
from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def before_verb(
    version: Annotated[bool, Option("--version", "-V", help="Print the version and exit.")] = False,
    debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """One task spec in; plain Terraform, plain Ansible, a verified Ray cluster and your job out."""
    del version, debug  # main acts on both before typer is imported


POOL = "File of your own hosts: pools, or an Ansible inventory (default: pools.yaml of your configuration)."


def use_pools(file: Path | None) -> None:
    """Take the pools of `file`, over all other settings, in this process and those that it starts."""
    if file:
        os.environ["STYX_POOLS"] = str(file.absolute())


Spec = Annotated[Path, Argument(help="The task spec, a YAML file.", show_default=False)]
SpecOrFolder = Annotated[Path, Argument(help="The task spec, or a folder that Styx rendered.", show_default=False)]
Name = Annotated[str, Argument(help="The cluster's name, as `styx status` lists it.", show_default=False)]
Cluster = Annotated[str | None, Option("--cluster", "-c", help="Name of the cluster (default: the spec's name).")]
Out = Annotated[Path | None, Option("--out", "-o", help="Folder to render into (default: infra/<cluster>).")]
Json = Annotated[bool, Option("--json", help="Print JSON for machines.")]
Yes = Annotated[bool, Option("--yes", "-y", "--auto-approve", help="Do not ask.")]
Overwrite = Annotated[bool, Option("--overwrite", help="Write over generated files that were edited by hand.")]
LockTimeout = Annotated[float | None, Option("--lock-timeout", help="Seconds to wait for another run to end.")]
Forbid = Annotated[
    str | None,
    Option("--forbid", help="Refuse a plan that does this to what stands, or worse: restart, replace or data-loss."),
]
NoSweep = Annotated[
    bool, Option("--no-sweep", help="Do not look for machines that a run before may have left: none may be there.")
]


def sweep(no_sweep: bool) -> bool | None:
    """Return the setting of that name, None when the option was not given."""
    return False if no_sweep else None
