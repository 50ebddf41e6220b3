"""Tasks joined in any pattern: an integer program, solved by HiGHS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from styx.errors import StyxError
from styx.optimizer.flows import Egress, Flow
from styx.optimizer.places import MICRO, Place

if TYPE_CHECKING:
    import highspy

_Terms = Sequence[tuple[int, float]]
"""(variable, factor) of a sum."""


def solve(
    costs: Sequence[Mapping[int, int]], flows: Sequence[Flow], places: Mapping[int, Place], egress: Egress
) -> list[int]:
    """Return the place of each task, least in all.

    x[t, p] says that task t is at place p. For each flow, m[p] says that its data leaves region p, and l[c] that it
    leaves cloud c: the first costs what moving between regions does, the second what leaving costs beyond that. So a
    flow needs a variable a place and not one a pair of places, and the relaxation is nearly always whole already.
    """
    program = _Program()
    at = [
        {place: program.variable(usd / MICRO, whole=True) for place, usd in sorted(options.items())}
        for options in costs
    ]
    for options in at:
        program.constraint(1, 1, [(variable, 1) for variable in options.values()])
    for flow in flows:
        _add_flow(program, flow, (at[flow.source], at[flow.target]), places, egress)
    values = program.minimum()
    return [max(options, key=lambda place: values[options[place]]) for options in at]


def _add_flow(
    program: "_Program",
    flow: Flow,
    ends: tuple[Mapping[int, int], Mapping[int, int]],
    places: Mapping[int, Place],
    egress: Egress,
) -> None:
    """Add what moving the data of `flow` costs, wherever its ends are."""
    source, target = ends
    by_cloud: dict[str, list[int]] = {}
    for place in source:
        by_cloud.setdefault(places[place].cloud, []).append(place)
    for cloud, inside in by_cloud.items():
        within = flow.gib * egress.between_regions(cloud)
        beyond = flow.gib * egress.leaving(cloud) - within
        for place in inside:
            stays = [(target[place], -1.0)] if place in target else []
            program.left(within, [(source[place], 1.0)], stays)
        kept = [(variable, -1.0) for place, variable in target.items() if places[place].cloud == cloud]
        program.left(beyond, [(source[place], 1.0) for place in inside], kept)


@dataclass
class _Program:
    """A linear program with some whole variables, all between 0 and 1."""

    costs: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)

    def variable(self, cost: float, *, whole: bool = False) -> int:
        """Add a variable and return its number."""
        self.costs.append(cost)
        self.whole.append(whole)
        return len(self.costs) - 1

    def constraint(self, lower: float, upper: float, terms: _Terms) -> None:
        """Keep a sum between two limits."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.columns += [variable for variable, _ in terms]
        self.factors += [factor for _, factor in terms]
        self.starts.append(len(self.columns))

    def left(self, cost: float, here: _Terms, stays: _Terms) -> None:
        """Add a variable that is 1 when the source is `here` and the target does not stay (its factors are -1)."""
        if cost == 0:
            return
        gone = self.variable(cost)
        self.constraint(0, inf, [(gone, 1.0), *((variable, -1.0) for variable, _ in here), *_negated(stays)])
        if cost < 0:  # then it would rise by itself
            self.constraint(-inf, 0, [(gone, 1.0), *((variable, -1.0) for variable, _ in here)])
            self.constraint(-inf, 1, [(gone, 1.0), *_negated(stays)])

    def minimum(self) -> list[float]:
        """Return the value of each variable in the best solution."""
        import highspy

        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 1e-7),
        ):
            solver.setOptionValue(option, value)
        solver.passModel(self._model())
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            status = solver.modelStatusToString(solver.getModelStatus())
            raise StyxError(f"the solver found no best places for the tasks: {status}")
        return list(solver.getSolution().col_value)

    def _model(self) -> "highspy.HighsLp":
        import highspy

        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.costs), len(self.lower)
        model.col_cost_ = self.costs
        model.col_lower_, model.col_upper_ = [0.0] * len(self.costs), [1.0] * len(self.costs)
        model.row_lower_, model.row_upper_ = self.lower, self.upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = self.starts, self.columns, self.factors
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in self.whole]
        return model


def _negated(terms: _Terms) -> list[tuple[int, float]]:
    return [(variable, -factor) for variable, factor in terms]
