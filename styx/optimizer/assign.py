"""Which place each task of a pipeline goes to: its own cost there, and what moving the data costs, least in all.

Amounts are whole millionths of a USD; a task is taken to run for an hour, as SkyPilot does, so that what is paid once
(egress) and what is paid by the hour add up.
"""

from collections.abc import Mapping, Sequence

from styx.optimizer import chain, program
from styx.optimizer.flows import Egress, Flow
from styx.optimizer.places import Place

Costs = Sequence[Mapping[int, int]]
"""For each task: place → millionths of a USD."""


def assign(costs: Costs, flows: Sequence[Flow], places: Mapping[int, Place], egress: Egress) -> list[int]:
    """Return the place of each task.

    Tasks that no data joins are placed alone; those along a line by dynamic programming; others by an integer program.
    """
    chosen = [min(options, key=lambda place: (options[place], place)) for options in costs]
    for tasks in joined(len(costs), flows):
        own = [flow for flow in flows if flow.source in tasks]
        numbers = {task: position for position, task in enumerate(tasks)}
        moved = [Flow(numbers[flow.source], numbers[flow.target], flow.gib) for flow in own]
        options = [costs[task] for task in tasks]
        solve = chain.solve if all(flow.target == flow.source + 1 for flow in moved) else program.solve
        for task, place in zip(tasks, solve(options, moved, places, egress), strict=True):
            chosen[task] = place
    return chosen


def joined(count: int, flows: Sequence[Flow]) -> list[list[int]]:
    """Return the sets of tasks that data joins, each in order; tasks that nothing joins are left out."""
    group = list(range(count))

    def root(task: int) -> int:
        while group[task] != task:
            task = group[task]
        return task

    for flow in flows:
        group[root(flow.target)] = root(flow.source)
    sets: dict[int, list[int]] = {}
    for task in range(count):
        sets.setdefault(root(task), []).append(task)
    return [tasks for tasks in sets.values() if len(tasks) > 1]
