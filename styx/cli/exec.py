"""`styx exec`: another job on a cluster that stands."""

import shlex
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import describe, following, opening, options
from styx.cli.overrides import spec_options
from styx.errors import UsageError
from styx.spec import Overrides

if TYPE_CHECKING:
    from styx.spec import SpecFile


@spec_options
def exec(  # noqa: A001, PLR0913 - the verb's name; each is an option of the command line
    cluster: options.Name,
    words: Annotated[list[str], Argument(metavar="SPEC | -- CMD…", help="A spec, or a command after --.")],
    overrides: Overrides,
    detach: Annotated[bool, Option("--detach", "-d", help="Hand the job in and do not wait for it.")] = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Run a new job on a standing cluster: nothing is provisioned again, setup runs only if it changed.

    A command of one word is a shell's text; several words are a program and its arguments. One word that ends in
    .yaml is a spec. A command runs on one node unless --num-nodes says more. The job's own exit code is shown; styx
    exits with 10 when it is not 0.

    Examples:

      styx exec hello task.yaml --env EPOCHS=3

      styx exec hello -- python -c 'print(1)'

      styx exec hello --num-nodes 2 -- 'echo rank $STYX_NODE_RANK'
    """
    from styx.lifecycle import jobs
    from styx.lifecycle.apply import given_secrets
    from styx.lifecycle.target import Target
    from styx.workdir import Workdir

    settings = opening.settings(lock_timeout_s=lock_timeout)
    with opening.session(settings, quiet=json) as session:
        spec = _spec(words, overrides)
        if len(spec.tasks) > 1:
            raise UsageError(f"{words[0]} is a pipeline", "apply it, or give a spec of one task")
        target = Target(spec, 0, cluster, Workdir(Path()))
        with jobs.start_spec(target, session, given_secrets(target)) as started:
            if detach:
                _handed_in(cluster, started.job_id, json=json)
            else:
                following.follow(started, errors=json)


def _spec(words: list[str], overrides: Overrides) -> "SpecFile":
    """Return the spec that `words` name, or one that runs them as a command."""
    from styx.spec import loads

    if len(words) == 1 and Path(words[0]).suffix in (".yaml", ".yml"):
        return opening.spec(Path(words[0]), overrides)
    run = words[0] if len(words) == 1 else shlex.join(words)
    return loads(dumps({"run": run}), "the command", overrides, folder=Path.cwd())


def _handed_in(name: str, job_id: str, *, json: bool) -> None:
    if json:
        describe.print_json({"cluster": name, "job": job_id})
        return
    print(f"job {job_id} on {name} is handed in")
    print(f"next: styx logs {name} {job_id} -f · styx cancel {name} {job_id}")
