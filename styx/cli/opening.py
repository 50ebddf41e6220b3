"""What most verbs do first: read the settings and the spec, open the session, draw its progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from styx.cli import console
from styx.lifecycle.progress import Progress

if TYPE_CHECKING:
    from styx.lifecycle.session import Session
    from styx.settings import Settings
    from styx.spec import Overrides, SpecFile


def settings(**command_line: object) -> "Settings":
    """Return the settings, those of the command line (None: not given) over all others."""
    from styx import settings as layered

    return layered.load(**{name: value for name, value in command_line.items() if value is not None})


def spec(path: Path, overrides: "Overrides") -> "SpecFile":
    """Return the spec at `path` with the command line's overrides."""
    from styx.spec import load

    return load(path, overrides)


@contextmanager
def session(found: "Settings", *, quiet: bool = False) -> Iterator["Session"]:
    """Open the store and draw progress (not when `quiet`)."""
    from styx.lifecycle.session import Session
    from styx.state import Store

    with console.reporting(quiet=quiet) as report, Store.open() as store:
        for warning in store.warnings:
            report(Progress("state", "note", warning))
        yield Session(found, store, report)
