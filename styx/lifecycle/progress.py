"""What a long action tells while it goes on, for a terminal to draw and a pipe to print."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that happened."""

    step: str
    """What the action is doing, for example `terraform apply`."""
    phase: Literal["begin", "event", "end", "fail", "note"]
    text: str = ""
    seconds: float = 0
    """How long the step took; only with `end` and `fail`."""


Report = Callable[[Progress], None]
"""Receives progress; called from the thread that runs the action."""


def silent(_progress: Progress) -> None:
    """Tell nobody."""


@contextmanager
def step(report: Report, name: str) -> Iterator[Callable[[str], None]]:
    """Report `name` as begun, then ended or failed; yields a function that reports events within it."""
    report(Progress(name, "begin"))
    started = time.monotonic()
    try:
        yield lambda text: report(Progress(name, "event", text))
    except BaseException:
        report(Progress(name, "fail", seconds=time.monotonic() - started))
        raise
    report(Progress(name, "end", seconds=time.monotonic() - started))
