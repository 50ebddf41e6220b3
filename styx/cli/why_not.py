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
def why_not(
    spec: options.Spec,
    what: Annotated[
        str,
        Argument(
            metavar="CLOUD[/REGION[/ZONE or TYPE]]",
            help="An offer, or all in one place; * is any region.",
            show_default=False,
        ),
    ],
    overrides: Overrides,
    cloud: offered.Clouds = None,
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
    catalog = market.catalog(read)
    from styx.optimizer import why_not as verdicts

    found = verdicts(read, catalog, market.cloud_ids, what, offered.conditions(market, minimize=None))
    if json:
        offered.print_json([asdict(one) for one in found])
        return
    for one in found:
        label = ", ".join(part for part in (one.task, one.group) if part)
        print(f"{label}: {_said(one, what)}" if label else _said(one, what))
        for asked, number in one.removed if one.offers > 1 else ():
            print(f"  {asked} removed {number}")
        for asked, has in one.failed:
            print(f"  {'nearest: ' if one.offers > 1 else ''}{_unlike(one, asked, has)}")
        for doubt in one.doubts:
            print(f"  doubtful: {doubt}")


def _said(one: "Verdict", what: str) -> str:
    price = f"at {console.usd(one.hourly_usd)} an hour" if one.hourly_usd is not None else "without a known price"
    if one.offers == 1:
        start = f"{one.offer} {price}"
    elif one.fitting:
        start = f"{what}: {one.fitting} of {one.offers} offers fit; the cheapest, {one.offer} {price},"
    else:
        return f"{what}: none of {one.offers} offers fits"
    if one.failed:
        return f"{start} does not meet"
    return f"{start} fits, but {_before(one)}" if one.cheaper else f"{start} fits and nothing is cheaper"


def _before(one: "Verdict") -> str:
    """Say what comes before an offer that fits."""
    offers, best = console.plural(one.cheaper, "offer"), f"the first {one.best} at {console.usd(one.best_hourly_usd)}"
    if one.doubtful:
        return f"its price is doubtful: {offers} with sound prices come first, {best}"
    return f"{offers} cost less, {best}"


def _unlike(one: "Verdict", asked: str, has: str) -> str:
    where = f"{one.offer}, without {asked}" if one.offers > 1 else asked
    return f"{where}; it has {has}" if has else where
