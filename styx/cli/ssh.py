"""`styx ssh`: a shell on a host, or a command on one or all of them."""

import os
import sys
import threading
from typing import Annotated

from typer import Argument, Exit, Option

from styx.cli import boundary, opening, options
from styx.errors import HostError, UsageError


def ssh(  # noqa: PLR0913 - each is an option of the command line
    name: options.Name,
    command: Annotated[
        list[str] | None, Argument(metavar="CMD…", help="A command instead of a shell, after --.")
    ] = None,
    rank: Annotated[int, Option("--rank", help="Which host: 0 is the head.", min=0)] = 0,
    everywhere: Annotated[bool, Option("--all", help="On every host at once, its name before each line.")] = False,
    timeout: Annotated[float | None, Option("--timeout", help="With --all: seconds for each host.", min=0.1)] = None,
    forward: Annotated[
        list[str] | None,
        Option(
            "--forward", "-L", metavar="[HERE:]PORT", help="Bring a port of the host here until Ctrl-C; repeatable."
        ),
    ] = None,
    config: Annotated[
        bool, Option("--config", help="Print the OpenSSH configuration for `ssh NAME` and exit.")
    ] = False,
) -> None:
    """Open a shell on a host, or run a command there and exit with its own code.

    On this machine the host is a folder: the shell starts in its working folder, with its environment.

    Examples:

      styx ssh hello

      styx ssh hello --rank 1 -- ray status

      styx ssh hello --all -- nvidia-smi -L

      styx ssh hello --forward 8888
    """
    words = tuple(command or ())
    if config:
        _config(name)
    elif forward:
        _forward(name, rank, forward)
    elif everywhere:
        _everywhere(name, words, timeout)
    else:
        _one(name, rank, words)


def _one(name: str, rank: int, command: tuple[str, ...]) -> None:
    from styx.lifecycle.shell import shell

    tty = sys.stdin.isatty() and sys.stdout.isatty()
    with opening.session(opening.settings(), quiet=True) as session:
        found = shell(name, rank, command, session, tty=tty)
    os.chdir(found.folder)
    try:
        os.execvpe(found.argv[0], found.argv, found.environment)  # noqa: S606 - the host's shell takes this process's place
    except FileNotFoundError as error:
        boundary.report(HostError(f"there is no program {found.argv[0]!r} on {name}", "check its name, or PATH there"))
        raise Exit(127) from error  # as a shell says it


def _everywhere(name: str, command: tuple[str, ...], timeout_s: float | None) -> None:
    from styx.lifecycle.shell import everywhere

    if not command:
        raise UsageError("--all needs a command", f"write: styx ssh {name} --all -- CMD")
    with opening.session(opening.settings(), quiet=True) as session:
        done = everywhere(
            name, command, session, lambda host, line: print(f"{host}: {line}", flush=True), timeout_s=timeout_s
        )
    failed = [one for one in done.values() if one.code]
    for one in failed:
        what = (
            "cannot be reached" if one.is_unreachable else "timed out" if one.code == 124 else f"exit code {one.code}"
        )
        print(f"{one.host}: {what}", file=sys.stderr)
    if failed:
        raise Exit(max(one.code for one in failed))


def _forward(name: str, rank: int, ports: list[str]) -> None:
    from styx.lifecycle.shell import forwarded

    with opening.session(opening.settings(), quiet=True) as session, forwarded(name, rank, ports, session) as places:
        for place in places:
            print(place, flush=True)
        print("Ctrl-C closes them", flush=True)
        threading.Event().wait()


def _config(name: str) -> None:
    from styx.lifecycle import access
    from styx.lifecycle.standing import standing

    with opening.session(opening.settings(), quiet=True) as session:
        record = standing(name, session)
        if not access.is_remote(record):
            raise UsageError(f"the hosts of {name} are folders of this machine", f"open a shell with: styx ssh {name}")
        access.ssh(record)
        found = access.login(record.name)
    print(f"# ~/.ssh/config: Include {found.names.parent.parent}/*/names")
    print(found.names.read_text(), end="")
