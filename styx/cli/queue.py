"""`styx queue`: the jobs of a cluster."""

import time
from dataclasses import asdict

from styx.cli import console, describe, opening, options


def queue(name: options.Name, json: options.Json = False) -> None:
    """List the jobs of a cluster, the oldest first: what runs, what waits, how the others ended.

    Example: styx queue hello --json
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=True) as session, open_head(name, session) as head:
        infos = head.infos()
    if json:
        describe.print_json([{"id": info.id, "ray": info.status, **asdict(state)} for info, state in infos])
        return
    if not infos:
        print(f"{name} has run no job; run one: styx exec {name} -- CMD")
    rows = []
    for info, state in infos:
        said = state.state if not (info.has_ended and not state.has_ended) else f"lost ({info.status.lower()})"
        code = "-" if state.exit_code is None else str(state.exit_code)
        rows.append((info.id, said, str(len(state.addresses) or "-"), code, _since(state.started), _took(state)))
    console.table(("job", "state", "ranks", "exit code", "started", "took"), rows)


def _since(started: float | None) -> str:
    return "-" if started is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))


def _took(state: object) -> str:
    started, ended = getattr(state, "started", None), getattr(state, "ended", None)
    return "-" if started is None else f"{(ended or time.time()) - started:.1f} s"
