"""The states of a task, and the one table of how it gets from one to another."""

from typing import Literal, get_args

State = Literal["queued", "leased", "running", "succeeded", "failed", "cancelled", "dead"]

Event = Literal["claim", "start", "succeed", "fail", "again", "give_up", "cancel", "stop", "retry"]

STATES: tuple[State, ...] = get_args(State)

TRANSITIONS: dict[Event, tuple[tuple[State, ...], State]] = {
    "claim": (("queued",), "leased"),
    "start": (("leased",), "running"),
    "succeed": (("leased", "running"), "succeeded"),
    "fail": (("leased", "running"), "failed"),
    "again": (("leased", "running"), "queued"),
    "give_up": (("leased", "running"), "dead"),
    "cancel": (("queued",), "cancelled"),
    "stop": (("leased", "running"), "cancelled"),
    "retry": (("failed", "cancelled", "dead"), "queued"),
}
"""Event → the states that it may happen in, and the one that it leads to.

`again` puts a task back that failed and has retries left, or whose agent was lost or gave it back; `give_up` ends one
whose agents were lost too often; `stop` ends one that was cancelled while an agent had it; `retry` is a person's wish.
"""

HELD = TRANSITIONS["again"][0]
"""The states in which an agent has the task."""

FINAL: tuple[State, ...] = ("succeeded", "failed", "cancelled", "dead")
"""The states that a task stays in unless somebody retries it."""
