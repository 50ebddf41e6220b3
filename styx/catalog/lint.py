"""The rules that every table of offers must pass: one SQL file each in rules/, its first line what it says.

`refuse_*` finds what is wrong; `withhold_*` finds prices that nobody should believe, which are emptied; `mark_*` finds
what is doubtful, which passes once it is listed in `doubts`.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from styx.catalog import manifest, parts, tables
from styx.catalog.held import REMEDIES, RESTORE
from styx.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

_HERE = Path(__file__).parent

Kind = Literal["refuse", "withhold", "mark"]
"""What is done with what a rule finds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    name: str
    kind: Kind
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
    """Return every rule, by kind and name."""
    found = []
    for kind in get_args(Kind):
        for path in sorted((_HERE / "rules").glob(f"{kind}_*.sql")):
            text = path.read_text()
            found.append(Rule(path.stem.removeprefix(f"{kind}_"), kind, text.splitlines()[0].removeprefix("-- "), text))
    return tuple(found)


def judge(connection: "duckdb.DuckDBPyConnection", kind: Kind) -> tuple[Finding, ...]:
    """Return what the rules of a kind find in the table `offers` of `connection`."""
    return tuple(
        Finding(rule.name, *row)
        for rule in rules()
        if rule.kind == kind
        for row in sorted(connection.execute(rule.query).fetchall())
    )


def withhold(connection: "duckdb.DuckDBPyConnection") -> tuple[Finding, ...]:
    """Empty the prices of `offers` that nobody should believe, and return what was wrong with them."""
    found = judge(connection, "withhold")
    if found:
        keys = [[one.cloud, one.region, one.instance_type] for one in found]
        connection.executemany((_HERE / "withhold.sql").read_text(), keys)
    return found


def lint(folder: Path) -> tuple[Finding, ...]:
    """Return what is wrong with the catalog in `folder`: broken rules, and doubts that it does not list.

    Raises CatalogError when the files are not whole.
    """
    import duckdb

    held = manifest.read(folder, RESTORE, REMEDIES)
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"CREATE VIEW offers AS FROM read_parquet('{tables.quoted(folder / held.offers)}')")
        connection.execute(tables.facts(folder))
        connection.execute(f"CREATE VIEW doubts AS {tables.doubts(folder / held.doubted)}")
        connection.execute(tables.ratios())
        wrong = (*judge(connection, "refuse"), *judge(connection, "withhold"))
        listed = set(connection.execute("SELECT rule, cloud, region, instance_type FROM doubts").fetchall())
        rows = connection.execute("SELECT cloud, count(*) FROM offers GROUP BY cloud").fetchall()
    except duckdb.Error as error:
        raise CatalogError(f"the catalog in {folder} cannot be read: {error}", RESTORE) from error
    unlisted = [
        found
        for found in judge(connection, "mark")
        if (found.rule, found.cloud, found.region, found.instance_type) not in listed
    ]
    miscounted = [
        Finding("manifest", cloud, "*", "*", f"{count} offers, the manifest has another number")
        for cloud, count in rows
        if cloud not in held.clouds or held.clouds[cloud].rows != count
    ]
    unlike = [Finding("parts", "*", "*", "*", f"{name} is not what the offers make") for name in parts.wrong(folder)]
    return (*wrong, *unlisted, *miscounted, *unlike)


def counts(findings: tuple[Finding, ...]) -> dict[str, int]:
    """Return rule → how many offers break it."""
    return dict(sorted(Counter(found.rule for found in findings).items()))
