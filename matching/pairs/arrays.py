"""Problems of given pairs as arrays, for whoever has no document and wants none."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from matching.arrays import Ints
from matching.documents import MOST_POINTS, MOST_UNITS, nearest
from matching.errors import Fault, InvalidProblem
from matching.model import NOBODY, UNLIMITED, Fairness, Limits, Model, Needs, Objective, Offers, Prices, States, Status
from matching.optimise import optimise
from matching.optimum.exact import product
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.network import FlowSolver
from matching.optimum.ties import drawn
from matching.pairs.columns import rising
from matching.pairs.modelling import Rows, places, profiled
from matching.pairs.records import DEFAULT_GROUP_SLOPES, DEFAULT_STATE_SLOPES

MOST_POSITION = 10**6
"""The last position of a State or regional group: there are as many of them as the greatest position says."""


@dataclass(frozen=True)
class PairsSolution:
    """How a solve of arrays ended.

    ``units`` has the units chosen of each pair, in the order in which the pairs were given. ``objective`` and
    ``bound`` are in lexicographic order, ``total`` is the sum of points times units; all exact, of any size.
    ``proof`` holds the prices that prove the bound.
    """

    status: Status
    units: Ints
    total: int
    objective: tuple[int, ...]
    bound: tuple[int, ...]
    proof: tuple[Prices, ...]


def solve_pairs(
    need_units: ArrayLike,
    offer_units: ArrayLike,
    need: ArrayLike,
    offer: ArrayLike,
    points: ArrayLike,
    *,
    pair_units: ArrayLike | None = None,
    objective: Objective = "points",
    need_least: ArrayLike | None = None,
    offer_least: ArrayLike | None = None,
    need_state: ArrayLike | None = None,
    state_received: ArrayLike | None = None,
    state_group: ArrayLike | None = None,
    state_slopes: Sequence[int] = DEFAULT_STATE_SLOPES,
    group_slopes: Sequence[int] = DEFAULT_GROUP_SLOPES,
    solver: FlowSolver = minimum_cost_flow,
) -> PairsSolution:
    """Choose whole units of pairs that make an objective greatest.

    Parameters
    ----------
    need_units, offer_units : integers, shapes (n_needs,) and (n_offers,)
        Units asked for, at least 1, and offered, at least 0; at most 10^9.
    need, offer, points : integers, shape (n_pairs,)
        Position of the need and of the offer of each pair that may be, each pair once, and what a unit of it is
        worth, of either sign, at most 2^53.
    pair_units : integers, shape (n_pairs,), optional
        Most units of each pair.
    objective : "points", "most_needs_served", "equal_treatment" or "leximin"
        What to make greatest (`matching.model.Model`).
    need_least, offer_least : integers, shapes (n_needs,) and (n_offers,), optional
        Units that must be served, and must be used.
    need_state : integers, shape (n_needs,), optional
        Position of the State that asks, at most 10^6, or -1 where units count for none, as they do if this is left out.
    state_received, state_group : integers, shape (n_states,), optional
        Units received before (default 0); position of the regional group, at most 10^6, or -1 (the
        default).
    state_slopes, group_slopes : integers that never rise
        What the n-th unit of a State, and of a regional group, earns under ``equal_treatment``, of either sign, at most
        2^53; the last one repeats.
    solver : FlowSolver
        Any of `matching.optimum.flow`; all give the same solution.

    Returns
    -------
    PairsSolution
        Units of each pair, in the order given; ``objective == bound`` proves them optimal.

    Raises
    ------
    InvalidProblem
        A shape or a range above does not hold; the pointer names the argument and the position.
    SolverFailed
        A solver's answer proved wrong.
    """
    asked = _whole("need_units", need_units, 1, MOST_UNITS)
    offered = _whole("offer_units", offer_units, 0, MOST_UNITS)
    rows, order = _rows(len(asked), len(offered), need, offer, points, pair_units)
    least = _whole("need_least", need_least, 0, MOST_UNITS, len(asked), missing=0)
    used = _whole("offer_least", offer_least, 0, MOST_UNITS, len(offered), missing=0)
    _least_within("need_least", least, asked)
    _least_within("offer_least", used, offered)
    slopes = Fairness(_slopes("state_slopes", state_slopes), _slopes("group_slopes", group_slopes))
    if objective not in get_args(Objective):
        raise _refused("objective", "literal_error", f"is unknown; {nearest(objective, get_args(Objective))}")
    group = _whole("state_group", state_group, NOBODY, MOST_POSITION, missing=NOBODY)
    received = _whole("state_received", state_received, 0, MOST_UNITS, len(group) or None, missing=0)
    listed = max(len(group), len(received))
    state = _whole(
        "need_state", need_state, NOBODY, listed - 1 if listed else MOST_POSITION, len(asked), missing=NOBODY
    )
    n_states = max(listed, int(state.max(initial=NOBODY)) + 1)
    profile, urgency, profiles = profiled(rows, asked, offered, least > 0)
    lot = drawn("", map(str, range(len(asked))))
    model = Model(
        objective=objective,
        needs=Needs(asked, least, state, profile, urgency, places([None] * len(asked), lot), lot),
        profiles=profiles,
        offers=Offers(offered, used, np.full(len(offered), NOBODY), drawn("", map(str, range(len(offered))))),
        states=States(_padded(group, n_states, NOBODY), _padded(received, n_states, 0), Limits.none(n_states)),
        groups=Limits.none(int(group.max(initial=NOBODY)) + 1),
        providers=Limits.none(0),
        fairness=slopes if objective == "equal_treatment" else Fairness(),
    )
    outcome = optimise(model, solver=solver)
    found = outcome.allocation
    units = np.zeros(len(order), dtype=np.int64)
    keys = rows.need * len(offered) + rows.offer
    units[order[np.searchsorted(keys, found.need * len(offered) + found.offer)]] = found.units
    total = product(found.points, found.units)
    return PairsSolution(outcome.status, units, total, outcome.objective, outcome.bound, outcome.proof)


def _rows(
    n_needs: int, n_offers: int, need: ArrayLike, offer: ArrayLike, points: ArrayLike, units: ArrayLike | None
) -> tuple[Rows, Ints]:
    """The pairs sorted by need, then offer, and the order that sorts them."""
    of = _whole("need", need, 0, n_needs - 1)
    by = _whole("offer", offer, 0, n_offers - 1, len(of))
    value = _whole("points", points, -MOST_POINTS, MOST_POINTS, len(of))
    most = _whole("pair_units", units, 0, MOST_UNITS, len(of), missing=UNLIMITED)
    order = np.argsort(of * n_offers + by, kind="stable")
    keys = (of * n_offers + by)[order]
    if not rising(keys):
        again = int(order[1:][keys[1:] == keys[:-1]].min())
        raise _refused(f"need/{again}", "duplicate", "the pair is there twice; give each pair once")
    return Rows(of[order], by[order], value[order], np.zeros_like(order), most[order]), order


def _whole(
    name: str,
    values: ArrayLike | None,
    least: int,
    most: int,
    length: int | None = None,
    *,
    missing: int | None = None,
) -> Ints:
    """An argument; where it is left out, ``missing`` as often as ``length`` says, or no values at all."""
    if values is None and missing is not None:
        return np.full(length or 0, missing, dtype=np.int64)
    array: np.ndarray[Any, Any] = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1 or (length is not None and len(array) != length):
        expected = "one dimension" if length is None else f"{length} values in one dimension"
        raise _refused(name, "shape", f"has the shape {array.shape}; give {expected}")
    if not np.issubdtype(array.dtype, np.integer):
        raise _refused(name, "int_type", f"holds {array.dtype}; give whole numbers")
    wrong = np.flatnonzero((array < least) | (array > most))
    if len(wrong):
        raise _refused(f"{name}/{wrong[0]}", "range", f"is {array[wrong[0]]}, outside {least} to {most}")
    return array.astype(np.int64)


def _least_within(name: str, least: Ints, units: Ints) -> None:
    above = np.flatnonzero(least > units)
    if len(above):
        detail = f"is {least[above[0]]}, more than the {units[above[0]]} units"
        raise _refused(f"{name}/{above[0]}", "least_over_units", detail)


def _slopes(name: str, slopes: Sequence[int]) -> tuple[int, ...]:
    """An argument of whole numbers that never rise."""
    values: list[int] = _whole(name, slopes, -MOST_POINTS, MOST_POINTS).tolist()
    for position, (before, after) in enumerate(pairwise(values), 1):
        if after > before:
            raise _refused(f"{name}/{position}", "rising", f"rises from {before} to {after}")
    return tuple(values)


def _refused(name: str, code: str, detail: str) -> InvalidProblem:
    return InvalidProblem([Fault(f"/{name}", code, detail)])


def _padded(values: Ints, number: int, missing: int) -> Ints:
    return np.concatenate([values, np.full(number - len(values), missing, dtype=np.int64)])
