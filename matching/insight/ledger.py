"""What edits have changed on a circulation, read off in terms of the model: value, needs served, pairs."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from matching.arrays import Ints
from matching.insight.circulation import Circulation
from matching.insight.rerouting import Rerouting
from matching.insight.residual_arcs import Arcs
from matching.optimum import leximin
from matching.optimum.handback import north_west

Pair = tuple[int, int]
"""Positions of a need and an offer."""


class Ledger:
    """What arcs of edits stand for: ``need_of`` and ``arc_of`` where a need has another arc than its own, points of new
    arcs, those before of cells that were ``repriced``, and what a group had earned before its slopes were widened.

    What is read holds from then on: edits come first.
    """

    def __init__(self, circulation: Circulation, rerouting: Rerouting) -> None:
        self._at, self._model, self._rerouting = circulation, circulation.model, rerouting
        self.arc_of: dict[int, int] = {}
        self.need_of: dict[int, int] = {}
        self.new_points: dict[tuple[Arcs, int], int] = {}
        self.repriced: dict[int, int] = {}
        self.earned_by_group: dict[int, int] = {}

    def levels(self) -> tuple[int, ...]:
        """How much more the objective is worth than before: (units, or weights of shares,) points with fairness."""
        at, scale = self._at, self._at.weights.scale
        points = sum(units * self.points(at.needs, arc) for arc, units in self._moved[at.needs].items())
        points += sum(units * self.points(at.cells, arc) for arc, units in self._moved[at.cells].items())
        for cell, before in self.repriced.items():
            kept = int(at.cells.flow[cell]) - self._moved[at.cells].get(cell, 0)
            points += kept * (self.points(at.cells, cell) - before)
        groups = self._moved[at.groups]
        for group in groups.keys() | self.earned_by_group.keys():
            before = int(at.groups.flow[group]) - groups.get(group, 0)
            earned = self.earned_by_group.get(group)
            earned = at.groups.curve.worth(group, before) if earned is None else earned
            points += (at.groups.curve.worth(group, int(at.groups.flow[group])) - earned) // scale.point
        first = 0
        for state, units in self._moved[at.states].items():
            after = int(at.states.flow[state])
            earned = at.states.curve.worth(state, after) - at.states.curve.worth(state, after - units)
            if self._model.objective == "leximin":
                first += earned // scale.first
            else:
                points += earned // scale.point
        if self._model.objective == "most_needs_served":
            first = sum(self._moved[at.needs].values())
        return (first, points) if scale.first else (points,)

    def objective(self, before: Sequence[int]) -> tuple[int, ...]:
        """The new optimum, where it was ``before``."""
        gain = self.levels()
        if self._model.objective != "leximin":
            return tuple(value + more for value, more in zip(before, gain, strict=True))
        states = self._at.states.flow[: self._model.n_states].tolist()
        return (*leximin.shares(self._model.asked.tolist(), states), before[-1] + gain[-1])

    def served(self) -> dict[int, tuple[int, int]]:
        """Units before and after of each need that receives more or fewer."""
        more: dict[int, int] = {}
        after: dict[int, int] = {}
        needs = self._at.needs
        for arc, units in self._moved[needs].items():
            need = self.need_of.get(arc, arc)
            more[need] = more.get(need, 0) + units
            after[need] = int(needs.flow[self.arc_of.get(need, need)])
        return {need: (after[need] - units, after[need]) for need, units in sorted(more.items()) if units}

    def pairs(self) -> dict[Pair, tuple[int, int]]:
        """Units before and after of each pair of which there are more or fewer."""
        at = self._at
        moved_needs, moved_cells = self._moved[at.needs], self._moved[at.cells]
        nodes = {int(at.needs.head[arc]) for arc in moved_needs} | {int(at.cells.tail[arc]) for arc in moved_cells}
        before: dict[Pair, int] = {}
        after: dict[Pair, int] = {}
        for node in sorted(nodes):
            self.hand_back(node, after, {}, {})
            self.hand_back(node, before, moved_needs, moved_cells)
        return {
            pair: (before.get(pair, 0), after.get(pair, 0))
            for pair in sorted(before.keys() | after.keys())
            if before.get(pair, 0) != after.get(pair, 0)
        }

    def name(self, arcs: Arcs, added: Iterable[int], points: Iterable[int]) -> None:
        """Note the points of one unit on each of some new arcs."""
        self.new_points.update(zip(((arcs, int(arc)) for arc in added), points, strict=True))

    @cached_property
    def _moved(self) -> dict[Arcs, dict[int, int]]:
        return {arcs: self._rerouting.moved(arcs) for arcs in self._at.kinds}

    def hand_back(
        self, node: int, pairs: dict[Pair, int], more_needs: Mapping[int, int], more_cells: Mapping[int, int]
    ) -> None:
        """Add the pairs of a profile, as they are without so many units on its arcs."""
        at = self._at
        arcs, cells = at.needs.entering(node), at.cells.leaving(node)
        arcs, cells = arcs[np.argsort(self._places(arcs))], cells[np.argsort(at.cells.head[cells])]
        served, used = (_without(*each) for each in ((at.needs, arcs, more_needs), (at.cells, cells, more_cells)))
        for arc, cell, units in zip(*(part.tolist() for part in north_west(served, used)), strict=True):
            need = self.need_of.get(int(arcs[arc]), int(arcs[arc]))
            pair = need, int(at.cells.head[cells[cell]]) - at.nodes.offers
            pairs[pair] = pairs.get(pair, 0) + units

    def _places(self, arcs: Ints) -> Ints:
        """Places of the needs of some arcs; what is new comes after all others."""
        known = self._model.needs.place
        needs = arcs.copy()
        for number in np.flatnonzero(arcs >= len(known)).tolist():
            needs[number] = self.need_of[int(arcs[number])]
        return np.where(needs < len(known), np.append(known, 0)[np.minimum(needs, len(known))], needs)

    def points(self, arcs: Arcs, arc: int) -> int:
        """Points of one unit on a need's arc, or on a cell."""
        added = self.new_points.get((arcs, arc))
        if added is not None:
            return added
        values = self._model.needs.urgency if arcs is self._at.needs else self._model.profiles.affinity
        return int(values[arc])


def _without(arcs: Arcs, chosen: Ints, more: Mapping[int, int]) -> Ints:
    """Units on some arcs, as they are without so many on those of ``more``."""
    units = arcs.flow[chosen]
    if more:
        units = units - np.array([more.get(arc, 0) for arc in chosen.tolist()], dtype=np.int64)
    return units
