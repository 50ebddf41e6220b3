"""Writing offers as a table: into DuckDB, then as the Parquet file that is shipped or cached."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx.errors import CatalogError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

    from styx.catalog.lint import Finding

_HERE = Path(__file__).parent
ROW_GROUP = 8192
"""Rows that a query can skip at once: small enough that one GPU's rows are a few groups."""


def database(by_hand: Path) -> "duckdb.DuckDBPyConnection":
    """Return an in-memory database with an empty table `offers` and the facts in folder `by_hand`."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute((_HERE / "offers.sql").read_text().replace("live_offers", "offers"))
    connection.execute(facts(by_hand, built=False))
    connection.execute(ratios())
    return connection


def ratios() -> str:
    """Return the statement that makes `ratios` of `offers`, which the lint judges prices by."""
    return (_HERE / "ratios.sql").read_text()


def doubts(path: Path) -> str:
    """Return the query of a table of doubts."""
    return f"SELECT rule, cloud, region, instance_type, detail FROM read_parquet('{quoted(path)}')"  # noqa: S608  # quoted


def write_doubts(connection: "duckdb.DuckDBPyConnection", findings: "Iterable[Finding]", path: Path) -> None:
    """Write what the lint withheld and marked."""
    connection.execute((_HERE / "doubted.sql").read_text())
    if rows := [astuple(found) for found in findings]:
        connection.executemany("INSERT INTO doubted VALUES (?, ?, ?, ?, ?)", rows)
    write(connection, "FROM doubted", path, "ALL")


def facts(folder: Path, *, built: bool = True) -> str:
    """Return the statements that open what stands beside the offers in `folder`, the `built` tables too unless told."""
    names = ("facts.sql", "built_facts.sql") if built else ("facts.sql",)
    return "".join((_HERE / name).read_text() for name in names).replace("{folder}", quoted(folder))


def quoted(text: object) -> str:
    """Return `text` for use between single quotes."""
    return str(text).replace("'", "''")


def replace(connection: "duckdb.DuckDBPyConnection", offers: Iterable[Offer]) -> None:
    """Put `offers` into the table `offers` in place of what it has of them."""
    connection.execute("CREATE OR REPLACE TEMP TABLE newer AS FROM offers LIMIT 0")
    insert(connection, offers, "newer")
    connection.execute((_HERE / "replace.sql").read_text())


def insert(connection: "duckdb.DuckDBPyConnection", offers: Iterable[Offer], table: str = "offers") -> None:
    """Add `offers` to a table through a file: twenty times as fast as row by row."""
    import duckdb

    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(_cells(offer) for offer in offers)
        stream.flush()
        if not stream.tell():
            return
        try:
            connection.execute(f"COPY {table} FROM '{quoted(stream.name)}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
        except duckdb.Error as error:
            raise CatalogError(f"an offer does not fit the offers table: {error}") from error


def _cells(offer: Offer) -> list[object]:
    zones = f"[{', '.join(offer.zones)}]"
    return [zones if isinstance(value, tuple) else "\\N" if value is None else value for value in astuple(offer)]


def write(connection: "duckdb.DuckDBPyConnection", query: str, path: Path, order: str) -> None:
    """Write what `query` finds as Parquet: the same rows give the same bytes."""
    connection.execute("SET threads = 1")  # several threads would cut the row groups elsewhere each time
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
    connection.execute(f"COPY ({query} ORDER BY {order}) TO '{quoted(path)}' ({options})")


def read(query: str) -> Iterator[Offer]:
    """Return the offers that `query` finds in files."""
    return offers(rows(query))


def offers(found: Iterable[tuple[Any, ...]]) -> Iterator[Offer]:
    """Yield rows of the table of offers as offers."""
    for row in found:
        values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
        yield Offer(*values)


def rows(query: str) -> list[tuple[Any, ...]]:
    """Return what `query` finds in files."""
    import duckdb

    return duckdb.connect(":memory:").execute(query).fetchall()
