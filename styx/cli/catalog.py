"""`styx catalog`: build, check, refresh and describe the offers."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option, Typer

from styx.cli import console, options

if TYPE_CHECKING:
    from styx.catalog.refresh import Outcome
    from styx.errors import InterruptedRunError

app = Typer(no_args_is_help=True, help="Build, check, refresh and describe the offers.")

SHOWN = 20
"""Findings and price changes that are printed one by one."""


@app.command()
def build(
    source: Annotated[Path, Option("--source", help="Folder with the facts: offers.csv.gz and what goes with it.")],
    out: Annotated[Path | None, Option("--out", "-o", help="Folder to write (default: the shipped catalog).")] = None,
    accept: Annotated[bool, Option("--accept", help="Take over tables kept by hand that were changed.")] = False,
) -> None:
    """Make the catalog from its sources: mended where a mistake is known, refused where the lint finds more.

    The tables kept by hand (accelerators, regions, disk prices…) must be those of the manifest unless you accept them.

    Example: styx catalog build --source facts --out catalog
    """
    from styx import paths
    from styx.catalog.build import build as make

    made = make(source, out or paths.catalog(), accept=accept)
    for name, lost in made.missing.items():
        print(f"missing: {source / name}; without it the catalog lacks {lost}", file=sys.stderr)
    _print_clouds([(cloud, rows.rows, rows.oldest, rows.newest, "") for cloud, rows in made.clouds.items()])
    _print_counts("mended", made.mended)
    _print_counts("in doubt", made.doubts)
    print(f"digest: {made.digest}")


@app.command()
def lint(
    folder: Annotated[Path | None, Argument(help="Folder to check (default: the shipped catalog).")] = None,
    json: options.Json = False,
) -> None:
    """Check a catalog against every rule; exit 8 when something is wrong.

    Example: styx catalog lint catalog --json
    """
    from styx import paths
    from styx.catalog.lint import lint as check
    from styx.catalog.lint import rules

    found = check(folder or paths.catalog())
    if json:
        _print_json([{"rule": one.rule, "offer": f"{one.cloud}/{one.region}/{one.instance_type}", "detail": one.detail}
                     for one in found])  # fmt: skip
    for one in [] if json else found[:SHOWN]:
        print(one)
    if not json:
        more = f" ({len(found) - SHOWN} not shown)" if len(found) > SHOWN else ""
        print(f"{console.plural(len(rules()), 'rule')}, {console.plural(len(found), 'finding')}{more}")
    if found:
        raise Exit(8)


@app.command()
def refresh(
    cloud: Annotated[list[str] | None, Option("--cloud", help="Only this cloud; may be given again.")] = None,
    region: Annotated[list[str] | None, Option("--region", help="Only this region; may be given again.")] = None,
    accept: Annotated[
        bool, Option("--accept", help="Believe prices more than three times, or less than a third of, what they were.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Fetch today's prices into the cache, cloud by cloud; one that fails keeps its old prices.

    AWS and Azure need no account; Google Cloud and Lambda need credentials; Nebius publishes none.
    AWS's price files are hundreds of megabytes a region: name yours.

    Example: styx catalog refresh --cloud aws --region us-east-1
    """
    from styx.catalog.http import Fetcher
    from styx.catalog.refresh import Wish, feeds
    from styx.catalog.refresh import refresh as fetch

    progress = _Progress(quiet=json)
    fetcher = Fetcher(asking=progress.asking, waiting=progress.waiting)
    wish, wanted = Wish(frozenset(region or ()), believe_jumps=accept), feeds(cloud or ())
    outcomes: list[Outcome] = []
    try:
        for cloud_id, feed in wanted.items():
            outcomes += fetch({cloud_id: feed}, fetcher, progress.note, wish)
    except KeyboardInterrupt:
        _print_outcomes(outcomes, json=json)
        raise _interrupted([one.cloud for one in outcomes if not one.error], list(wanted)) from None
    _print_outcomes(outcomes, json=json)
    if failed := [one.error for one in outcomes if one.error]:
        raise Exit(failed[0].exit_code)


@app.command()
def info(
    json: options.Json = False,
    overlay: Annotated[Path | None, Option("--overlay", help="Your own terms (default: overlay.yaml).")] = None,
) -> None:
    """Show where the prices come from, how old they are, and which terms of your own are laid over them.

    Example: styx catalog info --json
    """
    from styx.catalog.information import information

    found = information(overlay)
    if json:
        from dataclasses import asdict

        _print_json(asdict(found))
        return
    _print_clouds([(one.cloud, one.rows, one.oldest, one.newest, one.origin) for one in found.clouds])
    _print_counts("in doubt", found.doubts)
    print(f"overlay: {found.overlay or 'none'}")
    for term in found.terms:
        print(f"  line {term.line}, {term.section}: {console.plural(term.offers, 'offer')}"
              f"{'' if term.offers else ', it does nothing'}")  # fmt: skip
    print(f"digest: {found.digest}")


def _print_clouds(rows: list[tuple[str, int, str, str, str]]) -> None:
    shown = [(cloud, f"{count:,}", oldest, newest, origin) for cloud, count, oldest, newest, origin in rows]
    console.table(("cloud", "offers", "oldest price", "newest price", "from"), shown)


def _print_counts(what: str, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if count:
            print(f"{what}: {count:,} {name.replace('_', ' ')}")


def _interrupted(done: list[str], wanted: list[str]) -> "InterruptedRunError":
    """Say what a refresh that was interrupted has changed: a cloud is published whole or not at all."""
    from styx.errors import InterruptedRunError

    left = [cloud_id for cloud_id in wanted if cloud_id not in done]
    new = f"the new prices of {', '.join(done)} are kept" if done else "nothing was changed"
    again = " ".join(f"--cloud {cloud_id}" for cloud_id in left)
    return InterruptedRunError(
        f"interrupted: {new}; the old prices of {', '.join(left)} stand", f"run `styx catalog refresh {again}`"
    )


def _print_outcomes(outcomes: "list[Outcome]", *, json: bool) -> None:
    if json:
        _print_json([_as_json(one) for one in outcomes])
        return
    for one in outcomes:
        _print_outcome(one)


def _print_outcome(one: "Outcome") -> None:
    if one.error:
        print(f"{one.cloud}: FAILED, its old prices stand: {one.error.message}\n  next: {one.error.hint}")
        return
    print(f"{one.cloud}: {one.fetched:,} offers fetched, {one.added:,} new, {one.refused:,} refused, "
          f"{one.kept:,} not mentioned (old price kept), {len(one.changes):,} prices changed")  # fmt: skip
    for change in one.changes[:SHOWN]:
        sign = f"{100 * (change.ratio - 1):+.1f} %"
        print(f"  {change.region} {change.instance_type}: {change.before_usd:g} → {change.after_usd:g} ({sign})")
    for found in one.findings[:SHOWN]:
        print(f"  refused: {found}")
    if one.findings:
        from styx.catalog.refresh import BELIEVE

        print(f"  next: {BELIEVE}")
    _print_counts("  in doubt", one.doubts)


def _as_json(one: "Outcome") -> dict[str, object]:
    from dataclasses import asdict

    from styx.cli import boundary

    counts = {"fetched": one.fetched, "added": one.added, "refused": one.refused, "kept": one.kept}
    error = boundary.as_json(one.error) if one.error else None
    return {
        "cloud": one.cloud,
        **counts,
        "changes": [asdict(change) for change in one.changes],
        "doubts": dict(one.doubts),
        "findings": [asdict(found) for found in one.findings],
        "error": error,
    }


class _Progress:
    """Says on stderr what is happening: each step, and every so many requests of a feed with many pages."""

    EVERY = 50

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._asked = quiet, 0

    def note(self, cloud: str, text: str) -> None:
        """Print a step of a cloud."""
        if not self._quiet:
            print(f"{cloud}: {text}", file=sys.stderr, flush=True)

    def waiting(self, url: str, fault: str, seconds: float) -> None:
        """Print why a request is made again, and when."""
        self.note("  again", f"in {seconds:.0f} s, {url}: {fault}")

    def asking(self, url: str) -> None:
        """Print a request, or only some of many."""
        self._asked += 1
        if url.endswith(".csv") or self._asked % self.EVERY == 0:
            self.note("  request", f"{self._asked}, {url}")


def _print_json(value: object) -> None:
    import json

    print(json.dumps(value, indent=2))
