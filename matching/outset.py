"""What is known before any search: what the pins alone are worth, if they may stand alone, and a bound beyond doubt.

A search that is cut short before it finds anything answers with this.
"""

from math import lcm

import numpy as np

from matching.arrays import Ints, totals
from matching.model import Allocation, Limits, Model, Outcome, Prices
from matching.optimum.concave import Steps
from matching.optimum.exact import product
from matching.optimum.worth import served, worth


def outset(model: Model) -> Outcome:
    """The pins alone, with a bound that every need and State could reach if it had all offers to itself."""
    pinned = _pinned(model)
    if not _stands(model, pinned):
        return Outcome("time_limit", Allocation.none(), (), ())
    bound, proof = _bound(model)
    return Outcome("time_limit", pinned, worth(model, pinned), bound, proof)


def _pinned(model: Model) -> Allocation:
    cells = np.flatnonzero(model.profiles.least)
    need_of = np.zeros(model.n_profiles, dtype=np.int64)
    need_of[model.needs.profile] = np.arange(model.n_needs)  # a profile with a pin has one need
    need = need_of[model.profiles.of_cell[cells]]
    order = np.lexsort((model.profiles.offer[cells], need))
    need, cells = need[order], cells[order]
    return Allocation(need, model.profiles.offer[cells], model.profiles.least[cells], model.points(need, cells))


def _stands(model: Model, found: Allocation) -> bool:
    """Whether an allocation keeps every least, every most and every condition."""
    of_need = found.of_needs(model.n_needs)
    of_offer = totals(found.offer, found.units, model.n_offers)
    of_state = served(model, found)
    of_group = totals(model.states.group, of_state, len(model.groups.most))
    of_provider = totals(model.offers.provider, of_offer, len(model.providers.most))
    kept = (
        _within(of_need, Limits(model.needs.least, model.needs.units)),
        _within(of_offer, Limits(model.offers.least, model.offers.units)),
        _within(of_state, model.states.limits),
        _within(of_group, model.groups),
        _within(of_provider, model.providers),
    )
    return all(kept) and model.conditions.kept_by(of_need, model.needs.units)


def _within(units: Ints, limits: Limits) -> bool:
    return bool(((limits.least <= units) & (units <= limits.most)).all())


def _bound(model: Model) -> tuple[tuple[int, ...], tuple[Prices, ...]]:
    """A bound on the objective, and the prices that prove it; no prices for leximin, whose shares are at most all."""
    points = _most_points(model)
    free = _prices(model, 0, 1, 0)
    if model.objective == "most_needs_served":
        asked, offered = int(model.needs.units.sum()), int(model.offers.units.sum())
        return (min(asked, offered), points), (_prices(model, 1, 0, int(offered < asked)), free)
    if model.objective == "equal_treatment":
        return (points + _most_gained(model),), (free,)
    if model.objective == "leximin":
        asked = model.asked[model.asked > 0].tolist()
        return (*[lcm(*asked)] * len(asked), points), ()
    return (points,), (free,)


def _most_points(model: Model) -> int:
    """Points if each unit asked for went through the best cell of its need, or through none if all would cost."""
    best = np.zeros(model.n_profiles, dtype=np.int64)
    filled = np.flatnonzero(np.diff(model.profiles.start))
    if len(filled):
        best[filled] = np.maximum.reduceat(model.profiles.affinity, model.profiles.start[filled])
    has_cells = np.diff(model.profiles.start) > 0
    most = np.where(has_cells[model.needs.profile], model.needs.urgency + best[model.needs.profile], 0)
    return product(np.maximum(most, 0), model.needs.units)


def _most_gained(model: Model) -> int:
    """What slopes would earn if all that is asked were served, where it earns anything."""
    state, group = Steps.of(model.fairness.state), Steps.of(model.fairness.group)
    asked_of_group = totals(model.states.group, model.asked, len(model.groups.most))
    of_states = state.runs(model.states.received, np.ones_like(model.asked), model.asked)
    of_groups = group.runs(np.zeros_like(model.n_asking), model.n_asking, asked_of_group)
    gained = product(np.maximum(state.slope, 0), of_states.sum(axis=0))
    return gained + product(np.maximum(group.slope, 0), of_groups.sum(axis=0))


def _prices(model: Model, units_weight: int, points_weight: int, offer: int) -> Prices:
    """The same price for each offer, and nothing for anything else."""
    return Prices(
        units_weight,
        points_weight,
        offer=[offer] * model.n_offers,
        provider=[0] * len(model.providers.most),
        state=[0] * model.n_states,
        group=[0] * len(model.groups.most),
    )
