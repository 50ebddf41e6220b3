"""`styx eject`: a rendered folder becomes its owner's alone."""

from pathlib import Path
from typing import Annotated

from typer import Argument

from styx.cli import console


def eject(
    folders: Annotated[list[Path], Argument(metavar="FOLDER...", help="Rendered folders.", show_default=False)],
) -> None:
    """Take rendered folders over: plan, render and update write nothing there any more.

    They can still be applied and destroyed as they are, with Styx or without it.

    Example: styx eject infra/train && styx apply infra/train
    """
    from styx.workdir import Workdir

    for workdir in [Workdir(folder.absolute()) for folder in folders]:
        workdir.eject()
        print(f"{console.shown(workdir.folder)}: yours; undo it by removing `ejected` from {workdir.lock_file.name}")
