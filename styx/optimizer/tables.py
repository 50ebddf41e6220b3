"""The offers taken apart in temporary tables, made once a catalog; imports nothing that takes time."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import duckdb

    from styx.catalog import Catalog

_OPTIONAL = "    | CASE"
_made: "WeakKeyDictionary[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]" = WeakKeyDictionary()


def tables(catalog: "Catalog") -> "duckdb.DuckDBPyConnection":
    """Return the cursor of a catalog that has its parts and the tables queries work with, made when first asked for.

    May run in a thread of its own, while another reads the spec.
    """
    found = _made.get(catalog.connection)
    if found is None:
        from styx.catalog import parts

        # A cursor is no key here: the tables must not keep their own entry alive.
        found = catalog.connection.cursor()
        parts.take_apart(found, catalog)
        for name in ("working", "considered"):
            found.execute(sql(name))
        _made[catalog.connection] = found
    return found


def asking(text: str, given: Iterable[str]) -> str:
    """Return a statement without the lines, begun by `|`, that name a parameter which is not `given`."""
    known = set(given)
    return "\n".join(line for line in text.splitlines() if _OPTIONAL not in line or known.issuperset(_parameters(line)))


@cache
def _parameters(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\$(\w+)", line))


@cache
def sql(name: str) -> str:
    """Return the text of an SQL file of this package."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()
