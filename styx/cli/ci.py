"""`styx ci`: the pipeline of a repository of specs."""

import os
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option, Typer

from styx.cli import opening

app = Typer(no_args_is_help=True, help="Write the pipeline of a repository of specs, and its comments.")

Provider = Literal["github", "gitlab", "atlantis"]


@app.command()
def init(
    provider: Annotated[Provider, Argument(help="Where the pipeline runs.", show_default=False)],
    overwrite: Annotated[bool, Option("--overwrite", help="Write over files that are there.")] = False,
) -> None:
    """Write the files of a pipeline: checks, a plan on each pull request, an apply of what was approved, drift.

    Example: styx ci init github
    """
    from styx.lifecycle import pipeline_files
    from styx.lifecycle.repository import all_targets, spec_files
    from styx.spec import load

    settings = opening.settings()
    top = settings.top.absolute()
    specs = all_targets(spec_files([], settings), settings, load)
    targets = [target for each in specs for target in each]
    written = pipeline_files.write(pipeline_files.pipeline_files(provider, top, targets), top, overwrite=overwrite)
    for path in written:
        print(f"wrote {path}")
    print("next: read the head of each file: what it needs of your accounts stands there")


@app.command()
def comment(
    provider: Annotated[Literal["github", "gitlab"], Argument(help="Where the pull request is.", show_default=False)],
    file: Annotated[Path, Argument(help="The comment, of `styx diff --format markdown`.", show_default=False)],
) -> None:
    """Write a comment on the pull request of this pipeline, over the one that was written before.

    Example: styx ci comment github comment.md
    """
    from styx.review.comment import MARKER
    from styx.run import pull_request

    forge = {"github": pull_request.github, "gitlab": pull_request.gitlab}[provider](os.environ)
    print(pull_request.write(forge, file.read_text(), MARKER))
