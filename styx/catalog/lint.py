"""The rules that every table of offers must pass: one SQL file each in rules/, its first line what it says.

`refuse_*` finds what is wrong; `mark_*` finds what is doubtful, which passes once it is listed in `doubts`.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from styx.catalog import manifest, tables
from styx.catalog.held import RESTORE
from styx.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

_RULES = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    name: str
    refuses: bool
    """False when it only marks."""
    meaning: str
    query: str
    """Finds cloud, region, instance_type and detail of each offer that breaks it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One offer that breaks one rule."""

    rule: str
    cloud: str
    region: str
    instance_type: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.cloud}/{self.region}/{self.instance_type}: {self.detail}"


def rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by name."""
    found = []
    for path in sorted(_RULES.glob("*.sql")):
        kind, _, name = path.stem.partition("_")
        text = path.read_text()
        found.append(Rule(name, kind == "refuse", text.splitlines()[0].removeprefix("-- "), text))
    return tuple(found)


def judge(connection: "duckdb.DuckDBPyConnection", *, refuses: bool) -> tuple[Finding, ...]:
    """Return what the rules that refuse, or those that mark, find in the table `offers` of `connection`."""
    return tuple(
        Finding(rule.name, *row)
        for rule in rules()
        if rule.refuses == refuses
        for row in sorted(connection.execute(rule.query).fetchall())
    )


def lint(folder: Path) -> tuple[Finding, ...]:
    """Return what is wrong with the catalog in `folder`: broken rules, and doubts that it does not list.

    Raises CatalogError when the files are not whole.
    """
    import duckdb

    held = manifest.read(folder, RESTORE)
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"CREATE VIEW offers AS FROM read_parquet('{tables.quoted(folder / held.offers)}')")
        connection.execute(tables.facts(folder))
        refused = judge(connection, refuses=True)
        listed = set(connection.execute("SELECT rule, cloud, region, instance_type FROM doubts").fetchall())
        rows = connection.execute("SELECT cloud, count(*) FROM offers GROUP BY cloud").fetchall()
    except duckdb.Error as error:
        raise CatalogError(f"the catalog in {folder} cannot be read: {error}", RESTORE) from error
    unlisted = [
        found
        for found in judge(connection, refuses=False)
        if (found.rule, found.cloud, found.region, found.instance_type) not in listed
    ]
    miscounted = [
        Finding("manifest", cloud, "*", "*", f"{count} offers, the manifest has another number")
        for cloud, count in rows
        if cloud not in held.clouds or held.clouds[cloud].rows != count
    ]
    return (*refused, *unlisted, *miscounted)


def counts(findings: tuple[Finding, ...]) -> dict[str, int]:
    """Return rule → how many offers break it."""
    return dict(sorted(Counter(found.rule for found in findings).items()))
