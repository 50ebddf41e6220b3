"""`styx cancel`: end a job on every node."""

from typing import Annotated

from typer import Argument

from styx.cli import describe, opening, options


def cancel(
    name: options.Name,
    job: Annotated[str | None, Argument(help="The job's id (default: the newest).", show_default=False)] = None,
    json: options.Json = False,
) -> None:
    """End a job on every node, with everything that its commands started.

    Example: styx cancel hello 3
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=json) as session, open_head(name, session) as head:
        job_id = job or head.newest()
        had_ended = head.state(job_id).has_ended
        state = head.cancel(job_id)
    if json:
        describe.print_json({"cluster": name, "job": job_id, "state": state.state})
    elif had_ended:
        print(f"job {job_id} on {name} had ended before: {state.state}")
    else:
        print(f"job {job_id} on {name}: {state.state}")
