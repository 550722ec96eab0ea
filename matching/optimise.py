"""The optimum of a model, by the method that its objective and conditions call for."""

from collections.abc import Callable

from matching.flow import FlowSolver, NoFlow, minimum_cost_flow
from matching.layers import NO_TERMS, Layers, Terms
from matching.model import Allocation, Model, Outcome
from matching.worth import worth

Progress = Callable[[str, float], None]
"""Told the stage that begins and the share of the work done, from 0 to 1."""


def optimise(
    model: Model, *, solver: FlowSolver = minimum_cost_flow, tell: Progress = lambda stage, share: None
) -> Outcome:
    """The best allocation of a model; of several, the canonical one, whichever solver is used.

    Raises SolverFailed where a solver's answer proves wrong.
    """
    tell("laying", 0.0)
    layers = Layers(model)
    tell("solving", 0.2)
    try:
        return flow_outcome(layers, NO_TERMS, solver)
    except NoFlow:
        return Outcome("infeasible", Allocation.none(), (), ())


def flow_outcome(layers: Layers, terms: Terms, solver: FlowSolver) -> Outcome:
    """The canonical optimum under terms, proved by its prices. Raises NoFlow where there is none."""
    optimum = layers.canonical(terms, solver)
    allocation = layers.allocation(optimum.units)
    objective = worth(layers.model, allocation)
    return Outcome("optimal", allocation, objective, objective, layers.prices(optimum))
