"""A plan in words and tables: placement and price, what Terraform would do, what will be done on the hosts."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from styx.cli import console

if TYPE_CHECKING:
    from styx.lifecycle.plan import Planned
    from styx.plan import Placement, TaskPlan
    from styx.review.impact import Impact

_SIGNS = {"create": ("+", "32"), "update": ("~", "33"), "delete": ("-", "31"), "replace": ("-/+", "31")}

_LABELS = {"live": "2", "restart": "33", "replace": "35", "data-loss": "1;31"}


def placements(tasks: "tuple[TaskPlan, ...]") -> None:
    """Print where each task goes and what it costs."""
    rows = []
    for task in tasks:
        for group in task.placement.groups:
            offer = group.offer
            price = offer.price_usd(group.market)
            gpus = f"{offer.accelerator}:{offer.accelerator_count:g}" if offer.accelerator else "-"
            where = f"{offer.cloud}/{offer.region}" + (f"/{group.zone}" if group.zone else "")
            size = f"{offer.vcpus:g} vCPU, {offer.memory_gib:g} GiB"
            total = console.usd(None if price is None else price * group.min_count)
            rows.append(
                (task.task or "-", f"{group.min_count} {group.role}", where, offer.instance_type, size, gpus,
                 group.market.replace("_", " "), total)
            )  # fmt: skip
    console.table(("task", "nodes", "where", "machine", "size each", "GPUs", "market", "$/hour"), rows)


def cost(placement: "Placement") -> str:
    """Return what a placement costs, with the date and kind of its price."""
    known = placement.cost
    total = console.usd(known.hourly_usd, complete=known.complete)
    kinds = sorted({f"{group.offer.price_kind} price" for group in placement.groups})
    dates = sorted({group.offer.price_as_of for group in placement.groups if group.offer.price_as_of})
    if known.complete and not known.hourly_usd:
        return f"{total} an hour"
    return f"{total} an hour ({', '.join(kinds)}{' of ' + dates[0] if dates else ''})"


def network(placement: "Placement") -> str:
    """Return what the cluster's own network costs and for what; empty when it is nothing."""
    from styx.catalog.network import price_kinds

    if not placement.cost.network:
        return ""
    services = dict(placement.cost.network)
    parts = ", ".join(f"{count} x {name}" if count > 1 else name for name, count in services.items())
    usd = console.usd(placement.cost.network_usd)
    return f"{usd} an hour for {parts} ({price_kinds(placement.cloud, services)}, traffic not counted)"


def planned(one: "Planned") -> None:
    """Print everything that an apply of one cluster would do."""
    task, workdir = one.task_plan, one.rendered.workdir
    placements((task,))
    print(f"cost: {cost(task.placement)}")
    if said := network(task.placement):
        print(f"  of it the network: {said}")
    for row in task.removed:
        print(f"  {row.constraint} left {row.left} of {row.left + row.removed} offers")
    impacts(one.impacts)
    counts = one.terraform
    print(f"Terraform: {counts.add} to add, {counts.change} to change, {counts.destroy} to destroy")
    print(f"hosts: {', '.join(one.rendered.roles) or 'nothing to do'}")
    for path in one.rendered.written.kept:
        print(f"edited by hand, kept: {workdir.folder / path}")
    for path in one.rendered.written.merged:
        print(f"edited by hand, merged with what is new: {workdir.folder / path}")
    print(f"cluster: {one.rendered.cluster}, files: {console.shown(workdir.folder)}")


def impacts(found: "tuple[Impact, ...]") -> None:
    """Print each change with what it does to what stands."""
    for one in sorted(found, key=lambda one: one.address):
        sign, code = _SIGNS[one.action]
        causes = f" ({', '.join(one.causes)})" if one.causes else ""
        label = console.colour(f"{one.label}{causes}", _LABELS[one.label])
        print(f"  {console.colour(f'{sign:>3}', code)} {one.address}  {label}")


def as_json(one: "Planned") -> dict[str, Any]:
    """Return a plan for machines."""
    counts = one.terraform
    return {
        "cluster": one.rendered.cluster,
        "folder": str(one.rendered.workdir.folder),
        "task": asdict(one.task_plan),
        "terraform": {
            "add": counts.add,
            "change": counts.change,
            "destroy": counts.destroy,
            "changes": [asdict(change) for change in counts.changes],
        },
        "impacts": [asdict(change) for change in one.impacts],
        "hosts": list(one.rendered.roles),
        "files": asdict(one.rendered.written),
    }


def print_json(value: object) -> None:
    """Print `value` as JSON on stdout."""
    print(json.dumps(value, indent=2, default=str))


def title(cloud_id: str) -> str:
    """Return a cloud's name for people."""
    from styx import clouds

    return clouds.by_id(cloud_id).title
