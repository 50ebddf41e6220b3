"""What the journal keeps of money: which machines run from when on, at which price, and when that ends."""

import json

from styx.lifecycle.rendered import Rendered
from styx.plan import Group, Placement
from styx.state import Run
from styx.workdir import Workdir


def running(run: Run, rendered: Rendered) -> None:
    """Journal that the machines of a rendering are paid for from now on; called before they are made."""
    placement = rendered.task_plan.placement
    run.note("billing", {"state": "running", **price(placement), "labels": _labels(rendered.workdir)})


def stopped(run: Run, hourly_usd: float | None) -> None:
    """Journal that only what is left of stopped machines, their disks, is paid for; None for an unknown price."""
    run.note("billing", {"state": "stopped", "hourly_usd": hourly_usd})


def gone(run: Run) -> None:
    """Journal that nothing is paid for any more."""
    run.note("billing", {"state": "gone", "hourly_usd": 0.0})


def price(placement: Placement) -> dict[str, object]:
    """Return what a placement is and costs, for the journal; an unknown price is None."""
    return {
        "place": f"{placement.cloud}/{placement.region}",
        "hourly_usd": placement.cost.hourly_usd if placement.cost.complete else None,
        "machines": [_machines(group) for group in placement.groups],
    }


def _machines(group: Group) -> dict[str, object]:
    offer = group.offer
    return {
        "group": group.name,
        "count": group.min_count,
        "instance_type": offer.instance_type,
        "market": group.market,
        "zone": group.zone,
        "hourly_usd": offer.price_usd(group.market),
        "price_kind": offer.spot_kind if group.market == "spot" else offer.price_kind,
        "price_as_of": offer.price_as_of,
    }


def _labels(workdir: Workdir) -> dict[str, str]:
    """Return what the user labelled everything with, on a cloud that carries labels."""
    told = json.loads((workdir.terraform / "terraform.tfvars.json").read_text())
    labels: dict[str, str] = told.get("tags", {})
    return labels
