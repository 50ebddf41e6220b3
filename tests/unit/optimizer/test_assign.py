"""Pipelines: dynamic programming and the integer program against every assignment there is."""

import itertools
import random

import pytest

from styx.optimizer import chain, program
from styx.optimizer.assign import assign, joined
from styx.optimizer.chain import fee
from styx.optimizer.flows import Egress, Flow
from styx.optimizer.places import Place

PLACES = {
    number: Place(number, cloud, region)
    for number, (cloud, region) in enumerate([("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("c", "1")], 1)
}
EGRESS = Egress(
    {("a", "internet"): 0.09, ("a", "region"): 0.02, ("b", "internet"): 0.12, ("b", "region"): 0.01,
     ("c", "internet"): 0.0, ("c", "region"): 0.0}
)  # fmt: skip
BACKWARDS = Egress({(cloud, kind): usd for cloud in "abc" for kind, usd in (("internet", 0.01), ("region", 0.05))})
"""A cloud where moving between regions is dearer than leaving."""


def total(costs, flows, egress, chosen):
    moved = sum(
        fee(flow.gib, egress.usd_per_gib(PLACES[chosen[flow.source]], PLACES[chosen[flow.target]])) for flow in flows
    )
    return sum(options[place] for options, place in zip(costs, chosen, strict=True)) + moved


def best(costs, flows, egress):
    return min(total(costs, flows, egress, chosen) for chosen in itertools.product(*costs))


def drawn(seed, tasks, edges):
    """Return the costs of tasks at some of the places, and flows."""
    dice = random.Random(seed)
    costs = []
    for _ in range(tasks):
        places = dice.sample(sorted(PLACES), dice.randint(1, len(PLACES)))
        costs.append({place: dice.randint(0, 20) * 100_000 for place in places})
    flows = [Flow(source, target, dice.choice([0.5, 5, 20, 100])) for source, target in edges(dice)]
    return costs, flows


def line(tasks):
    return lambda dice: [(task, task + 1) for task in range(tasks - 1) if dice.random() < 0.9]


def any_pattern(tasks):
    pairs = list(itertools.combinations(range(tasks), 2))
    return lambda dice: sorted(dice.sample(pairs, dice.randint(1, min(8, len(pairs)))))


@pytest.mark.parametrize("egress", [EGRESS, BACKWARDS], ids=["usual", "backwards"])
@pytest.mark.parametrize("seed", range(40))
def test_a_chain_is_placed_best(seed, egress):
    costs, flows = drawn(seed, 5, line(5))
    chosen = chain.solve(costs, flows, PLACES, egress)
    assert total(costs, flows, egress, chosen) == best(costs, flows, egress)


@pytest.mark.parametrize("egress", [EGRESS, BACKWARDS], ids=["usual", "backwards"])
@pytest.mark.parametrize("seed", range(40))
def test_any_pattern_is_placed_best(seed, egress):
    costs, flows = drawn(seed, 5, any_pattern(5))
    for solve in (program.solve, assign):
        assert total(costs, flows, egress, solve(costs, flows, PLACES, egress)) == best(costs, flows, egress)


def test_whatever_data_joins_is_one_set():
    """All of the 1,023 patterns of five tasks: sets that are torn apart would lose what moves between them."""
    pairs = list(itertools.combinations(range(5), 2))
    for number in range(1, 2 ** len(pairs)):
        flows = [Flow(*pair, 1) for bit, pair in enumerate(pairs) if number >> bit & 1]
        sets = joined(5, flows)
        assert all(sum({flow.source, flow.target} <= set(tasks) for tasks in sets) == 1 for flow in flows)


@pytest.mark.parametrize("seed", range(20))
def test_sets_of_tasks_are_placed_apart(seed):
    costs, flows = drawn(seed, 6, lambda _dice: [(0, 1), (2, 4), (3, 4), (2, 5)])
    assert total(costs, flows, EGRESS, assign(costs, flows, PLACES, EGRESS)) == best(costs, flows, EGRESS)


def test_greed_would_be_wrong():
    """The first task's cheapest place leads to dear egress: the best choice looks ahead."""
    costs = [{1: 1_000_000, 3: 1_100_000}, {3: 1_000_000}]
    flows = [Flow(0, 1, 100)]
    assert chain.solve(costs, flows, PLACES, EGRESS) == program.solve(costs, flows, PLACES, EGRESS) == [3, 3]


def test_an_unknown_price_of_egress_is_the_highest_known():
    egress = Egress({("a", "internet"): 0.09})
    assert egress.usd_per_gib(Place(1, "x", "1"), Place(2, "a", "1")) == 0.09


def test_the_solver_prints_nothing(capfd):
    program.solve([{1: 5, 3: 7}, {3: 1}], [Flow(0, 1, 10)], PLACES, EGRESS)
    assert capfd.readouterr() == ("", "")
