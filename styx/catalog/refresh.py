"""Fetching today's prices into the user's cache, cloud by cloud: one that fails leaves the others alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from styx import clouds, files, paths
from styx.catalog import build, changes, held, lint, manifest, tables
from styx.catalog.changes import Change, Key
from styx.catalog.held import Table
from styx.catalog.lint import Finding
from styx.catalog.manifest import Manifest, Source
from styx.clouds import Feed, Http, Known
from styx.errors import CatalogError, StyxError, UsageError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

Report = Callable[[str, str], None]
"""Told (cloud, what is happening)."""

BELIEVE = "the old prices stand; where prices did jump, `styx catalog refresh --accept` believes the feed"

MOST_REFUSED = 0.1
"""A feed with more wrong offers than this part is not believed at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the refresh of one cloud ended."""

    cloud: str
    error: StyxError | None = None
    fetched: int = 0
    """Offers that the feed had."""
    added: int = 0
    """Offers that were not known before."""
    refused: int = 0
    """Offers that the lint refused, or whose price jumped; what was known of them stands."""
    kept: int = 0
    """Known offers that the feed did not mention; their old price and date stand."""
    changes: tuple[Change, ...] = ()
    """On-demand prices that differ, the largest change first."""
    doubts: Mapping[str, int] = field(default_factory=dict)
    """Lint rule → offers that it marks."""
    findings: tuple[Finding, ...] = ()
    """Why offers were refused."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a refresh is asked for."""

    regions: frozenset[str] = frozenset()
    """Only these are fetched; all when empty."""
    believe_jumps: bool = False
    """Take over prices that are more than three times, or less than a third of, what they were."""


def refresh(feeds: Mapping[str, Feed], http: Http, report: Report, wish: Wish) -> tuple[Outcome, ...]:
    """Fetch the prices of each cloud from its feed; an error is an outcome, not the end of the others."""
    found = []
    for cloud_id, feed in feeds.items():
        report(cloud_id, "asking its price feed")
        try:
            outcome = _Refresh(cloud_id, feed, http, report, wish).run()
        except StyxError as error:
            outcome = Outcome(cloud_id, error)
        except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
            # An answer of another shape than documented, or a cache that cannot be written: the others go on.
            told = f"the feed of {cloud_id} cannot be used: {type(error).__name__}: {error}"
            outcome = Outcome(cloud_id, CatalogError(told, "its old prices stand; report it when it stays so"))
        found.append(outcome)
    return tuple(found)


def feeds(cloud_ids: Iterable[str]) -> dict[str, Feed]:
    """Return the feeds of `cloud_ids`, of all clouds that have one when empty; raise UsageError for one without."""
    asked = tuple(cloud_ids)
    records = {cloud_id: clouds.by_id(cloud_id) for cloud_id in asked or clouds.ids()}
    without = [record.title for record in records.values() if record.feed is None]
    if asked and without:
        have = ", ".join(cloud_id for cloud_id in clouds.ids() if clouds.by_id(cloud_id).feed)
        raise UsageError(f"{' and '.join(without)} publishes no prices that can be read", f"those that do: {have}")
    return {cloud_id: record.feed for cloud_id, record in records.items() if record.feed}


@dataclass(frozen=True, slots=True)
class _Refresh:
    """The refresh of one cloud."""

    cloud_id: str
    feed: Feed
    http: Http
    report: Report
    wish: Wish

    def run(self) -> Outcome:
        folder = held.fetched(self.cloud_id)
        with files.exclusive(folder / "lock"):
            found = _held(self.cloud_id)
            known = _known(found, self.wish.regions)
            today = datetime.now(UTC).date().isoformat()
            fetched = self._fetched(known, today)
            self.report(self.cloud_id, f"{len(fetched)} offers fetched, checking them")
            findings = self._wrong(found, known.offers, fetched)
            wrong = {(one.region, one.instance_type) for one in findings}
            if len(wrong) > MOST_REFUSED * len(fetched):
                build.refuse(findings, BELIEVE)
            sound = {key: offer for key, offer in fetched.items() if key not in wrong}
            connection = _merged(sound, found)
            doubts = (
                *lint.withhold(connection),
                *lint.judge(connection, "mark"),
                *changes.doubts(self.cloud_id, known.offers, sound),
                *changes.still_doubted(_doubted(found), sound),
            )
            source = Source(urlsplit(next(iter(self.feed.hosts.values()))).netloc, len(fetched))
            _publish(connection, folder, doubts, Made(today, source))
        return Outcome(
            self.cloud_id,
            fetched=len(fetched),
            added=len(sound.keys() - known.offers.keys()),
            refused=len(wrong),
            kept=len(known.offers.keys() - sound.keys()),
            changes=changes.changes(known.offers, sound),
            doubts=lint.counts(doubts),
            findings=findings,
        )

    def _fetched(self, known: Known, today: str) -> dict[Key, Offer]:
        fetched = {
            (offer.region, offer.instance_type): replace(offer, price_as_of=today)
            for offer in self.feed.fetch(self.http, self.feed.hosts, known)
            if not self.wish.regions or offer.region in self.wish.regions
        }
        if not fetched:
            raise CatalogError(f"the price feed of {self.cloud_id} had no machine that is known", "try again later")
        return fetched

    def _wrong(
        self, before: Iterable[Table], known: Mapping[Key, Offer], fetched: Mapping[Key, Offer]
    ) -> tuple[Finding, ...]:
        """Return what the lint refuses, prices that jumped, and those that do not fit beside all the others."""
        refused = lint.judge(_merged(fetched), "refuse")
        jumped = () if self.wish.believe_jumps else changes.jumps(self.cloud_id, known, fetched)
        gone = {(found.region, found.instance_type) for found in (*refused, *jumped)}
        sound = {key: offer for key, offer in fetched.items() if key not in gone}
        misfits = lint.judge(_merged(sound, before), "withhold")
        new = tuple(found for found in misfits if (found.region, found.instance_type) in sound)
        return (*refused, *jumped, *new)


@dataclass(frozen=True, slots=True)
class Made:
    """When and from where prices were fetched."""

    date: str
    source: Source


def _merged(fetched: Mapping[Key, Offer], before: Iterable[Table] = ()) -> "duckdb.DuckDBPyConnection":
    """Return a database of `fetched` and of what is only in `before`, mended."""
    connection = tables.database(paths.catalog())
    for table in before:
        connection.execute(f"INSERT INTO offers {table.query}")
    tables.replace(connection, fetched.values())
    build.mend(connection)
    return connection


def _held(cloud_id: str) -> tuple[Table, ...]:
    """Return the tables of a cloud as they are now; fetched prices that are damaged count as not there."""
    try:
        return held.held([cloud_id])
    except CatalogError:
        return held.shipped({cloud_id})


def _known(found: Iterable[Table], regions: frozenset[str]) -> Known:
    """Return the offers of `found`."""
    offers: dict[Key, Offer] = {}
    for table in found:
        for offer in tables.read(table.query):
            offers[offer.region, offer.instance_type] = offer
    return Known(offers, {name: offer for (_, name), offer in reversed(offers.items())}, regions)


def _doubted(found: Iterable[Table]) -> Iterator[Finding]:
    """Yield what is in doubt about the offers of `found`."""
    for table in found:
        yield from (Finding(*row) for row in tables.rows(table.doubts))


def _publish(connection: "duckdb.DuckDBPyConnection", folder: Path, doubts: Iterable[Finding], made: Made) -> None:
    """Write tables under names of their own, then the manifest that names them: a reader sees the old or the new."""
    found = tuple(doubts)
    tables.write(connection, "SELECT * FROM offers", folder / "new-offers.parquet", build.ORDER)
    tables.write_doubts(connection, found, folder / "new-doubts.parquet")
    named = dict(_named(folder, kind) for kind in (manifest.OFFERS, manifest.DOUBTS))
    told = Manifest(made.date, made.source.name, (made.source,), build.held(connection), lint.counts(found), {}, named)
    before = manifest.digests(folder)
    files.write(folder / manifest.NAME, told.text())
    for old in folder.glob("*-*.parquet"):
        if old.name not in named and old.name not in before:  # what a reader may be opening now is kept once
            old.unlink()


def _named(folder: Path, kind: str) -> tuple[str, str]:
    """Give a new table the name that its contents make; return it and their digest."""
    made = folder / f"new-{kind}.parquet"
    digest = files.sha256(made.read_bytes())
    name = f"{kind}-{digest[:16]}.parquet"
    made.chmod(files.FILE_MODE)
    made.replace(folder / name)
    return name, digest
