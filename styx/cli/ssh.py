"""`styx ssh`: a shell on a host."""

import os
from typing import Annotated

from typer import Argument, Exit, Option

from styx.cli import boundary, opening, options
from styx.errors import HostError


def ssh(
    name: options.Name,
    command: Annotated[
        list[str] | None, Argument(metavar="CMD…", help="A command instead of a shell, after --.")
    ] = None,
    rank: Annotated[int, Option("--rank", help="Which host: 0 is the head.", min=0)] = 0,
) -> None:
    """Open a shell on a host, or run a command there and exit with its own code.

    On this machine the host is a folder: the shell starts in its working folder, with its environment.

    Examples:

      styx ssh hello

      styx ssh hello --rank 1 -- ray status
    """
    from styx.lifecycle.shell import shell

    with opening.session(opening.settings(), quiet=True) as session:
        found = shell(name, rank, tuple(command or ()), session)
    os.chdir(found.folder)
    try:
        os.execvpe(found.argv[0], found.argv, found.environment)  # noqa: S606 - the host's shell takes this process's place
    except FileNotFoundError as error:
        boundary.report(HostError(f"there is no program {found.argv[0]!r} on {name}", "check its name, or PATH there"))
        raise Exit(127) from error  # as a shell says it
