"""Laying the user's own terms over the offers: names checked, private types judged, `offers` made of `offered`."""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from styx import paths
from styx.catalog import tables
from styx.catalog.overlay import Hidden, Overlay
from styx.errors import Fault, NoOfferError, SpecError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

_HERE = Path(__file__).parent

PRIVATE_RULES = frozenset({"accelerator_count", "gpu_memory", "region", "size", "spot_not_cheaper"})
"""The lint's rules that hold for private types too: what they cost and how their GPU is called is the user's to say."""

PRIVATE_MENDS = frozenset({"alias", "gpu_memory"})

_HINT = "mend the overlay's lines named above"


def private_offers(overlay: Overlay) -> tuple[Offer, ...]:
    """Return the private types, mended as the catalog's are; raise SpecError for those that the lint refuses."""
    from styx.catalog import build, lint

    if not overlay.private:
        return ()
    connection = tables.database(paths.catalog())
    tables.insert(connection, (one.offer for one in overlay.private))
    build.mend(connection, PRIVATE_MENDS)
    lines = {one.key: one.line for one in overlay.private}
    listed = {cloud for (cloud,) in connection.execute("SELECT DISTINCT cloud FROM regions").fetchall()}
    found = [
        one
        for one in lint.judge(connection, "refuse")
        if one.rule in PRIVATE_RULES and (one.rule != "region" or one.cloud in listed)
    ]
    faults = [
        overlay.fault(
            "private", lines[one.cloud, one.region, one.instance_type], f"{one.instance_type}: {one.detail}",
            f"a catalog's offer must pass the rule {one.rule} too",
        )
        for one in found
    ]  # fmt: skip
    _refuse(faults)
    return tuple(tables.offers(connection.execute("FROM offers").fetchall()))


def lay_over(connection: "duckdb.DuckDBPyConnection", overlay: Overlay, opened: Collection[str]) -> None:
    """Make `offers` of `offered`.

    Raises SpecError for a type that no cloud of `opened` has, NoOfferError when nothing is left.
    """
    connection.execute(_sql("overlay_tables"))
    for place, discount in enumerate(overlay.discounts):
        connection.execute("INSERT INTO overlay_discounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [place, *astuple(discount)])
    for prepaid in overlay.prepaid:
        connection.execute("INSERT INTO overlay_prepaid VALUES (?, ?, ?, ?, ?)", list(astuple(prepaid)))
    for hidden in overlay.hidden:
        connection.execute("INSERT INTO overlay_hidden VALUES (?, ?, ?, ?)", list(astuple(hidden)))
    _refuse(_unknown(connection, overlay, opened))
    connection.execute(_sql("overlay"))
    if overlay.hidden and not _any(connection, "offers") and _any(connection, "offered"):
        message = f"{overlay.path} hides every offer of {', '.join(sorted(opened)) or 'every cloud'}"
        raise NoOfferError(message, f"look at `hidden` in {_lines(overlay.hidden)}, or ask for another cloud")


def hiding(connection: "duckdb.DuckDBPyConnection", cloud: str, region: str | None, name: str | None) -> str:
    """Return the lines of the overlay that hide offers of a cloud, of one region or type unless None; empty if none."""
    asked = {"cloud": cloud, "region": region, "type": name}
    return _lines(Hidden(line=line) for (line,) in connection.execute(_sql("overlay_hides"), asked).fetchall())


def _lines(hidden: Iterable[Hidden]) -> str:
    """Return where entries stand, `line 3` or `lines 3, 5`; entries may share a line."""
    lines = sorted({one.line for one in hidden})
    return f"{'lines' if len(lines) > 1 else 'line'} {', '.join(map(str, lines))}" if lines else ""


def effects(connection: "duckdb.DuckDBPyConnection") -> list[tuple[str, int, int]]:
    """Return (section, line, offers that it matches) of each entry of the overlay that was laid over."""
    return [(section, line, count) for section, line, count in connection.execute(_sql("overlay_effects")).fetchall()]


def _unknown(connection: "duckdb.DuckDBPyConnection", overlay: Overlay, opened: Collection[str]) -> Iterator[Fault]:
    """Yield each machine type, written out, that its cloud does not have; clouds that are not opened cannot tell."""
    for section, line, cloud, region, name in connection.execute(_sql("overlay_unknown")).fetchall():
        if cloud in opened:
            where = "/".join(part for part in (cloud, region, name) if part != "*")
            yield overlay.fault(section, line, f"the catalog has no {where}", _near(connection, cloud, name))


def _near(connection: "duckdb.DuckDBPyConnection", cloud: str, name: str) -> str:
    query = "SELECT DISTINCT instance_type FROM offered WHERE cloud = ?"
    types = [found for (found,) in connection.execute(query, [cloud]).fetchall()]
    if name in types:
        return "it is sold in other regions; give it under `private` too if you have it there"
    near = difflib.get_close_matches(name, types, n=3)
    return f"did you mean {' or '.join(near)}? If it is your own, give it under `private`" if near else (
        "give it under `private` if it is your own"
    )  # fmt: skip


def _any(connection: "duckdb.DuckDBPyConnection", table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None  # noqa: S608  # one of two


def _refuse(faults: Iterable[Fault]) -> None:
    if found := sorted(faults, key=lambda fault: fault.line):
        raise SpecError(found, _HINT)


def _sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text()
