"""`styx why-not`: what ruled an offer out."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from styx.cli import console, offered, opening, options
from styx.cli.overrides import spec_options
from styx.spec.overrides import Overrides

if TYPE_CHECKING:
    from styx.optimizer import Verdict


@spec_options
def why_not(  # noqa: PLR0913 - each is an option of the command line
    spec: options.Spec,
    what: Annotated[
        str,
        Argument(
            metavar="CLOUD[/REGION[/ZONE or TYPE]]",
            help="cloud, cloud/region, cloud/region/zone or cloud/region/type; * is any region.",
            show_default=False,
        ),
    ],
    overrides: Overrides,
    cloud: offered.Clouds = None,
    minimize: offered.Minimize = None,
    restart_minutes: offered.RestartMinutes = None,
    json: options.Json = False,
) -> None:
    """Say which constraint, or which cheaper offers, ruled an offer out.

    Examples:

      styx why-not task.yaml aws/us-east-1/p5.48xlarge

      styx why-not task.yaml gcp/us-central1 --use-spot

      styx why-not task.yaml 'azure/*/Standard_D8s_v5'
    """
    market = offered.Market(cloud)
    read = opening.spec(spec, overrides)
    from styx.optimizer import why_not as verdicts

    catalog = market.catalog(read)
    conditions = offered.conditions(market, minimize, restart_minutes)
    found = verdicts(read, catalog, market.cloud_ids, what, conditions)
    if json:
        offered.print_json([asdict(one) for one in found])
        return
    for one in found:
        label = ", ".join(part for part in (one.task, one.group) if part)
        _show(one, f"{label}: " if label else "", what)


def _show(one: "Verdict", label: str, what: str) -> None:
    if one.offers == 1:
        print(f"{label}{one.offer} {_price(one)} {_judged(one)}")
    else:
        print(f"{label}{what}: {one.fitting} of {one.offers} offers fit")
        for asked, number in one.removed:
            print(f"  {asked} removed {number}")
        print(f"  {'the cheapest' if one.fitting else 'the nearest'}, {one.offer} {_price(one)}, {_judged(one)}")
    for asked, has in one.failed:
        print(f"    {asked}" + (f"; it has {has}" if has else ""))
    if one.because:
        chosen = "" if one.chosen_hourly_usd is None else f" at {console.usd(one.chosen_hourly_usd)} an hour"
        print(f"  chosen is {one.chosen}{chosen}: {one.because}")
    for doubt in one.doubts:
        print(f"  doubtful: {doubt}")


def _price(one: "Verdict") -> str:
    return "at no known price" if one.hourly_usd is None else f"at {console.usd(one.hourly_usd)} an hour"


def _judged(one: "Verdict") -> str:
    if one.failed:
        return "does not meet"
    if not one.cheaper:
        return "fits and nothing is cheaper" + (" by itself" if one.because else "")
    best = "" if one.best_hourly_usd is None else f" at {console.usd(one.best_hourly_usd)}"
    offers = console.plural(one.cheaper, "offer")
    if one.doubtful:
        return f"fits, but its price is doubtful: {offers} come before it, first {one.best}{best}"
    if one.hourly_usd is None:
        return f"fits, but {offers} come before it, first {one.best}{best}: what is not known counts as dear"
    return f"fits, but {offers} cost less, first {one.best}{best}"
