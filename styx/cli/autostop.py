"""`styx autostop`: let the machines of a standing cluster switch themselves off."""

from typing import Annotated

from typer import Option

from styx.cli import describe, opening, options
from styx.errors import UsageError

_UNITS = {"m": 1, "h": 60, "d": 1440}
_WAIT_FOR = ("jobs_and_ssh", "jobs", "none")


def autostop(  # noqa: PLR0913 - each is an option of the command line
    name: options.Name,
    idle: Annotated[str, Option("--idle", "-i", help="Time without use: minutes, or 30m, 10h, 2d.")] = "5m",
    down: Annotated[bool, Option("--down", help="End the machines instead of stopping them.")] = False,
    wait_for: Annotated[str, Option("--wait-for", help="What counts as use: jobs_and_ssh, jobs or none.")] = _WAIT_FOR[
        0
    ],
    cancel: Annotated[bool, Option("--cancel", help="Let them run.")] = False,
    lock_timeout: options.LockTimeout = None,
    json: options.Json = False,
) -> None:
    """Let the machines of a cluster switch themselves off when nobody uses them, with nobody else alive.

    The spec's `resources.autostop` says the same from the start, and an apply of it says so again; its `hook` and
    `styx.lifetime` go on to hold.

    Examples:

      styx autostop train --idle 30m

      styx autostop train --cancel
    """
    from styx.lifecycle.autostop import Wish, set_autostop

    if wait_for not in _WAIT_FOR:
        raise UsageError(f"--wait-for {wait_for}: there is no such use", f"use one of: {', '.join(_WAIT_FOR)}")
    wish = Wish(0 if cancel else _minutes(idle), down, wait_for)
    with opening.session(opening.settings(lock_timeout_s=lock_timeout), quiet=json) as session:
        record = set_autostop(name, wish, session)
    if json:
        describe.print_json({"cluster": record.name, "idle_minutes": wish.idle_minutes, "down": down})
    elif cancel:
        print(f"{record.name}: its machines run until somebody stops them")
    else:
        print(f"{record.name}: its machines {'end' if down else 'stop'} after {wish.idle_minutes} minutes without use")


def _minutes(text: str) -> int:
    """Return minutes from a number, or a number with m, h or d."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "m")
    if not number.isdigit() or int(number) == 0:
        raise UsageError(f"--idle {text} is not a time", "write minutes as a number, or 30m, 10h, 2d")
    return int(number) * _UNITS[unit]
