"""Fetching today's prices into the user's cache, cloud by cloud: one that fails leaves the others alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from styx import clouds, files, paths
from styx.catalog import build, held, lint, manifest, tables
from styx.catalog.manifest import Manifest, Source
from styx.clouds import Feed, Http, Known
from styx.errors import CatalogError, StyxError, UsageError
from styx.offer import Offer

if TYPE_CHECKING:
    import duckdb

Key = tuple[str, str]
"""Region and instance type."""

Report = Callable[[str, str], None]
"""Told (cloud, what is happening)."""

MOST_REFUSED = 0.1
"""A feed with more wrong offers than this part is not believed at all."""


@dataclass(frozen=True, slots=True)
class Change:
    """One price that is not what it was."""

    region: str
    instance_type: str
    before_usd: float
    after_usd: float

    @property
    def ratio(self) -> float:
        """The new price in old ones."""
        return self.after_usd / self.before_usd


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
    """Offers that the lint refused; what was known of them stands."""
    kept: int = 0
    """Known offers that the feed did not mention; their old price and date stand."""
    changes: tuple[Change, ...] = ()
    """On-demand prices that differ, the largest change first."""


def refresh(feeds: Mapping[str, Feed], http: Http, report: Report, regions: Iterable[str] = ()) -> tuple[Outcome, ...]:
    """Fetch the prices of each cloud from its feed; an error is an outcome, not the end of the others.

    Only `regions` are fetched, or all when there are none.
    """
    found = []
    for cloud_id, feed in feeds.items():
        report(cloud_id, "asking its price feed")
        try:
            outcome = _refresh_one(cloud_id, feed, http, _Asked(report, frozenset(regions)))
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
class _Asked:
    """What holds for every cloud of a refresh."""

    report: Report
    regions: frozenset[str]


def _refresh_one(cloud_id: str, feed: Feed, http: Http, asked: _Asked) -> Outcome:
    folder = held.fetched(cloud_id)
    with files.exclusive(folder / "lock"):
        known = _known(cloud_id, asked.regions)
        today = datetime.now(UTC).date().isoformat()
        fetched = {
            (offer.region, offer.instance_type): replace(offer, price_as_of=today)
            for offer in feed.fetch(http, feed.hosts, known)
            if not asked.regions or offer.region in asked.regions
        }
        if not fetched:
            raise CatalogError(f"the price feed of {cloud_id} had no machine that is known", "try again later")
        asked.report(cloud_id, f"{len(fetched)} offers fetched, checking them")
        sound, refused = _sound(fetched)
        connection = tables.database(paths.catalog())
        tables.insert(connection, {**known.offers, **sound}.values())
        build.mend(connection)
        _publish(connection, folder, feed, today, len(fetched))
        return Outcome(
            cloud_id,
            fetched=len(fetched),
            added=len(sound.keys() - known.offers.keys()),
            refused=refused,
            kept=len(known.offers.keys() - sound.keys()),
            changes=_changes(known.offers, sound),
        )


def _known(cloud_id: str, regions: frozenset[str]) -> Known:
    """Return what the catalog holds of a cloud now; fetched prices that are damaged count as not there."""
    try:
        found = held.held([cloud_id])
    except CatalogError:
        found = held.shipped({cloud_id})
    offers: dict[Key, Offer] = {}
    for table in found:
        for offer in tables.read(table.query):
            offers[offer.region, offer.instance_type] = offer
    return Known(offers, {name: offer for (_, name), offer in reversed(offers.items())}, regions)


def _sound(fetched: Mapping[Key, Offer]) -> tuple[dict[Key, Offer], int]:
    """Leave out what the lint refuses, unless that is so much that the feed is not to be believed."""
    connection = tables.database(paths.catalog())
    tables.insert(connection, fetched.values())
    build.mend(connection)
    findings = lint.judge(connection, refuses=True)
    wrong = {(found.region, found.instance_type) for found in findings}
    if len(wrong) > MOST_REFUSED * len(fetched):
        build.refuse(findings)
    return {key: offer for key, offer in fetched.items() if key not in wrong}, len(wrong)


def _changes(before: Mapping[Key, Offer], after: Mapping[Key, Offer]) -> tuple[Change, ...]:
    """Return the on-demand prices that differ by more than rounding, the largest change first."""
    found = []
    for key in before.keys() & after.keys():
        old, new = before[key].hourly_usd, after[key].hourly_usd
        if old and new and abs(new / old - 1) > 1e-6:
            found.append(Change(*key, old, new))
    return tuple(sorted(found, key=lambda one: (-abs(one.ratio - 1), one.region, one.instance_type)))


def _publish(connection: "duckdb.DuckDBPyConnection", folder: Path, feed: Feed, today: str, rows: int) -> None:
    """Write the table under a name of its own, then the manifest that names it: a reader sees the old or the new."""
    made = folder / "new.parquet"
    tables.write(connection, "SELECT * FROM offers", made, build.ORDER)
    digest = files.sha256(made.read_bytes())
    name = f"offers-{digest[:16]}.parquet"
    made.chmod(files.FILE_MODE)
    made.replace(folder / name)
    host = urlsplit(next(iter(feed.hosts.values()))).netloc
    doubts = lint.counts(lint.judge(connection, refuses=False))
    told = Manifest(today, host, (Source(host, rows),), build.held(connection), doubts, {}, {name: digest})
    before = set(manifest.named(folder))
    files.write(folder / manifest.NAME, told.text())
    for old in folder.glob("offers-*.parquet"):
        if old.name != name and old.name not in before:  # what a reader may be opening now is kept once
            old.unlink()
