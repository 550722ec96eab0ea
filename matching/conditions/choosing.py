"""Which needs of the conditions to serve: the best choice, and of several as good the one that lots decide for."""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from matching.arrays import Ints
from matching.conditions.branching import Incumbents, Search
from matching.conditions.conditioned import Conditioned, Priced
from matching.conditions.fractional import sharpened
from matching.conditions.leftover import Claim, by_program
from matching.conditions.parts import Choice, Cost
from matching.conditions.reduced import reduced, unreduced
from matching.conditions.scalar import joined
from matching.errors import SolverFailed, TooLarge
from matching.model import Needs
from matching.optimum.exact import product
from matching.optimum.network import FlowSolver, NoFlow
from matching.optimum.ties import LEVELS, scattered
from matching.time_limit import TimeLeft, is_over

LOT_BITS = 12
"""Small, so that cost and lots together stay exact in HiGHS's floats."""

MOST_ROUNDS = 2
"""So many choices are tried on the whole network before it is reduced."""

FEW_ARCS = 20_000
"""So many arcs may be left to search without better prices, which take long to find."""

MOST_NODES = 30
"""So many nodes are searched before HiGHS takes over."""


@dataclass(frozen=True)
class Found:
    """Whether each need of the conditions is served, None if no choice is known; and what any choice costs at least.

    Where the search has finished the choice is the canonical one, or there is none.
    """

    choice: Choice | None
    bound: Cost
    finished: bool


def chosen(relaxed: Priced, needs: Needs, solver: FlowSolver, time_left: TimeLeft) -> Found:
    """The canonical choice of least cost, from a flow with the conditions dropped."""
    if not relaxed.cheapest({}):
        return Found(None, inf, finished=True)
    known, proving = _rounds(relaxed, solver, time_left)
    left = unreduced(relaxed.of) if known is None else reduced(proving, known)
    if known is not None and sum(len(piece.arc) for piece in left.pieces) > FEW_ARCS and not is_over(time_left):
        known, proving = _at_best_prices(relaxed, known, proving, solver, time_left)
        left = reduced(proving, known)
    reference = relaxed if known is None else known
    costs = [product(piece.conditioned.network.cost, (reference.flow - left.least)[piece.arc]) for piece in left.pieces]
    elsewhere = reference.cost - sum(costs)
    best: list[Cost] = [inf if known is None else cost for cost in costs]
    for level in range(LEVELS):
        drawn = scattered(needs.lot, level) >> np.uint64(64 - LOT_BITS)
        found = [
            _of_piece(piece.conditioned, cost, drawn.astype(np.int64) + 1, solver, time_left)
            for piece, cost in zip(left.pieces, best, strict=True)
        ]
        finished = all(of_piece.finished for of_piece in found)
        if not finished or all(of_piece.only for of_piece in found):
            break
        best = [of_piece.bound for of_piece in found]
    else:
        raise SolverFailed(f"lots drawn {LEVELS} times leave more than one choice of needs")
    bound = max(proving.bound({}), elsewhere + sum(of_piece.bound for of_piece in found))
    choice = dict(left.settled if known is None else known.choice)
    if any(of_piece.choice is None and known is None for of_piece in found):
        return Found(None, inf if finished else bound, finished)
    for of_piece in found:
        choice.update(of_piece.choice or {})
    return Found({**choice, **left.settled}, bound, finished)


def _rounds(relaxed: Priced, solver: FlowSolver, time_left: TimeLeft) -> tuple[Priced | None, Priced]:
    """Try choices on the whole network, each the best at the prices of the flow before.

    Returns the flow of the best of them, None if none was possible, and the flow whose prices prove the greatest bound.
    One choice is tried even out of time.
    """
    known, current, proving = None, relaxed, relaxed
    tried: list[Choice] = []
    while len(tried) < MOST_ROUNDS and (known is None or proving.bound({}) < known.cost):
        choice = current.cheapest({})
        if choice in tried or (tried and is_over(time_left)):
            break
        tried.append(choice)
        try:
            current = relaxed.of.solved(choice, solver)
        except NoFlow:
            break
        known = current if known is None or current.cost < known.cost else known
        proving = current if current.bound({}) > proving.bound({}) else proving
    return known, proving


def _at_best_prices(
    relaxed: Priced, known: Priced, proving: Priced, solver: FlowSolver, time_left: TimeLeft
) -> tuple[Priced, Priced]:
    """The known flow, or one better; and one whose prices prove the greatest bound, if floats can tell them."""
    try:
        best = sharpened(relaxed, time_left)
    except (TooLarge, SolverFailed):
        return known, proving
    if best is None or best.bound({}) <= proving.bound({}):
        return known, proving
    try:
        rounded = relaxed.of.solved(best.cheapest({}), solver)
    except NoFlow:
        return known, best
    return rounded if rounded.cost < known.cost else known, best


@dataclass(frozen=True)
class _OfPiece:
    """The choice for the needs of a piece, if one is known; what any costs at least; whether no other is as good."""

    choice: Choice | None
    bound: Cost
    finished: bool
    only: bool


def _of_piece(piece: Conditioned, cost: Cost, lots: Ints, solver: FlowSolver, time_left: TimeLeft) -> _OfPiece:
    """The best choice of a piece, of which one of so much cost is known to exist, by costs, then lots of needs."""
    weighed, weight = _weighed(piece, lots)
    known = Incumbents((cost + 1) * weight)
    finished, bound = _search(weighed, known, solver, time_left)
    if finished and not known.choices and cost < inf:
        raise SolverFailed("a search has lost the choice that it began with")
    bound = bound if bound == inf else bound // weight
    only = len(known.choices) == 1
    served = next(iter(known.choices)) if known.choices else None
    choice = None if served is None else {need: need in served for need in piece.needs.need.tolist()}
    return _OfPiece(choice, bound, finished, only or (finished and not known.choices))


def _weighed(piece: Conditioned, lots: Ints) -> tuple[Conditioned, int]:
    """A piece with lots: each cost counts as often as is returned, and beside it the lots of units not served.

    Needs of bundles that are settled have the same units in all flows, and are not counted.
    """
    needs, network = piece.needs, piece.network
    single = {need for part in piece.parts for need in part.not_bundled}
    counted = np.array([need in single or need not in piece.fixed for need in needs.need.tolist()], dtype=bool)
    own = np.where(counted, lots[needs.need], 0)
    lot = np.zeros(len(network.tail), dtype=np.int64)
    lot[needs.unserved] = own
    weight = 1 + int((own * piece.units).sum())
    return replace(piece, network=replace(network, cost=joined(network.cost, lot, weight))), weight


def _search(problem: Conditioned, known: Incumbents, solver: FlowSolver, time_left: TimeLeft) -> tuple[bool, Cost]:
    """Whether the search for the best choices has finished, and what no choice costs less than."""
    search = Search(problem, known, solver)
    search.run(time_left, MOST_NODES)
    if not search.finished and not is_over(time_left):
        try:
            return _by_highs(problem, search, known, solver, time_left)
        except (TooLarge, SolverFailed):
            # Exact in integers of any size, if slower.
            search.run(time_left)
    return search.finished, search.bound


def _by_highs(
    problem: Conditioned, search: Search, known: Incumbents, solver: FlowSolver, time_left: TimeLeft
) -> tuple[bool, Cost]:
    """The same by HiGHS, each of whose choices is solved as a flow and must cost what HiGHS says."""
    claim = by_program(problem, search.potential, None, time_left())
    _take(claim, problem, known, solver)
    if not claim.finished:
        return False, max(search.bound, claim.bound)
    if claim.choice is None and not known.choices:
        return True, inf
    if known.cost != claim.bound:
        raise SolverFailed(f"HiGHS says that no choice costs less than {claim.bound}; one costs {known.cost}")
    if len(known.choices) == 1:
        (only,) = known.choices
        other = by_program(problem, search.potential, only, time_left())
        _take(other, problem, known, solver)
        if known.cost < claim.bound:
            raise SolverFailed(f"HiGHS says that no choice costs less than {claim.bound}; one costs {known.cost}")
        return other.finished, known.cost
    return True, known.cost


def _take(claim: Claim, problem: Conditioned, known: Incumbents, solver: FlowSolver) -> None:
    if claim.choice is None:
        return
    choice = {need: need in claim.choice for need in problem.needs.need.tolist()}
    try:
        known.add(problem.solved(choice, solver).cost, choice)
    except NoFlow as error:
        raise SolverFailed("HiGHS chooses needs that cannot be served together") from error
