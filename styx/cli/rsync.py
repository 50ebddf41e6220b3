"""`styx rsync`: files to the hosts of a cluster, and from them."""

import sys
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option, Typer

from styx.cli import opening, options

if TYPE_CHECKING:
    from styx.lifecycle.transfer import Transfer

app = Typer(no_args_is_help=True, help="Copy files to the hosts of a cluster (up), or from one of them (down).")

Rank = Annotated[int | None, Option("--rank", help="Which host: 0 is the head.", min=0)]
Delete = Annotated[bool, Option("--delete", help="Remove from the target what the source has not.")]


@app.command()
def up(
    name: options.Name,
    source: Annotated[str, Argument(help="A file or folder here; a / at its end stands for what is in it.")],
    target: Annotated[str, Argument(help="Where to on the hosts: below the working folder, ~/ or /.")] = ".",
    rank: Rank = None,
    delete: Delete = False,
) -> None:
    """Copy to every host at once, or to one; .gitignore files are honoured.

    Example: styx rsync up hello ./src/ src
    """
    from styx.lifecycle.transfer import Transfer

    _run(name, Transfer("up", source, target, delete), rank)


@app.command()
def down(
    name: options.Name,
    source: Annotated[str, Argument(help="A file or folder on the host: below the working folder, ~/ or /.")],
    target: Annotated[str, Argument(help="Where to here.")] = ".",
    rank: Rank = 0,
    delete: Delete = False,
) -> None:
    """Copy from one host, the head unless said otherwise.

    Example: styx rsync down hello results/ ./results
    """
    from styx.lifecycle.transfer import Transfer

    _run(name, Transfer("down", source, target, delete), rank)


def _run(name: str, what: "Transfer", rank: int | None) -> None:
    from styx.lifecycle.transfer import transfer

    def told(host: str, line: str) -> None:
        print(f"{host}: {line}", flush=True)

    with opening.session(opening.settings(), quiet=True) as session:
        done = transfer(name, what, session, told, rank=rank)
    failed = [one for one in done.values() if one.code]
    for one in failed:
        print(f"{one.host}: {'cannot be reached' if one.is_unreachable else f'exit code {one.code}'}", file=sys.stderr)
    if failed:
        raise Exit(7)
