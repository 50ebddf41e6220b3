"""`styx logs`: what a job printed."""

import sys
from typing import Annotated

from typer import Argument, Option

from styx.cli import opening, options


def logs(
    name: options.Name,
    job: Annotated[str | None, Argument(help="The job's id (default: the newest).", show_default=False)] = None,
    follow: Annotated[bool, Option("--follow", "-f", help="Go on until the job ends.")] = False,
    rank: Annotated[int | None, Option("--rank", help="Only what this rank printed, byte for byte.", min=0)] = None,
    tail: Annotated[int | None, Option("--tail", help="Only the last N lines.", min=0)] = None,
) -> None:
    """Print the log of a job: all ranks with the rank in front, or one of them as it is.

    Examples:

      styx logs hello

      styx logs hello 3 -f --rank 1 --tail 100
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=True) as session, open_head(name, session) as head:
        job_id = job or head.newest()
        head.folders.state(job_id)
        chunks = (
            head.follow(job_id, rank=rank, tail=tail) if follow else head.folders.read(job_id, rank=rank, tail=tail)
        )
        for chunk in chunks:
            if chunk:
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
