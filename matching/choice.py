"""Which members of per-member needs to serve: the yes/no part of a problem, by HiGHS on the flow network.

Given the members, the rest is a flow and whole by itself, so only members and groups are integer variables. Several
choices may be worth the same: of these, the one is taken whose members have the greatest sum of drawn lots, and lots
are drawn again until there is only one such choice. So every version of HiGHS arrives at the same one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from matching.errors import SolverFailed
from matching.facts import Ints
from matching.flow import Network
from matching.network import Layout, Model
from matching.ties import scattered

TimeLeft = Callable[[], float | None]
"""Seconds left to solve in, None if there is no limit."""

OPTIMAL, OUT_OF_TIME, INFEASIBLE = 0, 1, 2
"""Statuses of scipy's milp."""

LOT_BITS = 8
"""Small, so that cost and lots together stay exact in HiGHS's floats."""

LARGEST_EXACT = 2**50
"""Beyond this HiGHS's floats no longer tell whole numbers apart with room to spare."""


@dataclass(frozen=True)
class Members:
    """The members of per-member needs: rows of each need, what each member asks, how many members are the least."""

    of_need: dict[int, list[int]]
    unit: dict[int, int]
    least: dict[int, int]
    kept: frozenset[int]
    unreachable: frozenset[int]

    @classmethod
    def of(cls, model: Model) -> "Members":
        """Members of a model. ``kept`` have pinned units; ``unreachable`` ones can never be served in full."""
        problem = model.facts.problem
        of_need = problem.members_of
        least = {need: problem.least_members(need) for need in of_need}
        within = np.zeros(model.facts.n_rows, dtype=np.int64)
        np.add.at(within, model.row, np.minimum(model.capacity[model.offer], model.asked[model.row]))
        unreachable: set[int] = set()
        for need, rows in of_need.items():
            short = {row for row in rows if within[row] < model.asked[row]}
            unreachable |= short if len(rows) - len(short) >= least[need] else set(rows)
        return cls(
            of_need=of_need,
            unit={need: problem.needs[need].units for need in of_need},
            least=least,
            kept=frozenset(row for rows in of_need.values() for row in rows if model.kept[row] > 0),
            unreachable=frozenset(unreachable),
        )

    @property
    def rows(self) -> frozenset[int]:
        """All members."""
        return frozenset(row for rows in self.of_need.values() for row in rows)

    def whole(self, served: Ints, need: int) -> list[int]:
        """Members of a need that are served in full."""
        return [row for row in self.of_need[need] if served[row] == self.unit[need]]

    def keep_conditions(self, served: Ints) -> bool:
        """Whether units served of rows keep each member whole and each group at its least number, or at none."""
        for need, rows in self.of_need.items():
            n_whole = len(self.whole(served, need))
            if n_whole != np.count_nonzero(served[rows]) or 0 < n_whole < self.least[need]:
                return False
        return True

    def kept_by(self, served: Ints) -> frozenset[int] | None:
        """Members served in full in groups at their least number; None if that leaves a pinned one out."""
        whole = {need: self.whole(served, need) for need in self.of_need}
        rows = frozenset(row for need, rows in whole.items() if len(rows) >= self.least[need] for row in rows)
        return rows if self.kept <= rows else None


@dataclass(frozen=True)
class Choice:
    """Members to serve, None if none were found; whether the search ended; and a cost that no choice goes below."""

    chosen: frozenset[int] | None
    finished: bool
    least_cost: float


def best_choice(
    layout: Layout, members: Members, exact_cost: Callable[[frozenset[int]], int], left: TimeLeft
) -> Choice:
    """The canonical one of the choices of least cost. ``exact_cost`` is the cost of the flow for chosen members.

    Raises SolverFailed where what HiGHS says of a choice is not what the choice is worth in whole numbers.
    """
    program = _Program(layout, members)
    if program.greatest_worth() > LARGEST_EXACT:
        raise SolverFailed("points and units are too large to choose members of groups exactly")
    best = Choice(None, False, -np.inf)
    for level in count():
        lots = (scattered(layout.model.row_lot, level) >> np.uint64(64 - LOT_BITS)).astype(np.int64) + 1
        found = program.solve(lots, None, left())
        chosen = best.chosen if found.rows is None else found.rows
        best = Choice(chosen, found.finished, max(best.least_cost, found.least_cost))
        if found.rows is None or not found.finished:
            return best
        worth = program.worth(exact_cost(found.rows), lots, found.rows)
        if abs(worth - found.worth) >= 0.5:
            raise SolverFailed(f"HiGHS gives a choice of members the worth {found.worth}, which is {worth}")
        other = program.solve(lots, found.rows, left())
        if other.finished and (other.rows is None or other.worth >= worth + 0.5):
            return best
        if not other.finished:
            return Choice(best.chosen, False, best.least_cost)
    raise AssertionError("unreachable: the levels do not end")


class _Found(NamedTuple):
    """Members that HiGHS chose, pinned ones included, what they are worth to it, and a bound on the cost of any."""

    rows: frozenset[int] | None
    worth: float
    finished: bool
    least_cost: float


class _Limits(NamedTuple):
    """Linear constraints: a line of the matrix for each, at least and at most what its product may be."""

    matrix: csr_array[np.float64]
    least: Ints | float
    most: Ints | float


class _Program:
    """The mixed-integer program: a flow for each arc, a yes/no for each open member, a yes/no for each group."""

    def __init__(self, layout: Layout, members: Members) -> None:
        network = layout.network
        self._open = [row for row in layout.rows.tolist() if row in members.rows - members.unreachable]
        self._done = frozenset(row for row in members.kept if layout.model.asked[row] == 0)
        reached = {*self._open, *self._done}
        self._needs = sorted(need for need, rows in members.of_need.items() if not reached.isdisjoint(rows))
        self._n_arcs, self._n_yes_no = len(network.tail), len(self._open) + len(self._needs)
        self._arc_cost, self._supply = network.cost, network.supply
        self._constraints = [self._balance(network), self._in_full(layout), *self._groups(members)]
        closed = np.isin(layout.arc_row, sorted(members.unreachable)) & layout.is_pair
        started = [not members.kept.isdisjoint(members.of_need[need]) for need in self._needs]
        lower = [*([False] * self._n_arcs), *(row in members.kept for row in self._open), *started]
        upper = np.concatenate([np.where(closed, 0, network.capacity), np.ones(self._n_yes_no)])
        self._bounds = np.array(lower, dtype=float), upper

    def greatest_worth(self) -> int:
        """A bound on what any choice is worth."""
        units = int(np.maximum(self._supply, 0).sum())
        dearest = int(self._arc_cost.max(initial=0))
        return dearest * units * (1 + len(self._open) * (1 << LOT_BITS))

    def worth(self, cost: int, lots: Ints, rows: frozenset[int]) -> int:
        """What the program minimises: cost first, then, the other way, the lots of the open members chosen."""
        chosen = sum(lots[row] for row in self._open if row in rows)
        return cost * self._weight(lots) - int(chosen)

    def solve(self, lots: Ints, other_than: frozenset[int] | None, time_left_s: float | None) -> _Found:
        """Choose members, of all choices or of all but one."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # here, because few problems need it and it is slow

        chosen_so = slice(self._n_arcs, self._n_arcs + len(self._open))
        objective = np.concatenate([self._arc_cost * float(self._weight(lots)), np.zeros(self._n_yes_no)])
        objective[chosen_so] = -lots[self._open]
        limits = list(self._constraints)
        if other_than is not None:
            line = np.zeros(len(objective))
            line[chosen_so] = [-1 if row in other_than else 1 for row in self._open]
            limits.append(_Limits(csr_array(line[np.newaxis]), 1 - int(np.count_nonzero(line == -1)), np.inf))
        found = milp(
            objective,
            integrality=np.concatenate([np.zeros(self._n_arcs), np.ones(self._n_yes_no)]),
            bounds=Bounds(*self._bounds),
            constraints=[LinearConstraint(*limit) for limit in limits],
            # Presolve costs more than it saves on a flow network, and on a large one it overruns the time limit.
            options={
                "mip_rel_gap": 0.0,
                "presolve": False,
                "time_limit": np.inf if time_left_s is None else max(0.0, time_left_s),
            },
        )
        if found.status not in (OPTIMAL, OUT_OF_TIME, INFEASIBLE):
            raise SolverFailed(found.message)
        bound = -np.inf if found.mip_dual_bound is None else found.mip_dual_bound / self._weight(lots)
        if found.x is None:
            return _Found(None, np.inf, found.status == INFEASIBLE, bound)
        yes = found.x[chosen_so] > 0.5
        rows = self._done.union(row for row, chosen in zip(self._open, yes.tolist(), strict=True) if chosen)
        return _Found(rows, float(found.fun), found.status == OPTIMAL, bound)

    def _weight(self, lots: Ints) -> int:
        """So much that one point outweighs all lots."""
        return 1 + int(lots[self._open].sum())

    def _lines(self, entries: Sequence[tuple[int, int, float]], n_lines: int) -> csr_array[np.float64]:
        """A sparse matrix of the program's width from (line, variable, coefficient)."""
        line, variable, coefficient = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array(
            (np.array(coefficient, float), (line, variable)), shape=(n_lines, self._n_arcs + self._n_yes_no)
        )

    def _balance(self, network: Network) -> _Limits:
        """What leaves a node is what enters it and what it supplies."""
        arcs, ones = np.arange(self._n_arcs), np.ones(self._n_arcs)
        shape = (len(network.supply), self._n_arcs + self._n_yes_no)
        ends = np.concatenate([network.tail, network.head]), np.concatenate([arcs, arcs])
        return _Limits(csr_array((np.concatenate([ones, -ones]), ends), shape=shape), network.supply, network.supply)

    def _in_full(self, layout: Layout) -> _Limits:
        """A chosen member leaves nothing unserved, another one everything."""
        asked = layout.model.asked[self._open]
        unserved = {
            int(layout.arc_row[arc]): arc for arc in np.flatnonzero((layout.arc_row >= 0) & ~layout.is_pair).tolist()
        }
        entries = [(line, unserved[row], 1.0) for line, row in enumerate(self._open)]
        entries += [(line, self._n_arcs + line, float(units)) for line, units in enumerate(asked.tolist())]
        return _Limits(self._lines(entries, len(self._open)), asked, asked)

    def _groups(self, members: Members) -> list[_Limits]:
        """A member is chosen only with its group, a group only with its least number of members."""
        need_of = {row: need for need, rows in members.of_need.items() for row in rows}
        group = {need: self._n_arcs + len(self._open) + place for place, need in enumerate(self._needs)}
        with_group = [(line, self._n_arcs + line, -1.0) for line in range(len(self._open))]
        with_group += [(line, group[need_of[row]], 1.0) for line, row in enumerate(self._open)]
        line_of = {need: line for line, need in enumerate(self._needs)}
        enough = [(line_of[need_of[row]], self._n_arcs + place, 1.0) for place, row in enumerate(self._open)]
        for need, line in line_of.items():
            still = members.least[need] - len(self._done.intersection(members.of_need[need]))
            enough.append((line, group[need], -float(max(still, 0))))
        return [
            _Limits(self._lines(with_group, len(self._open)), 0, np.inf),
            _Limits(self._lines(enough, len(self._needs)), 0, np.inf),
        ]
