"""Which needs of the conditions to serve: the best choice, and of several as good the one that lots decide for."""

from dataclasses import dataclass, replace
from itertools import count
from math import inf

import numpy as np

from matching.branching import Incumbents, Search, TimeLeft
from matching.conditioned import Conditioned, Priced
from matching.errors import SolverFailed, TooLarge
from matching.flow import FlowSolver, NoFlow
from matching.leftover import Claim, by_program
from matching.model import Ints, Needs
from matching.parts import Choice, Cost
from matching.reduced import Reduced, reduced
from matching.scalar import joined
from matching.ties import scattered

LOT_BITS = 12
"""Small, so that cost and lots together stay exact in HiGHS's floats."""

MOST_ROUNDS = 4
"""So many choices are tried on the whole network before it is reduced."""

MOST_NODES = 200
"""So many nodes are searched before HiGHS takes over."""


@dataclass(frozen=True)
class Found:
    """Whether each need of the conditions is served, None if no choice is known; its cost, and what any costs at least.

    Where the search has finished the choice is the canonical one, or there is none.
    """

    choice: Choice | None
    cost: Cost
    bound: Cost
    finished: bool


def chosen(relaxed: Priced, needs: Needs, solver: FlowSolver, time_left: TimeLeft) -> Found:
    """The canonical choice of least cost, from a flow with the conditions dropped."""
    if not relaxed.cheapest({}):
        return Found(None, inf, inf, finished=True)
    found, priced = _rounds(relaxed, solver, time_left)
    if found.choice is None:
        network = relaxed.of.network
        left = Reduced(relaxed.of, 0, np.arange(len(network.tail)), {})
    else:
        left = reduced(priced, int(found.cost - found.bound))
    for level in count():
        lots = (scattered(needs.lot[relaxed.of.needs.need], level) >> np.uint64(64 - LOT_BITS)).astype(np.int64) + 1
        weighed = _Weighed.of(left, relaxed.of, lots)
        known = Incumbents((found.cost - left.cost + 1) * weighed.weight)
        finished, bound = _search(weighed.conditioned, known, solver, time_left)
        found = weighed.read(known, found, bound, finished)
        if not finished or len(known.choices) <= 1:
            return found
    raise AssertionError("unreachable: the levels do not end")


def _rounds(relaxed: Priced, solver: FlowSolver, time_left: TimeLeft) -> tuple[Found, Priced]:
    """Try choices on the whole network, each the best at the prices of the flow before.

    Returns the best of them, and the flow whose prices prove the greatest bound. One is tried even out of time.
    """
    current = proving = relaxed
    found = Found(None, inf, relaxed.bound({}), finished=False)
    tried: list[Choice] = []
    while len(tried) < MOST_ROUNDS and found.bound < found.cost:
        choice = current.cheapest({})
        if choice in tried or (tried and _is_out(time_left)):
            break
        tried.append(choice)
        try:
            current = relaxed.of.solved(choice, solver)
        except NoFlow:
            break
        if current.cost < found.cost:
            found = replace(found, choice=choice, cost=current.cost)
        if (bound := current.bound({})) > found.bound:
            found, proving = replace(found, bound=bound), current
    return found, proving


def _is_out(time_left: TimeLeft) -> bool:
    left = time_left()
    return left is not None and left <= 0


@dataclass(frozen=True)
class _Weighed:
    """What is left to decide, with lots: each cost counts ``weight`` times, and beside it what lots the needs lose."""

    left: Reduced
    conditioned: Conditioned
    weight: int

    @classmethod
    def of(cls, left: Reduced, whole: Conditioned, lots: Ints) -> "_Weighed":
        """Weigh what is left of a whole by the lots of its needs.

        Needs of bundles that are settled have the same units in all flows left, and are not counted.
        """
        needs = whole.needs
        single = {need for part in whole.parts for need in part.not_bundled}
        counted = np.array([need in single or need not in left.settled for need in needs.need.tolist()], dtype=bool)
        lot = np.zeros(len(whole.network.tail), dtype=np.int64)
        lot[needs.unserved[counted]] = lots[counted]
        weight = 1 + int((lots * whole.units)[counted].sum())
        network = left.conditioned.network
        cost = joined(network.cost, lot[left.arc], weight)
        return cls(left, replace(left.conditioned, network=replace(network, cost=cost)), weight)

    def read(self, known: Incumbents, before: Found, bound: Cost, finished: bool) -> Found:
        """What a search has found, as costs of the whole; where it found nothing, what was known before."""
        if bound < inf:
            bound = max(before.bound, bound // self.weight + self.left.cost)
        if not known.choices:
            if finished and before.choice is not None:
                raise SolverFailed("a search has lost the choice that it began with")
            return replace(before, bound=bound, finished=finished)
        served = next(iter(known.choices))
        here = {need: need in served for need in self.conditioned.needs.need.tolist()}
        return Found({**self.left.settled, **here}, known.cost // self.weight + self.left.cost, bound, finished)


def _search(problem: Conditioned, known: Incumbents, solver: FlowSolver, time_left: TimeLeft) -> tuple[bool, Cost]:
    """Whether the search for the best choices has finished, and what no choice costs less than."""
    search = Search(problem, known, solver)
    search.run(time_left, MOST_NODES)
    if not search.finished and not _is_out(time_left):
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
