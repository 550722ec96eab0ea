"""What it would cost to propose another pair: exact losses, and who would bear them.

The loss of a unit imposed on a pair is the length of the shortest residual circle through it, not its reduced cost,
which degenerate prices make smaller. All circles of a problem share their ways, so the distances between all offers,
profiles and States are looked up once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matching.arrays import Ints
from matching.insight.circulation import GROUND, Circulation
from matching.insight.edits import NotWarm
from matching.insight.warm import Warm
from matching.model import Model

LARGEST_TABLE = 20_000_000
"""Distances kept at most; larger problems are asked pair by pair (`Warm.effect`)."""
EXACT = 2.0**53
"""Whole numbers below this are exact as floats."""


@dataclass(frozen=True)
class Regret:
    """What imposing one unit of a pair loses, level by level, and the units that other needs lose by it."""

    loss: tuple[int, ...]
    losers: Mapping[int, int]


class Regrets:
    """Losses of all pairs of a problem that is not too large.

    Raises NotWarm where its table would be, or where numbers outgrow it.
    """

    def __init__(self, warm: Warm) -> None:
        self.model: Model = warm.model
        self._at: Circulation = warm.circulation
        nodes, model = self._at.nodes, self.model
        self._sources = np.concatenate(
            [nodes.profiles + np.arange(model.n_profiles), nodes.offers + np.arange(model.n_offers)]
        )
        if len(self._sources) * nodes.end > LARGEST_TABLE:
            raise NotWarm("too many profiles and offers for a table of all distances")
        self._line = np.full(nodes.end, -1, dtype=np.int64)
        self._line[self._sources] = np.arange(len(self._sources))
        self._lay()

    def _lay(self) -> None:
        """Distances, by reduced costs, from every profile and offer to every node."""
        at, n = self._at, self._at.nodes.end
        tail, head, cost = at.residual()
        reduced = (cost + at.potential[tail] - at.potential[head]).astype(float)
        # Of parallel arcs the shortest counts.
        order = np.lexsort((reduced, head, tail))
        first = np.flatnonzero(np.diff(tail[order] * n + head[order], prepend=-1))
        self._arc = order[first]
        graph = csr_array((reduced[self._arc], (tail[self._arc], head[self._arc])), shape=(n, n))
        self._key = tail[self._arc] * n + head[self._arc]
        distance, self._before = dijkstra(graph, indices=self._sources, return_predecessors=True)
        reached = distance[np.isfinite(distance)]
        if max(reached.max(initial=0), reduced.max(initial=0)) >= EXACT:
            raise NotWarm("distances outgrow exact floats")
        self._distance: NDArray[np.float64] = distance
        self._given_up = self._needs_given_up()

    def _needs_given_up(self) -> Ints:
        """The need that loses a unit along each residual arc, -1 along others; in the order of `residual`."""
        losing = []
        for arcs in self._at.kinds:
            every = np.arange(arcs.count)
            losing.append(np.full(int((arcs.flow[every] < arcs.most[every]).sum()), -1, dtype=np.int64))
            less = every[arcs.flow[every] > arcs.least[every]]
            losing.append(less if arcs is self._at.needs else np.full(len(less), -1, dtype=np.int64))
        return np.concatenate(losing)

    def of(self, need: int, offer: int) -> Regret | None:
        """The regret of an eligible pair that is not proposed; None where leasts and mosts rule it out."""
        at, nodes = self._at, self._at.nodes
        profile, state = int(at.needs.head[need]), int(at.needs.tail[need])
        cell = self._cell(profile, offer)
        if cell is None or at.cells.most[cell] < 1:
            return None
        through, given = at.reduced(at.cells, cell), int(at.cells.flow[cell])
        if at.needs.flow[need]:
            # Needs of one profile exchange their offers at no loss.
            return self._circle(0 if given else through, nodes.offers + offer, profile, closed=bool(given))
        if at.needs.most[need] < 1:
            return None
        served = at.reduced(at.needs, need)
        ways = [self._circle(served + through, nodes.offers + offer, state)]
        if given:
            ways.append(self._circle(served, profile, state))
        return min((way for way in ways if way is not None), key=lambda way: way.loss, default=None)

    def runner_ups(self, need: int) -> list[tuple[int, Regret]]:
        """The eligible offers of a need that do not serve its profile now, least loss first."""
        at = self._at
        cells = at.cells.leaving(int(at.needs.head[need]))
        offers = (at.cells.head[cells[at.cells.flow[cells] == 0]] - at.nodes.offers).tolist()
        found = [(offer, regret) for offer in offers if (regret := self.of(need, offer)) is not None]
        return sorted(found, key=lambda each: (each[1].loss, each[0]))

    def rivals(self, offer: int) -> list[tuple[int, Regret]]:
        """Needs that are not served in full and might have had a unit of an offer, least loss first."""
        at = self._at
        found = []
        for cell in at.cells.entering(at.nodes.offers + offer).tolist():
            for need in at.needs.entering(int(at.cells.tail[cell])).tolist():
                if at.needs.flow[need] < at.needs.most[need]:
                    regret = self._one_more(need, offer, cell)
                    if regret is not None:
                        found.append((need, regret))
        return sorted(found, key=lambda each: (each[1].loss, each[0]))

    def _one_more(self, need: int, offer: int, cell: int) -> Regret | None:
        """The regret of serving a need one unit more, through a cell."""
        at = self._at
        if at.cells.flow[cell] >= at.cells.most[cell]:
            return None
        more = at.reduced(at.needs, need) + at.reduced(at.cells, cell)
        return self._circle(more, at.nodes.offers + offer, int(at.needs.tail[need]))

    def instead(self, need: int, offer: int, other: int) -> Regret | None:
        """What it loses in all if a unit of a proposed pair comes from another eligible offer."""
        at, nodes = self._at, self._at.nodes
        profile = int(at.needs.head[need])
        now, then = self._cell(profile, offer), self._cell(profile, other)
        if now is None or then is None or not at.cells.flow[now] > at.cells.least[now]:
            return None
        if at.cells.flow[then] >= at.cells.most[then]:
            return None
        change = at.reduced(at.cells, then) + at.reduced_less(at.cells, now)
        return self._circle(change, nodes.offers + other, nodes.offers + offer)

    def exchange(self, need: int, offer: int, other: int) -> Regret | None:
        """What it loses if a unit of a proposed pair comes from an offer that has one left, and nothing else changes.

        None where the other offer, or its provider, has nothing left, or the first may not give up a unit.
        """
        at = self._at
        profile = int(at.needs.head[need])
        now, then = self._cell(profile, offer), self._cell(profile, other)
        if now is None or then is None or at.cells.flow[then] >= at.cells.most[then]:
            return None
        spare = at.offers.flow[other] < at.offers.most[other] and at.offers.flow[offer] > at.offers.least[offer]
        to, of = int(at.offers.head[other]), int(at.offers.head[offer])
        if to != of:
            spare = spare and self._takes(to, more=True) and self._takes(of, more=False)
        if not spare or at.cells.flow[now] <= at.cells.least[now]:
            return None
        return Regret(at.weights.scale.levels(int(at.cells.up[now] - at.cells.up[then])), {})

    def _takes(self, provider: int, *, more: bool) -> bool:
        """Whether a provider may give one unit more, or one fewer."""
        if provider == GROUND:
            return True
        arcs, arc = self._at.providers, provider - self._at.nodes.providers
        return bool(arcs.flow[arc] < arcs.most[arc] if more else arcs.flow[arc] > arcs.least[arc])

    def eligible(self, need: int) -> list[int]:
        """The offers that may serve a need."""
        at = self._at
        return list((at.cells.head[at.cells.leaving(int(at.needs.head[need]))] - at.nodes.offers).tolist())

    def _cell(self, profile: int, offer: int) -> int | None:
        cells = self._at.cells.leaving(profile)
        found = cells[self._at.cells.head[cells] == self._at.nodes.offers + offer]
        return int(found[0]) if len(found) else None

    def _circle(self, start: int, source: int, target: int, *, closed: bool = False) -> Regret | None:
        """The regret of arcs of a length, closed to a circle from ``source`` to ``target``; None if they cannot be."""
        if closed:
            return Regret(self._at.weights.scale.levels(0), {})
        length = self._distance[self._line[source], target]
        if not np.isfinite(length):
            return None
        losers = Counter(need for need in self._along(source, target) if need >= 0)
        return Regret(self._at.weights.scale.levels(start + int(length)), dict(losers))

    def _along(self, source: int, target: int) -> Iterator[int]:
        """Needs that lose a unit on the shortest path between two nodes, -1 for each other arc of it."""
        before, n = self._before[self._line[source]], self._at.nodes.end
        node = target
        while node != source:
            tail = int(before[node])
            yield int(self._given_up[self._arc[np.searchsorted(self._key, tail * n + node)]])
            node = tail
