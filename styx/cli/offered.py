"""What `optimize` and `why-not` share: the catalog of all clouds, and a choice as JSON."""

import gc
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from styx.errors import StyxError, UsageError

if TYPE_CHECKING:
    from styx.catalog import Catalog
    from styx.optimizer import Conditions
    from styx.plan import Placement, Plan, TaskPlan
    from styx.spec import SpecFile, TaskSpec

Clouds = Annotated[list[str] | None, Option("--cloud", help="Only this cloud; may be given again (default: all).")]
Minimize = Annotated[str | None, Option("--minimize", help="cost or time (default: the spec's, cost).")]
RestartMinutes = Annotated[
    float | None,
    Option("--restart-minutes", help="Lost when a spot machine is taken back: spot by expected cost."),
]

LONGEST_RESTART_MINUTES = 7 * 24 * 60


class Market:
    """The offers to look at: of the clouds named, else of all that need an account.

    The catalog is opened in a thread while the spec is read: each takes a tenth of a second.
    """

    def __init__(self, named: Sequence[str] | None) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from styx import clouds

        _keep_what_is_imported()
        self.only = bool(named)
        self.cloud_ids = tuple(named or (one for one in clouds.ids() if not clouds.by_id(one).is_own))
        self._opening = ThreadPoolExecutor(max_workers=1).submit(_open, self.cloud_ids)

    def catalog(self, spec: "SpecFile") -> "Catalog":
        """Return the offers that `spec` is about: a cloud that it names counts too, unless --cloud names others."""
        from styx import clouds
        from styx.spec import requests

        asked = {request.cloud for task in spec.tasks for request in requests(task).alternatives if request.cloud}
        more = set() if self.only else (asked & set(clouds.ids())) - set(self.cloud_ids)
        opened = self._opening.result()
        return _open((*self.cloud_ids, *sorted(more))) if more else opened


def _keep_what_is_imported() -> None:
    """Spare the garbage collector what stays anyway: looking at it again and again takes a tenth of the time.

    Only before DuckDB is there, which counts its own objects at the end and calls those that are left leaked.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


def _open(cloud_ids: Sequence[str]) -> "Catalog":
    from styx.catalog import open_catalog
    from styx.optimizer.tables import tables

    try:
        opened = open_catalog(cloud_ids)
        tables(opened)
    except StyxError as error:
        # The error outlives this thread, and would keep DuckDB's objects, which it calls leaked at the end.
        traceback.clear_frames(error.__traceback__)
        raise
    return opened


def conditions(market: Market, minimize: str | None, restart_minutes: float | None = None) -> "Conditions":
    """Return what the command line asks beside the spec: clouds that it names are all that may be used."""
    from styx.optimizer import Conditions

    if restart_minutes is not None and not 0 <= restart_minutes <= LONGEST_RESTART_MINUTES:
        message = f"--restart-minutes {restart_minutes:g} is no time to start again in"
        raise UsageError(message, f"write minutes, 0 to {LONGEST_RESTART_MINUTES:,} (a week)")
    if minimize not in (None, "cost", "time"):
        raise UsageError(f"--minimize {minimize} is not known", "write cost or time")
    return Conditions(minimize=minimize, restart_hours=(restart_minutes or 0) / 60, only=market.only)


@dataclass(frozen=True)
class Answer:
    """What the optimizer says of a spec."""

    plan: "Plan"
    catalog: "Catalog"
    tasks: "Sequence[TaskSpec]"
    ranked: "Sequence[Sequence[Placement]]"
    """Of each task, the cheapest placements; empty when nobody asked."""

    def unknown(self, number: int, one: "Placement") -> frozenset[str]:
        """Return which parts of a placement's cost nobody knows, of task `number`."""
        from styx.optimizer import unknown_parts

        return unknown_parts(self.catalog, self.tasks[number], one)

    def doubtful(self, one: "Placement") -> bool:
        """Tell whether a price of a placement looks wrong."""
        from styx.optimizer import doubtful

        return doubtful(self.catalog, one)

    def needed(self, one: "Placement") -> str:
        """Return what an account needs to rent machines there beside being one; empty where any may."""
        from styx.optimizer import needed

        return needed(self.catalog, one)

    def doubts_of_rungs(self, task: "TaskPlan") -> "list[tuple[str, str]]":
        """Return (cloud, doubt) of the rungs of a task's ladder, each once, but for what the choice has too."""
        from styx.optimizer import doubts

        found = [(one.cloud, doubt) for one in task.ladder for doubt in doubts(self.catalog, one)]
        return [pair for pair in dict.fromkeys(found) if pair[1] not in task.doubts]

    def as_json(self, *, explain: bool, top: bool) -> list[dict[str, Any]]:
        """Return where each task goes for machines."""
        found = []
        for number, (task, ranked) in enumerate(zip(self.plan.tasks, self.ranked, strict=True)):
            told = {
                "name": task.task,
                "placement": self._placement(number, task.placement),
                "ladder": [self._placement(number, one) for one in task.ladder],
            }
            more = {"top": [self._placement(number, one) for one in ranked]} if top else {}
            found.append(told | more | ({"explain": _explained(task, self.plan)} if explain else {}))
        return found

    def _placement(self, number: int, one: "Placement") -> dict[str, Any]:
        return placement(one, self.unknown(number, one))


def price_date(one: "Placement") -> str:
    """Return the ISO date of a placement's oldest price; empty when it has none, as one's own machines."""
    return min((group.offer.price_as_of for group in one.groups if group.offer.price_as_of), default="")


def old_prices(placements: "Sequence[Placement]") -> list[str]:
    """Return a warning for each cloud whose prices are older than the user's limit."""
    from datetime import UTC, date, datetime

    from styx.cli import opening

    limit = opening.settings().price_max_age_days
    oldest: dict[str, str] = {}
    for one in placements:
        if found := price_date(one):
            oldest[one.cloud] = min(found, oldest.get(one.cloud, found))
    ages = {cloud: (datetime.now(UTC).date() - date.fromisoformat(found)).days for cloud, found in oldest.items()}
    return [
        f"the price of {cloud} is of {oldest[cloud]}, {age} days ago (price_max_age_days is {limit}); "
        f"fetch new ones: styx catalog refresh --cloud {cloud}"
        for cloud, age in sorted(ages.items())
        if age > limit
    ]


def print_json(value: object) -> None:
    """Print `value` as JSON on stdout."""
    import json

    print(json.dumps(value, indent=2))


def placement(one: "Placement", unknown: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a placement for machines: amounts in USD an hour, a group's for all of its machines; null is unknown."""
    cost = one.cost
    known = {
        "compute": cost.compute_usd,
        "disk": cost.disk_usd,
        "address": cost.address_usd,
        "network": cost.network_usd,
        "egress": cost.egress_usd,
    }
    prices = [(group, group.offer.price_usd(group.market)) for group in one.groups]
    return {
        "cloud": one.cloud,
        "region": one.region,
        "zone": one.groups[0].zone or None,
        "groups": [
            {
                "role": group.role,
                "count": group.min_count,
                "instance_type": group.offer.instance_type,
                "market": group.market,
                "hourly_usd": None if price is None else round(price * group.min_count, 6),
            }
            for group, price in prices
        ],
        "hourly_usd": {
            **{part: None if part in unknown else usd for part, usd in known.items()},
            "total": None if unknown else round(cost.hourly_usd, 6),
        },
    }


def _explained(task: "TaskPlan", plan: "Plan") -> dict[str, Any]:
    """Return why a task goes there, for machines."""
    from dataclasses import asdict

    return {
        "query_digest": plan.query_digest,
        "catalog_digest": plan.catalog_digest,
        "catalog_date": plan.catalog_date,
        "considered": task.considered,
        "removed": [asdict(row) for row in task.removed],
        "relaxations": [asdict(row) for row in task.relaxations],
        "doubts": list(task.doubts),
    }
