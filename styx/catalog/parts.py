"""The offers taken apart into kinds of machine, places, details and prices: shipped ready, made where terms differ."""

from pathlib import Path
from typing import TYPE_CHECKING

from styx.catalog import tables

if TYPE_CHECKING:
    import duckdb

    from styx.catalog.open import Catalog

_HERE = Path(__file__).parent
OFFERS_FILE, DOUBTS_FILE = "offers.parquet", "doubts.parquet"
TABLES = {"kinds": "kind", "places": "place", "details": "detail", "prices": "kind, place, detail"}
"""Each part → the order of its rows in the file that is shipped."""


def take_apart(connection: "duckdb.DuckDBPyConnection", catalog: "Catalog") -> None:
    """Make the temporary tables of TABLES: read them where the catalog is just what is shipped, else make them."""
    found = shipped(catalog)
    connection.execute(_shipped_tables(*found) if found else _statements())


def write(folder: Path) -> None:
    """Write the parts of the catalog in `folder` beside its offers."""
    connection = _made(folder)
    for name, order in TABLES.items():
        tables.write(connection, f"FROM {name}", folder / file(name), order)


def wrong(folder: Path) -> tuple[str, ...]:
    """Return the files of parts in `folder` that are missing, or are not what its offers make."""
    connection = _made(folder)
    return tuple(file(name) for name in TABLES if not _is_right(connection, folder, name))


def _is_right(connection: "duckdb.DuckDBPyConnection", folder: Path, name: str) -> bool:
    import duckdb

    try:
        return connection.execute(_differences(folder, name)).fetchall() == [(0,)]
    except duckdb.Error:
        return False


def file(name: str) -> str:
    """Return the name of the file that holds a part."""
    return f"{name}.parquet"


def _made(folder: Path) -> "duckdb.DuckDBPyConnection":
    """Return a database with the parts made from the files of `folder`."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE VIEW offers AS FROM read_parquet('{tables.quoted(folder / OFFERS_FILE)}')")
    connection.execute(tables.facts(folder))
    connection.execute(f"CREATE VIEW doubts AS {tables.doubts(folder / DOUBTS_FILE)}")
    connection.execute(_statements())
    return connection


def _differences(folder: Path, name: str) -> str:
    """Return a query that counts the rows which only one of the two has."""
    kept = f"read_parquet('{tables.quoted(folder / file(name))}')"
    return f"SELECT count(*) FROM ((FROM {name} EXCEPT ALL FROM {kept}) UNION ALL (FROM {kept} EXCEPT ALL FROM {name}))"  # noqa: S608  # names of ours, quoted


def shipped(catalog: "Catalog") -> tuple[Path, tuple[str, ...]] | None:
    """Return the folder whose parts are the whole catalog, and the clouds that count; None when there is none."""
    if catalog.offers or catalog.overlay or len(catalog.tables) != 1:
        return None
    (table,) = catalog.tables
    whole = all(file(name) in table.manifest.files for name in TABLES)
    return (table.folder, table.clouds) if whole else None


def _shipped_tables(folder: Path, clouds: tuple[str, ...]) -> str:
    """Return the statements that read the parts."""
    listed = ", ".join(f"'{tables.quoted(cloud)}'" for cloud in clouds)
    text = (_HERE / "parts_shipped.sql").read_text()
    return text.replace("{folder}", tables.quoted(folder)).replace("{clouds}", listed)


def _statements() -> str:
    return (_HERE / "parts.sql").read_text()
