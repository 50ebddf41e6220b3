"""`styx queue`: the jobs of a cluster."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from styx.cli import console, describe, opening, options

if TYPE_CHECKING:
    from styx.run.job import JobState


def queue(name: options.Name, json: options.Json = False) -> None:
    """List the jobs of a cluster, the oldest first: what runs, what waits, how the others ended.

    Example: styx queue hello --json
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=True) as session, open_head(name, session) as head:
        states = head.states()
    if json:
        describe.print_json([{"id": job_id, **asdict(state)} for job_id, state in states])
        return
    if not states:
        print(f"{name} has run no job; run one: styx exec {name} -- CMD")
    rows = []
    for job_id, state in states:
        code = "-" if state.exit_code is None else str(state.exit_code)
        rows.append((job_id, state.state, str(len(state.addresses) or "-"), code, _since(state.started), _took(state)))
    console.table(("job", "state", "ranks", "exit code", "started", "took"), rows)


def _since(started: float | None) -> str:
    return "-" if started is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))


def _took(state: "JobState") -> str:
    return "-" if state.started is None else f"{(state.ended or time.time()) - state.started:.1f} s"
