"""The offers taken apart in temporary tables, made once a catalog; imports nothing that takes time."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import duckdb

_made: "WeakKeyDictionary[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]" = WeakKeyDictionary()


def tables(connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyConnection":
    """Return the cursor of a catalog's `connection` that has the tables of index.sql, made when first asked for.

    May run in a thread of its own, while another reads the spec.
    """
    found = _made.get(connection)
    if found is None:
        # A cursor is no key here: the tables must not keep their own entry alive.
        found = connection.cursor()
        for name in ("speeds", "index", "considered"):
            found.execute(sql(name))
        _made[connection] = found
    return found


@cache
def sql(name: str) -> str:
    """Return the text of an SQL file of this package."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()
