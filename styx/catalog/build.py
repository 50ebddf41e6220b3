"""Building the catalog from its sources: read, mend what is known to be wrong, mark doubts, refuse the rest, write."""

import shutil
import tempfile
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from styx import clouds, files, paths
from styx.catalog import by_hand, lint, manifest, parts, sources, tables
from styx.catalog.by_hand import FACTS
from styx.catalog.held import SHIPPED
from styx.catalog.lint import Finding
from styx.catalog.manifest import CloudRows, Manifest, Source
from styx.errors import CatalogError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

_HERE = Path(__file__).parent
OFFERS_FILE, DOUBTS_FILE = "offers.parquet", "doubts.parquet"
INTERRUPTIONS_FILE = "{cloud}_spot_interruption.csv.gz"
ORDER = "cloud, accelerator NULLS FIRST, accelerator_count, hourly_usd NULLS LAST, region, instance_type"
"""Neighbours answer the same questions, so that a query skips most row groups."""

SHOWN = 20
"""Findings that a refusal names one by one."""


def build(source: Path, out: Path, *, accept: bool = False) -> Manifest:
    """Make the catalog of the facts in `source` in folder `out`; the tables kept by hand are those of `out`, if there.

    Raises CatalogError, with `out` untouched, when the lint refuses anything, when a source cannot be read, and when a
    table kept by hand was changed since it was last built with, unless `accept`.
    """
    kept = out if (out / FACTS[0]).exists() else paths.catalog()
    by_hand.check(kept, accept=accept)
    connection = tables.database(kept)
    raw = sources.read(source)
    for cloud_id, offers in raw.items():
        tables.insert(connection, clouds.by_id(cloud_id).mend(offers, source))
    mended = mend(connection)
    refuse(lint.judge(connection, "refuse"))
    withheld = lint.withhold(connection)
    doubts = (*withheld, *lint.judge(connection, "mark"))
    files.make_folder(out)
    with tempfile.TemporaryDirectory(dir=out, prefix=".build-") as made:
        folder = Path(made)
        for name in FACTS:
            shutil.copyfile(kept / name, folder / name)
        for name in by_hand.APART:
            shutil.copyfile(paths.catalog() / name, folder / name)
        _write(connection, folder, source, doubts)
        parts.write(folder)
        told = Manifest(
            made=max(rows.newest for rows in held(connection).values()),
            origin=SHIPPED,
            sources=_sources(raw, source),
            clouds=held(connection),
            doubts=lint.counts(doubts),
            mended=mended,
            files=digests(folder),
            missing=_missing(raw, source),
        )
        publish(folder, out, told)
    return told


def mend(connection: "duckdb.DuckDBPyConnection", names: Container[str] | None = None) -> dict[str, int]:
    """Run every statement of mend/, or those of `names`, over the table `offers`; return name → rows changed."""
    changed = {}
    for path in sorted((_HERE / "mend").glob("*.sql")):
        name = path.stem.partition("_")[2]
        if names is None or name in names:
            (count,) = connection.execute(path.read_text()).fetchall()[0]
            changed[name] = int(count)
    return changed


def refuse(
    findings: tuple[Finding, ...], hint: str = "mend the source, or teach the cloud's package what it means"
) -> None:
    """Raise CatalogError when there are findings."""
    if findings:
        listed = "\n".join(f"  {found}" for found in findings[:SHOWN])
        more = f"\n  and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
        raise CatalogError(f"the lint refuses {len(findings)} offers:\n{listed}{more}", hint)


def held(connection: "duckdb.DuckDBPyConnection") -> dict[str, CloudRows]:
    """Return cloud → what the table `offers` holds of it."""
    query = "SELECT cloud, count(*), min(price_as_of), max(price_as_of) FROM offers GROUP BY cloud ORDER BY cloud"
    return {cloud: CloudRows(*told) for cloud, *told in connection.execute(query).fetchall()}


def digests(folder: Path) -> dict[str, str]:
    """Return file → sha256 of every table in `folder`."""
    found = sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".parquet"})
    return {path.name: files.sha256(path.read_bytes()) for path in found}


def publish(folder: Path, out: Path, told: Manifest) -> None:
    """Put the files of `folder` into `out`, the manifest last: until then the old manifest refuses the new files."""
    for name in told.files:
        files.write(out / name, (folder / name).read_bytes(), mode=0o644)
    files.write(out / manifest.NAME, told.text(), mode=0o644)


def _write(connection: "duckdb.DuckDBPyConnection", folder: Path, source: Path, doubts: tuple[Finding, ...]) -> None:
    tables.write(connection, "SELECT * FROM offers", folder / OFFERS_FILE, ORDER)
    connection.execute((_HERE / "rates.sql").read_text())
    for cloud_id in clouds.ids():
        path = source / INTERRUPTIONS_FILE.format(cloud=cloud_id)
        if path.exists():
            _read_rates(connection, cloud_id, path)
    tables.write(connection, "FROM rates", folder / "interruptions.parquet", "cloud, region, instance_type")
    tables.write_doubts(connection, doubts, folder / DOUBTS_FILE)


def _read_rates(connection: "duckdb.DuckDBPyConnection", cloud_id: str, path: Path) -> None:
    import duckdb

    try:
        connection.execute((_HERE / "interruptions.sql").read_text(), {"cloud": cloud_id, "file": str(path)})
    except duckdb.Error as error:
        raise CatalogError(f"{path}{by_hand.told(error)}", sources.MEND) from error


def _missing(cloud_ids: Iterable[str], source: Path) -> dict[str, str]:
    """Return which of the files that the clouds read `source` lacks, and what the catalog lacks for it."""
    read = {name: lost for cloud_id in cloud_ids for name, lost in clouds.by_id(cloud_id).sources.items()}
    return {name: lost for name, lost in sorted(read.items()) if not (source / name).exists()}


def _sources(raw: Mapping[str, list[Offer]], source: Path) -> tuple[Source, ...]:
    """Return the files of `source`, with the rows of those that are rows."""
    counted = {sources.OFFERS_FILE: sum(map(len, raw.values()))}
    found = sorted(path for path in source.iterdir() if ".csv" in path.suffixes or ".json" in path.suffixes)
    return tuple(
        Source(
            path.name, counted.get(path.name) or sum(1 for _ in sources.rows(path)) if ".csv" in path.suffixes else 0
        )
        for path in found
    )
