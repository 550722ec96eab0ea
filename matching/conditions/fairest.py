"""Leximin under conditions: what the flow without them bounds, HiGHS finds, and a flow again settles.

Bundles and substitutes leave gaps between what States can receive together, so that weights (`leximin`) no longer find
the fairest vector. Unless the flow without conditions happens to keep them, HiGHS finds it share by share, on the model
as a whole, and with it the choice of needs to serve. With these given there are no gaps.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import lcm

import numpy as np

from matching.conditions.choosing import LOT_BITS
from matching.conditions.whole import Found, Whole, shares_below_one
from matching.errors import SolverFailed
from matching.model import Allocation, Model, Outcome
from matching.optimum.layers import NO_TERMS, Layers, Terms
from matching.optimum.network import FlowSolver, NoFlow
from matching.optimum.ties import LEVELS, scattered
from matching.optimum.worth import worth
from matching.time_limit import TimeLeft


def best(model: Model, solver: FlowSolver, time_left: TimeLeft) -> Outcome:
    """The canonical leximin optimum of a model with conditions; exact unless time runs out.

    Its bound is that of the flow without conditions, which is solved however little time there is. Raises TooLarge
    where that flow breaks them and the model is too large for HiGHS (`whole`), SolverFailed where a solver's answer
    proves wrong.
    """
    layers = Layers(model)
    try:
        relaxed = layers.canonical(NO_TERMS, solver)
    except NoFlow:
        return _INFEASIBLE
    allocation = layers.allocation(relaxed.units)
    bound = worth(model, allocation)
    freely = Outcome("optimal", allocation, bound, bound, layers.prices(relaxed))
    if model.conditions.kept_by(allocation.of_needs(model.n_needs), model.needs.units):
        return freely
    whole = Whole(model)
    found = whole.best(time_left)
    if found.allocation is None and found.finished:
        return _INFEASIBLE
    claimed = min(bound, _bound(model, found.bound))
    if found.allocation is None:
        return replace(freely, status="time_limit", allocation=Allocation.none(), objective=(), solver_bound=claimed)
    drawn = _drawn(whole, model, time_left) if found.finished else None
    served = found.allocation if drawn is None else drawn
    settled = layers.allocation(layers.canonical(_terms(model, served), solver).units)
    objective = worth(model, settled)
    if found.finished and objective != claimed:
        raise SolverFailed(f"HiGHS says that the fairest are {claimed}; its choice of needs makes them {objective}")
    return replace(
        freely,
        status="time_limit" if drawn is None else "optimal",
        allocation=settled,
        objective=objective,
        solver_bound=max(claimed, objective),
    )


_INFEASIBLE = Outcome("infeasible", Allocation.none(), (), ())


def _drawn(whole: Whole, model: Model, time_left: TimeLeft) -> Allocation | None:
    """An allocation as good as any whose choice of needs lots decide for, drawn until one is; None out of time."""
    for level in range(LEVELS):
        lots = (scattered(model.needs.lot, level) >> np.uint64(64 - LOT_BITS)).astype(np.int64) + 1
        found: Found = whole.drawn(lots, time_left)
        if found.allocation is not None or not found.finished:
            return found.allocation
    raise SolverFailed(f"lots drawn {LEVELS} times leave more than one choice of needs")


def _terms(model: Model, allocation: Allocation) -> Terms:
    """Needs that an allocation serves are so in full if in a bundle; the others of the conditions not at all."""
    served = frozenset(allocation.need.tolist())
    bundled = frozenset(need for bundle in model.conditions.bundles for need in bundle.needs)
    return Terms(full=served & bundled, out=model.conditions.needs - served)


def _bound(model: Model, stages: Sequence[int]) -> tuple[int, ...]:
    """What no shares and points exceed, from how many States have more than each share at most, and points at most."""
    *above, points = stages
    asked = model.asked[model.asked > 0].tolist()
    common = lcm(*asked)
    shares: list[int] = []
    for share, more in zip(shares_below_one(model), above, strict=True):
        shares += [int(share * common)] * (len(asked) - more - len(shares))
    return (*shares, *[common] * (len(asked) - len(shares)), points)
