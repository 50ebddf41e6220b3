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
    offer: Annotated[str, Argument(metavar="CLOUD/REGION/TYPE", help="The offer.", show_default=False)],
    overrides: Overrides,
    cloud: offered.Clouds = None,
    json: options.Json = False,
) -> None:
    """Say which constraint, or which cheaper offers, ruled an offer out.

    Examples:

      styx why-not task.yaml aws/us-east-1/p5.48xlarge

      styx why-not task.yaml gcp/us-central1/a3-highgpu-8g --use-spot
    """
    market = offered.Market(cloud)
    read = opening.spec(spec, overrides)
    catalog = market.catalog(read)
    from styx.optimizer import why_not as verdicts

    found = verdicts(read, catalog, market.cloud_ids, offer)
    if json:
        offered.print_json([asdict(one) for one in found])
        return
    for one in found:
        label = " ".join(part for part in (one.task, one.group) if part)
        print(f"{label + ': ' if label else ''}{_said(one, offer)}")
        for asked, has in one.failed:
            print(f"  {asked}" + (f"; it has {has}" if has else ""))


def _said(one: "Verdict", offer: str) -> str:
    price = "" if one.hourly_usd is None else f" at {console.usd(one.hourly_usd)} an hour"
    if one.failed:
        return f"{offer}{price} does not meet"
    if not one.cheaper:
        return f"{offer}{price} fits and nothing is cheaper"
    best = "" if one.best_hourly_usd is None else f", the cheapest {one.best} at {console.usd(one.best_hourly_usd)}"
    return f"{offer}{price} fits, but {console.plural(one.cheaper, 'offer')} cost less{best}"
