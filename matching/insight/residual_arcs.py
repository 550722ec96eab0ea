"""Arcs of one kind in a circulation: units, bounds and weights, found by either end, and room for some more."""

import numpy as np

from matching.arrays import Ints
from matching.insight.weighing import Curve
from matching.model import Limits


class Arcs:
    """Arcs of one kind. More units on an arc earn ``up`` each, fewer lose ``down`` each; the first ``count`` exist.

    ``leaving`` and ``entering`` list arcs by node; those added later stand beside the sorted ones.
    """

    def __init__(self, tail: Ints, head: Ints, flow: Ints, limits: Limits, weight: Ints, n_nodes: int) -> None:
        self.count = len(tail)
        room = self.count // 8 + 256
        self.tail, self.head = _with_room(tail, room), _with_room(head, room)
        self.flow = _with_room(flow, room)
        self.least, self.most = _with_room(limits.least, room), _with_room(limits.most, room)
        self.up = _with_room(weight, room)
        self.down = self.up
        self._by_tail, self._by_head = _Sorted.of(tail, n_nodes), _Sorted.of(head, n_nodes)
        self.leaving, self.entering = self._by_tail.at, self._by_head.at

    def add(self, tail: int, head: int, weight: int) -> int:
        """A new arc that may carry nothing yet; its position."""
        arc = self.count
        if arc == len(self.tail):
            self._grow()
        self.count += 1
        self.tail[arc], self.head[arc], self.up[arc] = tail, head, weight
        self.flow[arc] = self.least[arc] = self.most[arc] = 0
        self._by_tail.add(tail, arc)
        self._by_head.add(head, arc)
        return arc

    def add_many(self, tail: Ints, head: Ints, weight: Ints) -> Ints:
        """New arcs that may carry nothing yet; their positions."""
        arcs = np.arange(self.count, self.count + len(tail))
        while self.count + len(tail) > len(self.tail):
            self._grow()
        self.count += len(tail)
        self.tail[arcs], self.head[arcs], self.up[arcs] = tail, head, weight
        self.flow[arcs] = self.least[arcs] = self.most[arcs] = 0
        for arc, start, end in zip(arcs.tolist(), tail.tolist(), head.tolist(), strict=True):
            self._by_tail.add(start, arc)
            self._by_head.add(end, arc)
        return arcs

    def drop_last(self, number: int) -> None:
        """Take back what has been added last."""
        first = self.count - number
        for start, end in zip(
            self.tail[first : self.count].tolist(), self.head[first : self.count].tolist(), strict=True
        ):
            self._by_tail.drop(start)
            self._by_head.drop(end)
        self.count = first

    def steps(self, arc: int, more: bool) -> int:
        """How many units can be added, or taken away, at the present weight."""
        return int(self.most[arc] - self.flow[arc] if more else self.flow[arc] - self.least[arc])

    def shift(self, arc: int, units: int) -> None:
        """Carry so many units more."""
        self.flow[arc] += units

    def _grow(self) -> None:
        for name in ("tail", "head", "flow", "least", "most", "up"):
            values = getattr(self, name)
            setattr(self, name, _with_room(values, len(values)))
        self.down = self.up


class CurvedArcs(Arcs):
    """Arcs whose next unit earns less, the more there are."""

    def __init__(
        self, tail: Ints, head: Ints, flow: Ints, limits: Limits, weight: Ints, curve: Curve, n_nodes: int
    ) -> None:
        super().__init__(tail, head, flow, limits, weight, n_nodes)
        self.down = self.up.copy()
        self.curve = curve
        for arc in range(len(tail)):
            self.refresh(arc)

    def widen(self, arc: int, width: int) -> int:
        """Let every slope of an arc last for so many units; for how many it did."""
        before = self.curve.widen(arc, width)
        self.refresh(arc)
        return before

    def refresh(self, arc: int) -> None:
        """Look up what the next unit earns and the last one did."""
        units = int(self.flow[arc])
        self.up[arc] = self.curve.at(arc, units + 1)
        self.down[arc] = self.curve.at(arc, units) if units else 0

    def steps(self, arc: int, more: bool) -> int:
        """How many units can be added, or taken away, at the present weight."""
        units = int(self.flow[arc])
        alike = self.curve.more(arc, units) if more else self.curve.less(arc, units)
        return min(super().steps(arc, more), alike)

    def shift(self, arc: int, units: int) -> None:
        """Carry so many units more."""
        super().shift(arc, units)
        self.refresh(arc)


class _Sorted:
    """Arcs by one of their ends."""

    def __init__(self, order: Ints, start: Ints) -> None:
        self._order, self._start = order, start
        self._added: dict[int, list[int]] = {}

    @classmethod
    def of(cls, end: Ints, n_nodes: int) -> "_Sorted":
        """The arcs with these ends."""
        return cls(np.argsort(end, kind="stable"), np.searchsorted(np.sort(end), np.arange(n_nodes + 1)))

    def at(self, node: int) -> Ints:
        """The arcs at a node."""
        arcs = self._order[self._start[node] : self._start[node + 1]]
        added = self._added.get(node)
        return np.concatenate([arcs, np.array(added, dtype=np.int64)]) if added else arcs

    def add(self, node: int, arc: int) -> None:
        """One more arc at a node."""
        self._added.setdefault(node, []).append(arc)

    def drop(self, node: int) -> None:
        """One arc less: the last one added."""
        self._added[node].pop()


def _with_room(values: Ints, room: int) -> Ints:
    return np.concatenate([values, np.zeros(room, dtype=values.dtype)])
