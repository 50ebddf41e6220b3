"""`styx optimize`: where a spec would go and what that costs; nothing is written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from styx.cli import console, offered, opening, options
from styx.cli.overrides import spec_options
from styx.spec.overrides import Overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from styx.plan import Placement, Plan, TaskPlan

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
        catalog = market.catalog(spec)
        conditions = offered.conditions(market, minimize, restart_minutes)
        from styx import optimizer

        plan = optimizer.choose(spec, catalog, market.cloud_ids, conditions)
        ranked = optimizer.top(spec, catalog, market.cloud_ids, top, conditions) if top else ((),) * len(plan.tasks)
        rows = list(zip(plan.tasks, ranked, strict=True))
        if json:
            for task, cheapest in rows:
                more = {"top": [offered.placement(one) for one in cheapest]} if top else {}
                why = {"explain": offered.explained(task, plan)} if explain else {}
                shown.append(offered.as_json(task) | more | why)
        else:
            _show(plan, rows, explain=explain)
    if json:
        offered.print_json({"tasks": shown})


def _show(plan: "Plan", rows: "Sequence[tuple[TaskPlan, Sequence[Placement]]]", *, explain: bool) -> None:
    for task, cheapest in rows:
        listed = [("choice", task.placement), *((one.differs, one) for one in task.ladder)]
        if cheapest:
            listed = [(str(number), one) for number, one in enumerate(cheapest, 1)]
        console.table(_COLUMNS, [_row(task.task, label, one) for label, one in listed])
        _costs(task)
        if explain:
            _explain(task)
    hourly = sum(task.placement.cost.hourly_usd for task in plan.tasks)
    complete = all(task.placement.cost.complete for task in plan.tasks)
    tasks = f", {len(plan.tasks)} tasks" if len(plan.tasks) > 1 else ""
    price = console.usd(hourly, complete=complete)
    print(f"total: {price} an hour{tasks}; oldest price of the catalog: {plan.catalog_date}")


def _row(task: str, label: str, one: "Placement") -> tuple[str, ...]:
    group = one.groups[-1]
    offer = group.offer
    types = dict.fromkeys(each.offer.instance_type for each in one.groups)
    gpus = f"{offer.accelerator}:{offer.accelerator_count:g}" if offer.accelerator else "-"
    where = "/".join(part for part in (one.cloud, one.region, group.zone) if part)
    total = console.usd(one.cost.hourly_usd, complete=one.cost.complete)
    size = f"{offer.vcpus:g} vCPU, {offer.memory_gib:g} GiB"
    return (
        task or "-", label, where, str(one.num_nodes), " + ".join(types), size, gpus,
        group.market.replace("_", " "), total,
    )  # fmt: skip


def _costs(task: "TaskPlan") -> None:
    cost = task.placement.cost
    parts = [("machines", cost.compute_usd), ("disks", cost.disk_usd), ("addresses", cost.address_usd)]
    parts += [("data leaving", cost.egress_usd)] if cost.egress_usd else []
    print("  " + ", ".join(f"{name} ${usd:.4f}" for name, usd in parts) + " an hour")
    if not cost.complete:
        print("  a part has no known price: the total is the least it can be")
    if any(group.market == "spot" for group in task.placement.groups):
        expected = cost.expected_usd
        by = "price: no interruption rate or restart time is known" if expected is None else "expected cost"
        more = "" if expected is None else f", ${expected:.4f} for an hour of work"
        print(f"  spot ranked by {by}{more}")
    for doubt in task.doubts:
        print(f"  doubtful price: {doubt}")


def _explain(task: "TaskPlan") -> None:
    print(f"  {task.considered} offers")
    for row in task.removed:
        print(f"  {row.constraint} removed {row.removed}, left {row.left}")
    for one in task.relaxations:
        price = "at no known price" if one.hourly_usd is None else f"from ${one.hourly_usd:.4f} an hour"
        print(f"  without {one.constraint}: {one.offers} more, {price}")
