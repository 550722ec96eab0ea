"""What an allocation is worth: the values of the objective in lexicographic order, in integers of any size."""

from math import lcm

import numpy as np

from matching.arrays import Ints, totals
from matching.model import Allocation, Model
from matching.optimum.concave import Steps
from matching.optimum.exact import product


def worth(model: Model, allocation: Allocation) -> tuple[int, ...]:
    """The objective of an allocation: one value for each level.

    Leximin has the served / asked of every State that asks, ascending, as whole numbers over the least common multiple
    of all that is asked; then points.
    """
    points = product(allocation.points, allocation.units)
    if model.objective == "most_needs_served":
        return int(allocation.units.sum()), points
    if model.objective == "leximin":
        return *shares(model, served(model, allocation)), points
    if model.objective == "equal_treatment":
        return (points + _gained(model, served(model, allocation)),)
    return (points,)


def served(model: Model, allocation: Allocation) -> Ints:
    """Units that each State receives for itself."""
    return totals(model.needs.state[allocation.need], allocation.units, model.n_states)


def shares(model: Model, units: Ints) -> list[int]:
    """Ascending shares of what asking States ask that they receive, over the least common multiple of all asked."""
    asking = np.flatnonzero(model.asked)
    asked = model.asked[asking].tolist()
    whole = lcm(*asked)
    return sorted(units * (whole // of) for units, of in zip(units[asking].tolist(), asked, strict=True))


def _gained(model: Model, units: Ints) -> int:
    """What slopes earn for units of States, and for those of their regional groups."""
    of_group = totals(model.states.group, units, len(model.groups.most))
    state, group = Steps.of(model.fairness.state), Steps.of(model.fairness.group)
    of_states = state.runs(model.states.received, np.ones_like(units), units)
    of_groups = group.runs(np.zeros_like(model.n_asking), model.n_asking, of_group)
    return product(state.slope, of_states.sum(axis=0)) + product(group.slope, of_groups.sum(axis=0))
