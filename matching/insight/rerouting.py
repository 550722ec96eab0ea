"""Changes to an optimal circulation, each followed by what makes it optimal again: shortest residual paths.

A change gains along one arc, or forces units onto it or off it. The units then close their circle on a shortest path
between the arc's ends, and prices follow, so that what is optimal stays so. Nothing but the nodes nearer than the gain
is ever looked at. Every change can be taken back.
"""

import heapq
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from matching.arrays import Ints
from matching.insight.circulation import GROUND, Batch, Circulation
from matching.insight.residual_arcs import Arcs, CurvedArcs
from matching.model import UNLIMITED


class Step(NamedTuple):
    """A residual arc: one unit more, or fewer, on an arc."""

    arcs: Arcs
    arc: int
    more: bool


@dataclass(frozen=True)
class _Found:
    """How far a search came: distances of the nodes it settled, and the end it reached, if any, on these steps."""

    distance: dict[int, int]
    end: int | None
    length: int
    steps: tuple[Step, ...]


class Impossible(Exception):
    """What is asked for cannot be done within leasts and mosts."""


class Rerouting:
    """A circulation that changes, and stays optimal: `circulation` is read and written."""

    def __init__(self, circulation: Circulation) -> None:
        self.circulation = circulation
        self._done: list[tuple[Any, ...]] = []

    def improve(self, arcs: Arcs, arc: int) -> None:
        """Carry more on an arc, or less, as long as that gains."""
        circulation = self.circulation
        while True:
            more, less = circulation.reduced(arcs, arc), circulation.reduced_less(arcs, arc)
            if more < 0 and arcs.flow[arc] < arcs.most[arc]:
                if not self._round(Step(arcs, arc, True), int(arcs.most[arc] - arcs.flow[arc]), -more):
                    return
            elif less < 0 and arcs.flow[arc] > arcs.least[arc]:
                if not self._round(Step(arcs, arc, False), int(arcs.flow[arc] - arcs.least[arc]), -less):
                    return
            else:
                return

    def bound(self, arcs: Arcs, arc: int, least: int, most: int) -> None:
        """Set the bounds of an arc, and bring its units within them at the least loss, or where that gains.

        Raises Impossible where they cannot be.
        """
        self.put(arcs, "least", arc, least)
        self.put(arcs, "most", arc, most)
        if least > most:
            raise Impossible
        while arcs.flow[arc] < least:
            if not self._round(Step(arcs, arc, True), least - int(arcs.flow[arc]), None):
                raise Impossible
        while arcs.flow[arc] > most:
            if not self._round(Step(arcs, arc, False), int(arcs.flow[arc]) - most, None):
                raise Impossible
        self.improve(arcs, arc)

    def add(self, arcs: Arcs, tail: int, head: int, weight: int) -> int:
        """A new arc that may carry nothing yet; its position."""
        arc = arcs.add(tail, head, weight)
        self._done.append(("arcs", arcs, 1))
        return arc

    def add_many(self, arcs: Arcs, tail: Ints, head: Ints, weight: Ints) -> Ints:
        """New arcs that may carry any number of units, once something gains by it; their positions."""
        added = arcs.add_many(tail, head, weight)
        arcs.most[added] = UNLIMITED
        self._done.append(("arcs", arcs, len(added)))
        return added

    def hand_over(self, arcs: Arcs, arc: int, to: int, units: int) -> None:
        """Let one arc carry what another has carried, where that changes nothing else."""
        self._shift(Step(arcs, arc, False), units)
        self._shift(Step(arcs, to, True), units)

    def put(self, owner: Arcs | Circulation, name: str, position: int, value: int) -> None:
        """Write into one of the arrays of the circulation, or of its arcs."""
        values = getattr(owner, name)
        self._done.append(("value", owner, name, position, values[position]))
        values[position] = value

    def turn_prices(self) -> None:
        """Take the prices under which ways to the ground are tight, if nothing has changed yet: units taken from an
        offer find theirs at once."""
        if not self._done:
            self._done.append(("prices", self.circulation.potential))
            self.circulation.potential = self.circulation.towards_ground.copy()

    def widen(self, arcs: CurvedArcs, arc: int, width: int) -> None:
        """Let every slope of an arc last for so many units."""
        self._done.append(("width", arcs, arc, arcs.widen(arc, width)))
        self.improve(arcs, arc)

    def remember(self) -> int:
        """A moment to return to."""
        return len(self._done)

    def take_back(self, moment: int = 0) -> None:
        """Undo everything since a moment."""
        while len(self._done) > moment:
            what, *of = self._done.pop()
            if what == "value":
                owner, name, position, value = of
                getattr(owner, name)[position] = value
            elif what == "shift":
                arcs, arc, units = of
                arcs.shift(arc, -units)
            elif what == "prices":
                self.circulation.potential = of[0]
            elif what == "width":
                arcs, arc, width = of
                arcs.widen(arc, width)
            else:
                arcs, number = of
                arcs.drop_last(number)

    def moved(self, arcs: Arcs) -> dict[int, int]:
        """Units that arcs of a kind carry more than at first; none left out, not even those with as many again."""
        total: dict[int, int] = {}
        for what, *of in self._done:
            if what == "shift" and of[0] is arcs:
                total[of[1]] = total.get(of[1], 0) + of[2]
        return total

    def _round(self, step: Step, units: int, limit: int | None) -> bool:
        """Move up to so many units along a step and back on a shortest path, if one is shorter than the limit."""
        tail, head = int(step.arcs.tail[step.arc]), int(step.arcs.head[step.arc])
        source, target = (head, tail) if step.more else (tail, head)
        path = self._path(source, target, limit)
        if path is None:
            return False
        moved = min(units, step.arcs.steps(step.arc, step.more) if limit is not None else units)
        moved = min([moved, *(each.arcs.steps(each.arc, each.more) for each in path)])
        for each in (step, *path):
            self._shift(each, moved)
        return True

    def _shift(self, step: Step, units: int) -> None:
        change = units if step.more else -units
        step.arcs.shift(step.arc, change)
        self._done.append(("shift", step.arcs, step.arc, change))

    def _path(self, source: int, target: int, limit: int | None) -> list[Step] | None:
        """A shortest path, or None if it is not shorter than the limit; prices rise by what was looked at either way.

        The ground is next to everything, so it is never looked beyond: one search goes from the source, and where it
        ends on the ground another comes from the target.
        """
        there = self._search(source, (GROUND, target), True, limit)
        self._reprice(there, forward=True)
        if there.end is None:
            return None
        if there.end == target:
            return list(there.steps)
        left = None if limit is None else limit - there.length
        back = self._search(target, (GROUND, source), False, left)
        self._reprice(back, forward=False)
        if back.end is None:
            return None
        if back.end == source:
            return list(back.steps)
        return _without_loops(source, [*there.steps, *back.steps])

    def _search(self, source: int, targets: Collection[int], forward: bool, limit: int | None) -> _Found:
        """Dijkstra on reduced costs, from a node or towards it, until a target is reached."""
        if source in targets:
            return _Found({}, source, 0, ())
        neighbours = self.circulation.out_of if forward else self.circulation.into
        distance: dict[int, int] = {source: 0}
        via: dict[int, tuple[int, Batch, int]] = {}
        settled: dict[int, int] = {}
        # Of nodes equally near the last one found comes first: where everything is tight, that leads straight on.
        heap, found = [(0, True, 0, source)], 0
        while heap:
            length, _, _, node = heapq.heappop(heap)
            if node in settled:
                continue
            if node in targets:
                return _Found(settled, node, length, _traced(via, node, forward))
            settled[node] = length
            for batch in neighbours(node):
                ends, costs, places = batch.node, batch.reduced, batch.arc
                if limit is not None:
                    near = costs < limit - length
                    ends, costs, places = ends[near], costs[near], places[near]
                for end, cost, arc in zip(ends.tolist(), costs.tolist(), places.tolist(), strict=True):
                    reach = length + cost
                    if end not in settled and (limit is None or reach < limit) and reach < distance.get(end, reach + 1):
                        distance[end] = reach
                        via[end] = node, batch, arc
                        found -= 1
                        heapq.heappush(heap, (reach, end not in targets, found, end))
                        if end in targets:
                            limit = reach + 1
        return _Found(settled, None, limit or 0, ())

    def _reprice(self, found: _Found, *, forward: bool) -> None:
        """Raise prices so that nothing gains, and the path found is tight."""
        potential = self.circulation.potential
        for node, length in found.distance.items():
            if length < found.length:
                change = length - found.length
                self.put(self.circulation, "potential", node, int(potential[node]) + (change if forward else -change))


def _traced(via: dict[int, tuple[int, Batch, int]], node: int, forward: bool) -> tuple[Step, ...]:
    """The steps between the source of a search and a node, in the direction in which they are walked."""
    steps = []
    while node in via:
        node, batch, arc = via[node]
        steps.append(Step(batch.arcs, arc, batch.more))
    return tuple(reversed(steps)) if forward else tuple(steps)


def _without_loops(source: int, steps: list[Step]) -> list[Step]:
    """A walk with its detours left out: two shortest paths that meet at the ground may also meet before."""
    at = {source: 0}
    path: list[Step] = []
    for step in steps:
        node = int(step.arcs.head[step.arc] if step.more else step.arcs.tail[step.arc])
        path.append(step)
        if node in at:
            for gone in path[at[node] :]:
                end = int(gone.arcs.head[gone.arc] if gone.more else gone.arcs.tail[gone.arc])
                if end != node:
                    at.pop(end, None)
            del path[at[node] :]
        else:
            at[node] = len(path)
    return path
