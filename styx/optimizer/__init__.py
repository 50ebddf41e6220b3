"""Choosing: which machines fit a task, and which of them cost least."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from styx.optimizer.blocklist import Blocked, blocked
    from styx.optimizer.priced import doubtful, doubts, needed, unknown_parts
    from styx.optimizer.scope import listed
    from styx.optimizer.search import Conditions
    from styx.optimizer.selection import choose, top
    from styx.optimizer.why import Verdict, why_not

__all__ = [
    "Blocked", "Conditions", "Verdict", "blocked", "choose", "doubtful", "doubts", "listed", "needed", "top",
    "unknown_parts", "why_not",
]  # fmt: skip

_HOMES = {
    "Blocked": "blocklist",
    "Conditions": "search",
    "Verdict": "why",
    "blocked": "blocklist",
    "choose": "selection",
    "doubtful": "priced",
    "listed": "scope",
    "doubts": "priced",
    "needed": "priced",
    "top": "selection",
    "unknown_parts": "priced",
    "why_not": "why",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, so that the tables can be made while pydantic is still being imported for the spec."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
