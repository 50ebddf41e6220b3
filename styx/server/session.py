"""One connection to the tasks, of either kind: it runs the queries of queries.sql by their names."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from styx.api.states import TRANSITIONS

Row = Mapping[str, Any]
Dialect = Literal["sqlite", "postgresql"]


class Session(Protocol):
    """A connection inside a transaction."""

    def rows(self, query: str, **values: object) -> list[Row]:
        """Run one query of queries.sql; `:now` is the database's clock."""
        ...


T = TypeVar("T")
Operation = Callable[[Session], T]
"""What is done in one transaction; it may be done again from the start, so it has no other effect."""


class Database(Protocol):
    """Where the tasks are."""

    async def read(self, operation: Operation[T]) -> T:
        """Run what changes nothing."""
        ...

    async def write(self, operation: Operation[T]) -> T:
        """Run a change; when this returns it is on disk, when it raises nothing was changed."""
        ...

    def close(self) -> None:
        """Finish what is under way and close all connections."""
        ...


@cache
def queries(dialect: Dialect) -> dict[str, str]:
    """Return name → SQL, with the states of styx.api.states filled in."""
    folder = Path(__file__).parent
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("queries.sql", f"queries.{dialect}.sql"))
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    states = {f"may_{event}": _among(sources) for event, (sources, _) in TRANSITIONS.items()}
    states |= {f"to_{event}": f"'{target}'" for event, (_, target) in TRANSITIONS.items()}
    return {name: sql.format_map(states) for name, sql in zip(parts[1::2], parts[2::2], strict=True)}


def _among(states: tuple[str, ...]) -> str:
    return "tasks.state IN (" + ", ".join(f"'{state}'" for state in states) + ")"
