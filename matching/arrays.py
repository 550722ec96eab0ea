"""Problems of given pairs as arrays, for whoever has no document and wants none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matching.documents import MOST_POINTS, MOST_UNITS
from matching.errors import Fault, InvalidProblem
from matching.flow import FlowSolver, minimum_cost_flow
from matching.model import (
    NOBODY,
    UNLIMITED,
    Fairness,
    Ints,
    Limits,
    Model,
    Needs,
    Objective,
    Offers,
    Prices,
    States,
    Status,
)
from matching.optimise import optimise
from matching.pairs import Rows, places, profiled
from matching.pairs_columns import rising
from matching.pairs_records import DEFAULT_GROUP_SLOPES, DEFAULT_STATE_SLOPES
from matching.ties import drawn


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
        Position of the State that asks, or -1 where units count for none, as they do if this is left out.
    state_received, state_group : integers, shape (n_states,), optional
        Units received before (default 0); position of the regional group, or -1 (the default).
    state_slopes, group_slopes : whole numbers that never rise
        What the n-th unit of a State, and of a regional group, earns under ``equal_treatment``.
    solver : FlowSolver
        Any of `matching.flow`; all give the same solution.

    Raises
    ------
    InvalidProblem
        A shape or a range above does not hold; the pointer names the argument and the position.
    SolverFailed
        A solver's answer proved wrong.
    """
    given = _Given()
    asked = given.whole("need_units", need_units, 1, MOST_UNITS)
    offered = given.whole("offer_units", offer_units, 0, MOST_UNITS)
    n_needs, n_offers = len(asked), len(offered)
    pair_need = given.whole("need", need, 0, n_needs - 1)
    n_pairs = len(pair_need)
    pair_offer = given.whole("offer", offer, 0, n_offers - 1, n_pairs)
    value = given.whole("points", points, -MOST_POINTS, MOST_POINTS, n_pairs)
    most = given.whole("pair_units", pair_units, 0, MOST_UNITS, n_pairs, missing=UNLIMITED)
    least = given.whole("need_least", need_least, 0, MOST_UNITS, n_needs, missing=0)
    used = given.whole("offer_least", offer_least, 0, MOST_UNITS, n_offers, missing=0)
    group = given.whole("state_group", state_group, NOBODY, 2**31, missing=NOBODY)
    received = given.whole("state_received", state_received, 0, MOST_UNITS, len(group) or None, missing=0)
    state = given.whole("need_state", need_state, NOBODY, 2**31, n_needs, missing=NOBODY)
    given.least_within("need_least", least, asked)
    given.least_within("offer_least", used, offered)
    given.refuse()
    n_states = max(len(group), len(received), int(state.max(initial=NOBODY)) + 1)
    order = np.argsort(pair_need * n_offers + pair_offer)
    keys = (pair_need * n_offers + pair_offer)[order]
    if not rising(keys):
        again = int(order[1:][keys[1:] == keys[:-1]].max())
        raise InvalidProblem([Fault(f"/need/{again}", "duplicate", "the pair is there twice; give each pair once")])
    kept = order[most[order] > 0]
    rows = Rows(pair_need[kept], pair_offer[kept], value[kept], np.zeros(len(kept), dtype=np.int64), most[kept])
    profile, urgency, profiles = profiled(rows, asked, offered, least > 0)
    lot = drawn("", map(str, range(n_needs)))
    model = Model(
        objective=objective,
        needs=Needs(asked, least, state, profile, urgency, places([None] * n_needs, lot), lot),
        profiles=profiles,
        offers=Offers(offered, used, np.full(n_offers, NOBODY), drawn("", map(str, range(n_offers)))),
        states=States(_padded(group, n_states, NOBODY), _padded(received, n_states, 0), Limits.none(n_states)),
        groups=Limits.none(int(group.max(initial=NOBODY)) + 1),
        providers=Limits.none(0),
        fairness=Fairness(tuple(state_slopes), tuple(group_slopes)) if objective == "equal_treatment" else Fairness(),
    )
    outcome = optimise(model, solver=solver)
    found = outcome.allocation
    units = np.zeros(n_pairs, dtype=np.int64)
    units[order[np.searchsorted(keys, found.need * n_offers + found.offer)]] = found.units
    total = sum(points * units for points, units in zip(found.points.tolist(), found.units.tolist(), strict=True))
    return PairsSolution(outcome.status, units, total, outcome.objective, outcome.bound, outcome.proof)


class _Given:
    """Arguments taken as arrays of whole numbers, with the fault of each that is none."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def whole(
        self,
        name: str,
        values: ArrayLike | None,
        least: int,
        most: int,
        length: int | None = None,
        *,
        missing: int | None = None,
    ) -> Ints:
        """The argument; where it is left out, ``missing`` as often as ``length`` says, or no values at all."""
        if values is None and missing is not None:
            return np.full(length or 0, missing, dtype=np.int64)
        array: np.ndarray[Any, Any] = np.asarray(values)
        if array.size == 0:
            array = array.astype(np.int64)
        if array.ndim != 1 or (length is not None and len(array) != length):
            expected = "one dimension" if length is None else f"{length} values in one dimension"
            return self._fault(name, "shape", f"has the shape {array.shape}; give {expected}")
        if not np.issubdtype(array.dtype, np.integer):
            return self._fault(name, "int_type", f"holds {array.dtype}; give whole numbers")
        wrong = np.flatnonzero((array < least) | (array > most))
        if len(wrong):
            detail = f"is {array[wrong[0]]}, outside {least} to {most}"
            return self._fault(f"{name}/{wrong[0]}", "range", detail)
        return array.astype(np.int64)

    def least_within(self, name: str, least: Ints, units: Ints) -> None:
        """No least above the units beside it."""
        if len(least) == len(units) and (above := np.flatnonzero(least > units)).size:
            detail = f"is {least[above[0]]}, more than the {units[above[0]]} units"
            self._fault(f"{name}/{above[0]}", "least_over_units", detail)

    def refuse(self) -> None:
        """Raise InvalidProblem if anything was wrong."""
        if self._faults:
            raise InvalidProblem(self._faults)

    def _fault(self, name: str, code: str, detail: str) -> Ints:
        self._faults.append(Fault(f"/{name}", code, detail))
        return np.zeros(0, dtype=np.int64)


def _padded(values: Ints, number: int, missing: int) -> Ints:
    return np.concatenate([values, np.full(number - len(values), missing, dtype=np.int64)])
