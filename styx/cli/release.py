"""`styx release`: end the lease of a host whose cluster is lost."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument

from styx.cli import console, opening, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from styx.run.pool import Lease


def release(
    host: Annotated[str, Argument(metavar="POOL/HOST", help="The host, as `styx check ssh` lists it.")],
    yes: options.Yes = False,
) -> None:
    """Break the lease of a pool's host, whoever has it, and clean the host.

    For a host whose cluster nobody can destroy any more: its owner or the machine that knew of it is gone. What the
    cluster put there is taken away, and what runs for it ends. Example: styx release lab/n1
    """
    from styx.lifecycle.release import end_lease

    with opening.session(opening.settings()) as session:
        done = end_lease(host, session, lambda lease: _confirm(host, lease, yes=yes))
    print(f"{host}: {'given back' if done else 'left as it is'}")


def _confirm(host: str, lease: "Lease", *, yes: bool) -> bool:
    print(f"{host} is leased to {lease}")
    if yes:
        return True
    if not console.interactive():
        raise UsageError("nobody is there to confirm", "give --yes to break the lease without being asked")
    return console.ask("End all that runs for it, and give the host back?")
