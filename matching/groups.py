"""Needs delivered per member: each member in full or not at all, and at least so many of them or none.

The flow without these conditions bounds every solution. Where it keeps them anyway it is the answer. Otherwise HiGHS
chooses the members, exactly (gap 0), on the same network with a yes/no variable for each member and each group; for
members once chosen the flow is whole again, is solved as such, and must be worth in whole numbers what HiGHS said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from matching.choice import Members, TimeLeft, best_choice
from matching.facts import Ints
from matching.flow import FlowSolver, NoFlow
from matching.network import Layout, Model, Terms

Value = Callable[[Ints], int]
"""What the objective makes of the units of the model's pairs, pins included."""


@dataclass(frozen=True)
class Outcome:
    """``units`` of each pair of the model, pins aside, or None where nothing feasible was found.

    No solution exceeds ``bound``, which is the value of the units where the search was finished.
    """

    units: Ints | None
    bound: int
    finished: bool


def best_outcome(model: Model, value: Value, solver: FlowSolver, time_left: TimeLeft) -> Outcome:
    """The best units of a model's pairs; exact unless time runs out, which is looked at before each choice."""
    layout, members = Layout(model), Members.of(model)
    if members.kept & members.unreachable:
        return Outcome(None, 0, finished=True)
    try:
        flow = layout.canonical_flow(Terms(members.kept, members.unreachable), solver)
    except NoFlow:
        return Outcome(None, 0, finished=True)
    units = layout.units(flow)
    if members.keep_conditions(_served(model, units)):
        return Outcome(units, value(units), finished=True)

    def chosen_flow(chosen: frozenset[int]) -> Ints:
        return layout.canonical_flow(Terms(chosen, members.rows - chosen), solver)

    choice = best_choice(layout, members, lambda chosen: layout.cost(chosen_flow(chosen)), time_left)
    # A flow's cost and its value sum to the same whatever the flow.
    bound = min(value(units), value(units) + layout.cost(flow) - _whole(choice.least_cost))
    chosen = choice.chosen
    if chosen is None and not choice.finished:
        chosen = members.kept_by(_served(model, units))
    if chosen is None:
        return Outcome(None, bound, choice.finished)
    units = layout.units(chosen_flow(chosen))
    return Outcome(units, value(units) if choice.finished else max(bound, value(units)), choice.finished)


def _whole(least_cost: float) -> int:
    """The least whole cost that is not below a bound found in floats; less than any cost where there is no bound."""
    return -(2**200) if least_cost == -inf else ceil(least_cost - 1e-3)


def _served(model: Model, units: Ints) -> Ints:
    """Units of each row, pins included."""
    served = model.kept.copy()
    np.add.at(served, model.row, units)
    return served
