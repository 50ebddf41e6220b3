"""The tables of the catalog that are kept by hand: what a build takes over must be whole, and meant."""

import csv
import re
from pathlib import Path

from styx import files
from styx.catalog import manifest, tables
from styx.errors import CatalogError

FACTS = (
    "accelerators.csv", "address_prices.csv", "aliases.csv", "disk_prices.csv", "egress_prices.csv", "images.csv",
    "regions.csv",
)  # fmt: skip
APART = ("network_prices.csv",)
"""Kept by hand, too, and read without a database."""

ACCEPT = "if the change is meant, `styx catalog build --source DIR --accept` takes it over"
_MEND = "mend the line, then build again"
RESTORE = f"install styx-infra again, or restore the file with git; {ACCEPT}"


def check(folder: Path, *, accept: bool) -> None:
    """Raise CatalogError for a table that its manifest does not name so, unless accepted, or that cannot be read."""
    known = manifest.digests(folder)
    changed = [name for name in FACTS if _digest(folder / name) != known.get(name)]
    if changed and not accept:
        raise CatalogError(f"{', '.join(changed)} in {folder}: not what {manifest.NAME} was made for", RESTORE)
    for name in FACTS:
        _read(folder / name)


def _digest(path: Path) -> str:
    try:
        return files.sha256(path.read_bytes())
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}", RESTORE) from error


def _read(path: Path) -> None:
    """Read every cell as its column wants it."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute(tables.facts(path.parent, built=False))
    try:
        columns = [name for name, *_ in connection.execute(f"DESCRIBE {path.stem}").fetchall()]
        _check_form(path, columns)
        connection.execute(f"FROM {path.stem}").fetchall()
    except duckdb.Error as error:
        raise CatalogError(f"{path}{told(error)}", _MEND) from error


def _check_form(path: Path, columns: list[str]) -> None:
    """Refuse another header, and a row of more or fewer cells."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        try:
            header = next(rows, [])
            if header != columns:
                raise CatalogError(f"{path}, line 1: the columns must be {','.join(columns)}", _MEND)
            for row in rows:
                if len(row) != len(columns):
                    raise CatalogError(f"{path}, line {rows.line_num}: {len(row)} cells, not {len(columns)}", _MEND)
        except (ValueError, csv.Error) as error:
            raise CatalogError(f"{path}, line {rows.line_num}: {error}", _MEND) from error


def told(error: Exception) -> str:
    """Return the line that DuckDB names and what is wrong with it, to stand after the file's name."""
    found = re.search(r"CSV Error on Line: (\d+)\n.*?\n(.+?)\n", f"{error}\n", re.DOTALL)
    return f", line {found[1]}: {found[2]}" if found else f": {error}"
