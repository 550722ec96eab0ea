"""The optimum of a model, by the method that its objective and conditions call for."""

from collections.abc import Callable
from dataclasses import replace

from matching.conditions import search as conditions
from matching.infeasible import conflict, obstruction
from matching.model import Allocation, Model, Outcome
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.layers import NO_TERMS, Layers, Terms
from matching.optimum.network import FlowSolver, NoFlow
from matching.optimum.worth import worth
from matching.time_limit import TimeLeft, unlimited

Progress = Callable[[str, float], None]
"""Told the stage that begins and the share of the work done, from 0 to 1."""


def optimise(
    model: Model,
    *,
    solver: FlowSolver = minimum_cost_flow,
    time_left: TimeLeft = unlimited,
    tell: Progress = lambda stage, share: None,
) -> Outcome:
    """The best allocation of a model; of several, the canonical one, whichever solver is used.

    ``time_left`` is looked at between flows, never within one: without conditions there is but one thing to do. Raises
    SolverFailed where a solver's answer proves wrong.
    """
    tell("solving", 0.0)
    outcome = conditions.best(model, solver, time_left) if model.conditions.needs else _by_flow(model, solver)
    if outcome.status != "infeasible":
        return outcome
    tell("obstacle", 0.5)
    return replace(outcome, obstacle=obstruction.find(model) or conflict.find(model))


def flow_outcome(layers: Layers, terms: Terms, solver: FlowSolver) -> Outcome:
    """The canonical optimum under terms, proved by its prices. Raises NoFlow where there is none."""
    optimum = layers.canonical(terms, solver)
    allocation = layers.allocation(optimum.units)
    objective = worth(layers.model, allocation)
    return Outcome("optimal", allocation, objective, objective, layers.prices(optimum))


def _by_flow(model: Model, solver: FlowSolver) -> Outcome:
    try:
        return flow_outcome(Layers(model), NO_TERMS, solver)
    except NoFlow:
        return Outcome("infeasible", Allocation.none(), (), ())
