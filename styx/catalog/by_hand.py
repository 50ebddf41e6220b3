"""The tables of the catalog that are kept by hand: what a build takes over must be whole, and meant."""

import re
from pathlib import Path

from styx import files
from styx.catalog import manifest, tables
from styx.errors import CatalogError

FACTS = (
    "accelerators.csv", "address_prices.csv", "aliases.csv", "disk_prices.csv", "egress_prices.csv", "images.csv",
    "regions.csv",
)  # fmt: skip

ACCEPT = "if the change is meant, `styx catalog build --source DIR --accept` takes it over"
RESTORE = f"install styx-infra again, or restore the file with git; {ACCEPT}"


def check(folder: Path, *, accept: bool) -> None:
    """Raise CatalogError for a table that its manifest does not name so, unless accepted, or that cannot be read."""
    if not accept:
        known = manifest.digests(folder)
        changed = [name for name in FACTS if _digest(folder / name) != known.get(name)]
        if changed:
            what = f"{', '.join(changed)} in {folder}"
            raise CatalogError(f"{what}: not what {manifest.NAME} was made for", RESTORE)
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
    try:
        connection.execute(tables.facts(path.parent, built=False))
        columns = [name for name, *_ in connection.execute(f"DESCRIBE {path.stem}").fetchall()]
        connection.execute(f"FROM {path.stem}").fetchall()
        header = path.read_text(encoding="utf-8").partition("\n")[0].strip().split(",")
    except (duckdb.Error, OSError, ValueError) as error:
        raise CatalogError(f"{path}{told(error)}", "mend the line, then build again") from error
    if header != columns:
        raise CatalogError(
            f"{path}, line 1: the columns must be {','.join(columns)}", "mend the line, then build again"
        )


def told(error: Exception) -> str:
    """Return the line that DuckDB names and what is wrong with it, to stand after the file's name."""
    found = re.search(r"CSV Error on Line: (\d+)\n.*?\n(.+?)\n", f"{error}\n", re.DOTALL)
    return f", line {found[1]}: {found[2]}" if found else f": {error}"
