"""The optimum of a model with conditions: needs served together or not at all, and needs of which one is served.

Dropped, the conditions leave a flow, which bounds every solution. Where the canonical flow keeps them it is the answer.
Otherwise a few more flows look for a good choice of needs to serve and for prices that prove how good it is. What costs
more than the gap between the two is settled; what is left, usually little, is searched (`branching`), and goes to HiGHS
where that takes too long. The needs chosen, the rest is a flow again, and is solved as such.

Several choices may be worth the same. Of these the one is taken whose needs have the greatest sum of lots, each counted
for every unit served; lots are drawn again until there is only one such choice, which the search makes sure of. So
every solver arrives at the same.
"""

from dataclasses import replace

from matching.conditions import fairest
from matching.conditions.choosing import Found, chosen
from matching.conditions.scalar import Scalar
from matching.errors import SolverFailed
from matching.model import Allocation, Model, Outcome
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.layers import NO_TERMS, Layers, Terms
from matching.optimum.network import Flow, FlowSolver, Network, NoFlow
from matching.optimum.ties import Optimum
from matching.optimum.worth import worth
from matching.time_limit import TimeLeft


def best(model: Model, solver: FlowSolver, time_left: TimeLeft) -> Outcome:
    """The canonical optimum of a model with conditions; exact unless time runs out, which is looked at between flows.

    The flow without conditions is solved however little time there is: its prices prove the bound. Leximin has a search
    of its own (`fairest`). Raises SolverFailed where a solver's answer proves wrong, TooLarge for leximin of too many
    units.
    """
    if model.objective == "leximin":
        return fairest.best(model, solver, time_left)
    layers = Layers(model)
    try:
        relaxed = layers.optimum(NO_TERMS, solver)
    except NoFlow:
        return _INFEASIBLE
    scalar = Scalar(layers, relaxed)
    if scalar.relaxed.bound({}) <= scalar.relaxed.cost:
        # Some optimal flow may keep the conditions, so the canonical one is asked whether it does.
        canonical = layers.canonical(NO_TERMS, solver)
        if not replace(scalar.relaxed, flow=canonical.units - scalar.least).violated:
            return _outcome(layers, canonical, relaxed)

    def solver_of_any(network: Network) -> Flow:
        return solver(network) if network.fits_64_bits else minimum_cost_flow(network)

    found = chosen(scalar.relaxed, model.needs, solver_of_any, time_left)
    if found.choice is None and found.finished:
        return _INFEASIBLE
    solver_bound = scalar.worth(int(found.bound))
    if found.choice is None:
        bound = layers.worth(relaxed.units)
        return Outcome("time_limit", Allocation.none(), (), bound, layers.prices(relaxed), solver_bound)
    outcome = _outcome(layers, layers.canonical(_terms(model, found), solver), relaxed)
    if not found.finished:
        return replace(outcome, status="time_limit", solver_bound=max(solver_bound, outcome.objective))
    if outcome.objective != solver_bound:
        raise SolverFailed(f"needs chosen for the worth {solver_bound} are worth {outcome.objective}")
    return replace(outcome, solver_bound=solver_bound)


_INFEASIBLE = Outcome("infeasible", Allocation.none(), (), ())


def _outcome(layers: Layers, optimum: Optimum, relaxed: Optimum) -> Outcome:
    """An optimum as the answer, bounded by that without conditions."""
    allocation = layers.allocation(optimum.units)
    objective = worth(layers.model, allocation)
    return Outcome("optimal", allocation, objective, layers.worth(relaxed.units), layers.prices(relaxed))


def _terms(model: Model, found: Found) -> Terms:
    """Needs of bundles that are chosen are served in full, needs that are not chosen not at all."""
    assert found.choice is not None
    served = frozenset(need for need, is_served in found.choice.items() if is_served)
    bundled = frozenset(need for bundle in model.conditions.bundles for need in bundle.needs)
    return Terms(full=served & bundled, out=model.conditions.needs - served)
