"""What machines have cost so far, from the journal's notes of what ran since when at which price."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from styx.state import Event

By = Literal["cluster", "user", "label", "day"]


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which nothing about a cluster's price changed."""

    cluster: str
    owner: str
    """Who applied it."""
    run_id: str
    """Of the apply that made the cluster anew; the same for all its spans until it is gone."""
    state: str
    """running or stopped."""
    begun: datetime
    ended: datetime
    """The moment of the report while it lasts."""
    lasts: bool
    hourly_usd: float | None
    """None when a part of the price is unknown."""
    labels: tuple[str, ...] = ()
    """As key=value."""
    prices: tuple[str, ...] = ()
    """Kind and date of each price."""

    @property
    def hours(self) -> float:
        """How long it was."""
        return (self.ended - self.begun) / timedelta(hours=1)

    @property
    def usd(self) -> float:
        """What it cost, an unknown price left out."""
        return (self.hourly_usd or 0.0) * self.hours


@dataclass(frozen=True, slots=True)
class Row:
    """What one cluster, user, label or day has cost."""

    key: str
    hours: float
    """That clusters ran or were stopped, one beside the other counted as two."""
    spent_usd: float
    running_usd: float
    """An hour, at the moment of the report."""
    complete: bool
    """False when a price was unknown: the amounts are then lower bounds."""


@dataclass(frozen=True, slots=True)
class Life:
    """One cluster from its making to its end: what was estimated, and what came of it."""

    cluster: str
    run_id: str
    owner: str
    begun: str
    """ISO UTC text."""
    ended: str | None
    """None while it stands."""
    hours: float
    estimated_hourly_usd: float | None
    """What the plan of its first apply said."""
    estimated_usd: float | None
    """The same for all its hours: as if nothing had been stopped, added or removed."""
    spent_usd: float
    complete: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What was spent in a window of time."""

    by: By
    since: str
    until: str
    total: Row
    rows: tuple[Row, ...]
    """The dearest first; days in their order."""
    runs: tuple[Life, ...]
    """The newest first; all of each, also what lies before the window."""
    prices: tuple[str, ...]
    """Kind and date of every price that was used."""


def report(events: Iterable[Event], by: By, now: datetime, days: int) -> Report:
    """Return what was spent in the last `days` days before `now`; `events` are in order within each cluster."""
    found = list(spans(events, now))
    since = now - timedelta(days=days)
    window = [replace(span, begun=max(span.begun, since)) for span in found if span.ended > since]
    lived = {span.run_id for span in window}
    return Report(
        by=by,
        since=_text(since),
        until=_text(now),
        total=_row("total", window),
        rows=_rows(window, by),
        runs=_lives([span for span in found if span.run_id in lived]),
        prices=tuple(sorted({price for span in window for price in span.prices})),
    )


def spans(events: Iterable[Event], now: datetime) -> Iterator[Span]:
    """Yield the spans of all clusters that `events` tell of; the last one of each lasts until `now`."""
    open_spans: dict[str, Span] = {}
    for event in events:
        if event.what != "billing":
            continue
        at = datetime.fromisoformat(event.at)
        last = open_spans.pop(event.cluster, None)
        if last:
            yield replace(last, ended=at, lasts=False)
        if event.detail["state"] != "gone":
            open_spans[event.cluster] = _span(event, at, now, last)
    yield from open_spans.values()


def _span(event: Event, at: datetime, now: datetime, last: Span | None) -> Span:
    """Return the span that begins with an event; what it does not tell is as before."""
    detail = event.detail
    return Span(
        cluster=event.cluster,
        owner=last.owner if last else event.owner,
        run_id=last.run_id if last else event.run_id,
        state=detail["state"],
        begun=at,
        ended=max(at, now),
        lasts=True,
        hourly_usd=detail["hourly_usd"],
        labels=_labels(detail["labels"]) if "labels" in detail else last.labels if last else (),
        prices=_prices(detail["machines"]) if "machines" in detail else last.prices if last else (),
    )


def _labels(found: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, value in sorted(found.items()))


def _prices(machines: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({" of ".join(filter(None, (one["price_kind"], one["price_as_of"]))) for one in machines}))


def _rows(found: Sequence[Span], by: By) -> tuple[Row, ...]:
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in found:
        for key, part in _KEYS[by](span):
            groups[key].append(part)
    rows = [_row(key, parts) for key, parts in groups.items()]
    return tuple(sorted(rows, key=lambda row: row.key if by == "day" else (-row.spent_usd, row.key)))


def _row(key: str, found: Sequence[Span]) -> Row:
    return Row(
        key=key,
        hours=sum(span.hours for span in found),
        spent_usd=sum(span.usd for span in found),
        running_usd=sum(span.hourly_usd or 0.0 for span in found if span.lasts),
        complete=all(span.hourly_usd is not None for span in found),
    )


def _lives(found: Sequence[Span]) -> tuple[Life, ...]:
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in found:
        groups[span.run_id].append(span)
    return tuple(_life(parts) for _, parts in sorted(groups.items(), reverse=True))


def _life(parts: Sequence[Span]) -> Life:
    first, last, row = parts[0], parts[-1], _row("", parts)
    estimate = first.hourly_usd
    return Life(
        cluster=first.cluster,
        run_id=first.run_id,
        owner=first.owner,
        begun=_text(first.begun),
        ended=None if last.lasts else _text(last.ended),
        hours=row.hours,
        estimated_hourly_usd=estimate,
        estimated_usd=None if estimate is None else estimate * row.hours,
        spent_usd=row.spent_usd,
        complete=row.complete,
    )


def _days(span: Span) -> Iterator[tuple[str, Span]]:
    """Yield the parts of a span by UTC day."""
    begun = span.begun
    while begun < span.ended:
        midnight = datetime(begun.year, begun.month, begun.day, tzinfo=UTC) + timedelta(days=1)
        ended = min(midnight, span.ended)
        yield f"{begun:%Y-%m-%d}", replace(span, begun=begun, ended=ended, lasts=span.lasts and ended == span.ended)
        begun = ended


_KEYS: Mapping[By, Callable[[Span], Iterable[tuple[str, Span]]]] = {
    "cluster": lambda span: [(span.cluster, span)],
    "user": lambda span: [(span.owner, span)],
    "label": lambda span: [(label, span) for label in span.labels or ("no label",)],
    "day": _days,
}


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
