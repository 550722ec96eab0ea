"""The best choice of needs to serve, by branch and bound on flows: exact in whole numbers of any size.

Each node is a flow under what is fixed so far; at its prices the conditions of the rest bound it. Where the flow keeps
them, the node's other choices are its children, each differing in one need; most cost too much at the node's own prices
to need a flow of their own. So the search ends with the best choice, and knows whether there is another one as good.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from math import inf

from matching.arrays import Ints
from matching.conditions.conditioned import Conditioned, Priced
from matching.conditions.parts import Choice, Cost, Part
from matching.optimum.network import FlowSolver, NoFlow
from matching.time_limit import TimeLeft, is_over


@dataclass
class Incumbents:
    """The best choices known, as the needs served: all found that cost the same; infinite while there are none."""

    cost: Cost = inf
    choices: set[frozenset[int]] = field(default_factory=set)

    def add(self, cost: int, choice: Choice) -> None:
        """Take a choice if none is better."""
        if cost < self.cost:
            self.cost, self.choices = cost, set()
        if cost == self.cost:
            self.choices.add(frozenset(need for need, served in choice.items() if served))

    def rules_out(self, bound: Cost) -> bool:
        """Whether what costs at least so much is of no interest: worse, or one more of several that are as good."""
        return bound == inf or bound > self.cost or (bound == self.cost and len(self.choices) > 1)


class Search:
    """A search that can be interrupted after some flows and taken up again."""

    def __init__(self, conditioned: Conditioned, known: Incumbents, solver: FlowSolver) -> None:
        self._conditioned, self._known, self._solver = conditioned, known, solver
        self._turn = count()
        self._rounded: set[frozenset[int]] = set(known.choices)
        self._waiting: list[tuple[Cost, int, Priced]] = []
        self._root = self._add(conditioned.fixed)

    @property
    def potential(self) -> Ints:
        """Potentials of the flow that the search began with."""
        assert self._root is not None
        return self._root.potential

    @property
    def bound(self) -> Cost:
        """What no choice costs less than."""
        return min(self._known.cost, self._waiting[0][0]) if self._waiting else self._known.cost

    @property
    def finished(self) -> bool:
        """Whether no choice is better and, unless two are known to be as good, no other one is as good."""
        return not self._waiting or self._known.rules_out(self._waiting[0][0])

    def run(self, time_left: TimeLeft, most_nodes: int | None = None) -> None:
        """Look into nodes, cheapest first, until the search is finished, time runs out, or so many are done."""
        n_nodes = 0
        while not self.finished and n_nodes != most_nodes:
            if is_over(time_left):
                return
            _, _, node = heapq.heappop(self._waiting)
            self._look_into(node)
            n_nodes += 1

    def _look_into(self, node: Priced) -> None:
        priced = [node]
        if node.violated:
            rounded = self._round(node)
            priced += [rounded] if rounded is not None else []
        else:
            self._known.add(node.cost, node.choice)
        bounds = [of.bound(node.fixed) for of in priced]
        for part, fixed in _children(node):
            # Only the part has other choices than in the node.
            quick = max(
                bound - of.least(part, node.fixed) + of.least(part, fixed)
                for bound, of in zip(bounds, priced, strict=True)
            )
            if not self._known.rules_out(quick):
                self._add(node.implied(part, fixed))

    def _add(self, fixed: Choice) -> Priced | None:
        node = self._solved(fixed)
        if node is not None and not self._known.rules_out(bound := node.bound(fixed)):
            heapq.heappush(self._waiting, (bound, next(self._turn), node))
        return node

    def _round(self, node: Priced) -> Priced | None:
        """The flow of the choice that is best at the node's prices: perhaps good, and with better prices."""
        choice = node.cheapest(node.fixed)
        served = frozenset(need for need, is_served in choice.items() if is_served)
        if not choice or served in self._rounded:
            return None
        self._rounded.add(served)
        rounded = self._solved(choice)
        if rounded is not None:
            self._known.add(rounded.cost, choice)
        return rounded

    def _solved(self, fixed: Choice) -> Priced | None:
        try:
            return self._conditioned.solved(fixed, self._solver)
        except NoFlow:
            return None


def _children(node: Priced) -> Iterator[tuple[Part, dict[int, bool]]]:
    """What to fix beside what is fixed: together, every choice of the node but the one that its flow has made.

    Beside each stands the part that it tells something new of.
    """
    if node.violated:
        part = max((node.of.parts[place] for place in node.violated), key=node.shortfall)
        need = _to_branch_on(node, part)
        yield part, {**node.fixed, need: True}
        yield part, {**node.fixed, need: False}
        return
    fixed = dict(node.fixed)
    for part in node.of.parts:
        for need in part.needs:
            if need not in fixed:
                yield part, {**fixed, need: not node.choice[need]}
                fixed[need] = node.choice[need]


def _to_branch_on(node: Priced, part: Part) -> int:
    """A need of a part that the flow does not keep: dear whichever way it goes; one served in part, if any."""
    free = [need for need in part.needs if need not in node.fixed]
    candidates = [need for need in free if need in node.partial] or free
    return max(candidates, key=lambda need: min(node.least(part, {**node.fixed, need: way}) for way in (True, False)))
