"""`styx optimize`: where a spec would go and what that costs; nothing is written."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import console, offered, opening, options, wide
from styx.cli.overrides import spec_options
from styx.spec.overrides import Overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from styx.plan import Placement, TaskPlan

_NOT_PUBLISHED = {
    "estimated": "from the saving that its cloud publishes; ask the cloud before you count on it",
    "derived": "from another region's or size's; `styx catalog refresh` fetches the list price",
}
"""Kinds of prices that are in no price list, and where they come from."""

_COLUMNS = ("task", "", "where", "nodes", "machine", "size each", "GPUs", "market", "$/hour")


@spec_options
def optimize(  # noqa: PLR0913 - each is an option of the command line
    specs: Annotated[list[Path], Argument(metavar="SPEC...", help="The task specs, YAML files.", show_default=False)],
    overrides: Overrides,
    top: Annotated[int | None, Option("--top", min=1, help="List so many of each task's cheapest placements.")] = None,
    explain: Annotated[bool, Option("--explain", help="Say what each constraint removed, and what it costs.")] = False,
    cloud: offered.Clouds = None,
    minimize: offered.Minimize = None,
    restart_minutes: offered.RestartMinutes = None,
    json: options.Json = False,
) -> None:
    """Show where a spec would go, on every cloud with prices, and what that costs.

    Clouds that are not enabled count too; this machine only when it is named.

    Examples:

      styx optimize task.yaml --top 5

      styx optimize task.yaml --gpus H100:8 --use-spot --json

      styx optimize task.yaml --cloud aws --cloud gcp --explain
    """
    market = offered.Market(cloud)
    shown = []
    for path in specs:
        spec = opening.spec(path, overrides)
        from styx.optimizer import choose
        from styx.optimizer import top as cheapest

        conditions = offered.conditions(market, minimize, restart_minutes)
        catalog = market.catalog(spec)
        plan = choose(spec, catalog, market.cloud_ids, conditions)
        ranked = cheapest(spec, catalog, market.cloud_ids, top, conditions) if top else ((),) * len(plan.tasks)
        answer = offered.Answer(plan, catalog, spec.tasks, ranked)
        if json:
            shown += answer.as_json(explain=explain, top=top is not None)
        else:
            _show(answer, explain=explain, restart_minutes=restart_minutes)
    if json:
        offered.print_json({"tasks": shown})


def _show(answer: "offered.Answer", *, explain: bool, restart_minutes: float | None) -> None:
    plan = answer.plan
    for number, (task, cheapest) in enumerate(zip(plan.tasks, answer.ranked, strict=True)):
        listed = [("choice", task.placement), *((one.differs, one) for one in task.ladder)]
        if cheapest:
            listed = [(str(place), one) for place, one in enumerate(cheapest, 1)]
        wide.table(_COLUMNS, [_row(answer, task.task, label, one) for label, one in listed])
        _costs(task, answer.unknown(number, task.placement))
        _spot(task, restart_minutes)
        if needed := answer.needed(task.placement):
            print(f"  {task.placement.region} needs {needed}")
        _kinds(task)
        for doubt in task.doubts:
            print(f"  doubtful: {doubt}")
        for where, doubt in answer.doubts_of_rungs(task):
            print(f"  doubtful ({where}): {doubt}")
        if explain:
            _explain(task)
        else:
            _left_out(task)
    hourly = sum(task.placement.cost.hourly_usd for task in plan.tasks)
    price = _usd([task.placement for task in plan.tasks], hourly)
    tasks = f", {len(plan.tasks)} tasks" if len(plan.tasks) > 1 else ""
    dates = [date for task in plan.tasks if (date := offered.price_date(task.placement))]
    print(f"total: {price} an hour{tasks}" + (f"; prices of {min(dates)}" if dates else ""))
    for warning in offered.old_prices([task.placement for task in plan.tasks]):
        print(f"note: {warning}", file=sys.stderr)


def _row(answer: "offered.Answer", task: str, label: str, one: "Placement") -> tuple[str, ...]:
    group = one.groups[-1]
    offer = group.offer
    types = dict.fromkeys(each.offer.instance_type for each in one.groups)
    gpus = f"{offer.accelerator}:{offer.accelerator_count:.3g}" if offer.accelerator else "-"
    if offer.gpu_memory_gib:
        gpus += f", {offer.gpu_memory_gib:g} GiB"
    where = "/".join(part for part in (one.cloud, one.region, group.zone) if part)
    total = _usd([one], one.cost.hourly_usd) + (" (doubtful)" if answer.doubtful(one) else "")
    size = f"{offer.vcpus:g} vCPU, {offer.memory_gib:g} GiB"
    return (
        task or "-", label, where, str(one.num_nodes), " + ".join(types), size, gpus,
        group.market.replace("_", " "), total,
    )  # fmt: skip


def _usd(placements: "Sequence[Placement]", hourly: float) -> str:
    """Return what placements cost in all: at least, where a part is unknown; nothing, where a machine is."""
    groups = [group for one in placements for group in one.groups]
    if any(group.offer.price_usd(group.market) is None for group in groups):
        return "unknown"
    return console.usd(hourly, complete=all(one.cost.complete for one in placements))


def _costs(task: "TaskPlan", unknown: "frozenset[str]") -> None:
    cost = task.placement.cost
    parts = [
        ("machines", "compute", cost.compute_usd),
        ("disks", "disk", cost.disk_usd),
        ("addresses", "address", cost.address_usd),
    ]
    if cost.network_usd:
        parts.append(("network", "network", cost.network_usd))
    if cost.egress_usd or "egress" in unknown:
        parts.append(("data leaving", "egress", cost.egress_usd))
    said = (f"{name} unknown" if part in unknown else f"{name} ${usd:.4f}" for name, part, usd in parts)
    print("  " + ", ".join(said) + " an hour")
    if unknown:
        print("  a part has no known price: the total is more than what is known of it")


def _spot(task: "TaskPlan", restart_minutes: float | None) -> None:
    """Say what spot machines were ranked by."""
    if all(group.market != "spot" for group in task.placement.groups):
        return
    if not restart_minutes:
        print("  spot ranked by price: no restart time is given (--restart-minutes)")
    elif task.placement.cost.expected_usd is None:
        print("  spot ranked by expected cost; how often this one is taken back is not known: counted as the worst")
    else:
        print(f"  spot ranked by expected cost: ${task.placement.cost.expected_usd:.4f} for an hour of work")


def _kinds(task: "TaskPlan") -> None:
    """Say when a price of the choice is none that the cloud published."""
    for group in {one.offer: one for one in task.placement.groups}.values():
        offer = group.offer
        kind = offer.spot_kind if group.market == "spot" else offer.price_kind
        if kind in _NOT_PUBLISHED:
            market = group.market.replace("_", " ")
            print(f"  the {market} price of {offer.instance_type} is {kind}: {_NOT_PUBLISHED[kind]}")


def _left_out(task: "TaskPlan") -> None:
    """Name the clouds that a constraint left out as a whole, which nobody would expect of it."""
    for row in task.removed:
        if row.constraint.startswith("features"):
            print(f"  left out for {row.constraint.removeprefix('features: ')}: {row.removed} offers")


def _explain(task: "TaskPlan") -> None:
    print(f"  {task.considered} offers")
    for row in task.removed:
        print(f"  {row.constraint} removed {row.removed}, left {row.left}")
    for one in task.relaxations:
        price = "at no price that is known in full" if one.hourly_usd is None else f"from ${one.hourly_usd:.4f} an hour"
        print(f"  without {one.constraint}: {one.offers} more, {price}")
