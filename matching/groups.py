"""Needs delivered per member: each member in full or not at all, and at least so many of them or none.

Best-first branch and bound over the flow. At each node the conditions not yet decided are dropped, so the flow's value
bounds every solution below the node; only groups that the flow leaves in breach are branched on. A group that must
reach its least number is helped towards it by a reward on each of its units, taken back in the bound: for any reward
that bound is valid, and the smallest reward that brings the number makes it sharpest.

Of solutions of equal value the first one found is kept. The order of the search depends on canonical flows alone, so
every machine and every solver finds the same one.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from matching.facts import Ints
from matching.flow import FlowSolver, NoFlow
from matching.network import Model, Terms, best_units

Value = Callable[[Ints], int]
"""What the objective makes of the units of the model's pairs, pins included."""


@dataclass(frozen=True)
class Outcome:
    """``units`` of each pair of the model, pins aside, or None where nothing feasible was found.

    No solution exceeds ``bound``, which is the value of the units where the search was finished.
    """

    units: Ints | None
    bound: int
    finished: bool


@dataclass(frozen=True)
class _Node:
    """Decisions so far: rows in full, rows out, needs held to their least number; and rewards by need."""

    full: frozenset[int] = frozenset()
    out: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()
    reward: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Solved:
    """A node with its flow: units served of each row, pins included, and what that is worth and bounds."""

    node: _Node
    served: Ints
    value: int
    bound: int


class _OutOfTime(Exception):
    pass


def best_outcome(model: Model, value: Value, solver: FlowSolver, out_of_time: Callable[[], bool]) -> Outcome:
    """The best units of a model's pairs; exact unless time runs out, which is asked between flows."""
    return _Search(model, value, solver, out_of_time).run()


class _Search:
    def __init__(self, model: Model, value: Value, solver: FlowSolver, out_of_time: Callable[[], bool]) -> None:
        problem = model.facts.problem
        self._model, self._value, self._solver, self._out_of_time = model, value, solver, out_of_time
        self._members = problem.members_of
        self._least = {need: problem.least_members(need) for need in self._members}
        self._unit = {need: problem.needs[need].units for need in self._members}
        self._need_of = {row: need for need, rows in self._members.items() for row in rows}
        self._best: _Solved | None = None

    def run(self) -> Outcome:
        """Search to the end or out of time."""
        root, number = self._root(), count()
        if root is None:
            return Outcome(None, 0, finished=True)
        self._consider(root)
        self._consider(self._rounded(root))
        heap: list[tuple[int, int, _Solved]] = [(-root.bound, next(number), root)]
        while heap and not self._is_beaten(-heap[0][0]):
            try:
                children = list(filter(None, map(self._settle, self._children(heap[0][2]))))
            except _OutOfTime:
                return self._outcome(-heap[0][0], finished=False)
            bound, _, _ = heapq.heappop(heap)
            for child in children:
                self._consider(child)
                # A node's bound holds for its children too, and may be the sharper one.
                heapq.heappush(heap, (max(-child.bound, bound), next(number), child))
        return self._outcome(None, finished=True)

    def _outcome(self, bound: int | None, finished: bool) -> Outcome:
        if self._best is None:
            return Outcome(None, 0 if bound is None else bound, finished)
        rows = self._need_of.keys()
        full = frozenset(row for row in rows if self._best.served[row] > 0)
        units = best_units(self._model, Terms(full, frozenset(rows - full)), self._solver)
        return Outcome(units, self._best.value if bound is None else max(self._best.value, bound), finished)

    # The first nodes

    def _root(self) -> _Solved | None:
        """Pinned members in full with their groups held; groups that can never reach their least number out."""
        pinned = frozenset(row for row in self._need_of if self._model.kept[row] > 0)
        held = frozenset(self._need_of[row] for row in pinned)
        reachable = self._reachable()
        out = {row for row in self._need_of if row not in reachable}
        for need, rows in self._members.items():
            if sum(row in reachable for row in rows) < self._least[need]:
                out |= set(rows)
        return None if pinned & out else self._evaluate(_Node(pinned, frozenset(out), held))

    def _reachable(self) -> set[int]:
        """Members whose eligible offers have units enough for them alone."""
        model = self._model
        within = np.zeros(model.facts.n_rows, dtype=np.int64)
        np.add.at(within, model.row, np.minimum(model.capacity[model.offer], model.asked[model.row]))
        return {row for row in self._need_of if within[row] >= model.asked[row]}

    def _rounded(self, root: _Solved) -> _Solved | None:
        """A feasible solution near the root: members it serves in full where they are enough, no others."""
        full: set[int] = set()
        for need, rows in self._members.items():
            whole = [row for row in rows if root.served[row] == self._unit[need]]
            if len(whole) >= self._least[need]:
                full |= set(whole)
        if not root.node.full <= full:
            return None
        return self._evaluate(_Node(frozenset(full), frozenset(self._need_of.keys() - full), root.node.held))

    # Bounding

    def _evaluate(self, node: _Node) -> _Solved | None:
        """The canonical flow under a node's decisions; None where they cannot be met."""
        rewards = {row: reward for need, reward in node.reward.items() for row in self._members[need]}
        try:
            units = best_units(self._model, Terms(node.full, node.out, rewards), self._solver)
        except NoFlow:
            return None
        served = self._model.kept.copy()
        np.add.at(served, self._model.row, units)
        value = self._value(units)
        taken_back = sum(reward * self._beyond_least(served, need) for need, reward in node.reward.items())
        return _Solved(node, served, value, value + taken_back)

    def _beyond_least(self, served: Ints, need: int) -> int:
        """Units of a group served beyond its least number of members; negative where they fall short."""
        return int(served[self._members[need]].sum()) - self._least[need] * self._unit[need]

    def _settle(self, node: _Node) -> _Solved | None:
        """Evaluate a node with the rewards that its held groups need; None where nothing better can be below it."""
        solved = self._timed(node)
        for need in sorted(node.held):
            if solved is None or self._is_beaten(solved.bound):
                return None
            undecided = [row for row in self._members[need] if row not in node.full | node.out]
            beyond = self._beyond_least(solved.served, need)
            if not undecided:
                if beyond < 0:
                    return None
                solved = self._timed(self._rewarded(solved.node, need, 0))
            elif beyond < 0 or (beyond > 0 and solved.node.reward.get(need, 0) > 0):
                solved = self._tuned(solved, need)
        return solved

    def _tuned(self, solved: _Solved, need: int) -> _Solved | None:
        """The node with the smallest reward that brings a group to its least number; None where none can."""
        low, high, enough = -1, solved.node.reward.get(need, 0), solved
        while self._beyond_least(enough.served, need) < 0:
            low, high = high, max(16, 2 * high)
            trial = self._timed(self._rewarded(solved.node, need, high))
            if trial is None or self._is_beaten(trial.bound) or low > self._greatest_reward(solved.node):
                return None
            enough = trial
        while high - low > 1:
            middle = (low + high) // 2
            trial = self._timed(self._rewarded(solved.node, need, middle))
            if trial is None:
                return None
            if self._beyond_least(trial.served, need) < 0:
                low = middle
            else:
                high, enough = middle, trial
        return enough

    def _greatest_reward(self, node: _Node) -> int:
        """More than one unit more of a group can cost elsewhere: a cycle visits each node once."""
        points = self._model.points
        spread = int(points.max(initial=0)) - int(points.min(initial=0))
        steepest = self._model.fairness.steepest
        n_nodes = 2 * (self._model.facts.n_rows + self._model.facts.n_offers) + 4
        return n_nodes * (spread + steepest + max(node.reward.values(), default=0) + 1)

    @staticmethod
    def _rewarded(node: _Node, need: int, reward: int) -> _Node:
        rewards = {**node.reward, need: reward}
        return replace(node, reward={key: value for key, value in rewards.items() if value})

    def _timed(self, node: _Node) -> _Solved | None:
        if self._out_of_time():
            raise _OutOfTime
        return self._evaluate(node)

    # Branching

    def _children(self, solved: _Solved) -> Iterator[_Node]:
        """The two halves of what a node leaves open: a member served in part, a group below its least number, or a
        member of a held group that its reward brought elsewhere than to that number. There are none only where the
        flow keeps every condition and its value is its bound."""
        node = solved.node
        for row, need in self._need_of.items():
            if 0 < solved.served[row] < self._unit[need]:
                return self._in_full_or_out(node, row)
        for need, rows in self._members.items():
            if need not in node.held and 0 < self._n_whole(solved, need) < self._least[need]:
                return iter((replace(node, held=node.held | {need}), replace(node, out=node.out | frozenset(rows))))
        for need in sorted(node.held):
            beyond = self._beyond_least(solved.served, need)
            if beyond < 0 or (beyond > 0 and need in node.reward):
                undecided = (row for row in self._members[need] if row not in node.full | node.out)
                return self._in_full_or_out(node, next(undecided))
        return iter(())

    def _in_full_or_out(self, node: _Node, row: int) -> Iterator[_Node]:
        yield replace(node, full=node.full | {row}, held=node.held | {self._need_of[row]})
        yield replace(node, out=node.out | {row})

    def _n_whole(self, solved: _Solved, need: int) -> int:
        return int(np.count_nonzero(solved.served[self._members[need]] == self._unit[need]))

    def _is_feasible(self, solved: _Solved) -> bool:
        for need, rows in self._members.items():
            whole = self._n_whole(solved, need)
            partial = np.count_nonzero(solved.served[rows]) > whole
            if partial or (whole < self._least[need] and (whole or need in solved.node.held)):
                return False
        return True

    # The best so far

    def _consider(self, solved: _Solved | None) -> None:
        if solved is not None and self._is_feasible(solved) and not self._is_beaten(solved.value):
            self._best = solved

    def _is_beaten(self, value: int) -> bool:
        return self._best is not None and value <= self._best.value
