"""`styx completion`: the script that makes a shell complete verbs and options."""

from typing import Annotated, Literal

from typer import Argument, echo


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Argument(help="The shell that is to complete `styx`.")],
) -> None:
    """Print the completion script of a shell.

    Example: styx completion bash > ~/.local/share/bash-completion/completions/styx
    """
    from typer._completion_shared import get_completion_script

    from styx.cli.main import COMPLETE_VARIABLE

    echo(get_completion_script(prog_name="styx", complete_var=COMPLETE_VARIABLE, shell=shell))
