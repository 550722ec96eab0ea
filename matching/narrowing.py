"""Leximin's network made small: of the arcs for each unit that a State may go without, those that are in question.

Whether a State goes without its hundredth unit is settled long before the flow is found that decides about its fifth.
So units are first given up in blocks, each at the price of its middle; around what comes of that the next blocks are
smaller, until they are single units. What lies before and after those is then settled for every optimum: prices rise
strictly, and at least one unit on either side was in question and went the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.flow import FlowSolver, Network
from matching.model import Bools, Ints
from matching.ties import Optimum, Pieces, Ties, canonical

FEW_ARCS = 4000
"""Arcs of single units up to which a network is left as it is."""

BLOCKS = 12
"""Into how many blocks the units of a State are put."""


@dataclass(frozen=True)
class Narrowed:
    """The part of a network still to be decided: ``arc`` are the positions of its arcs, others carry ``settled``."""

    network: Network
    arc: Ints
    settled: Ints

    def solved(self, levels: Sequence[Ints], ties: Ties, solver: FlowSolver) -> Optimum:
        """The canonical optimum of the whole network, given costs and ties of all its arcs."""
        found = canonical(self.network, [cost[self.arc] for cost in levels], _Within(ties, self.arc), solver)
        units = self.settled.copy()
        units[self.arc] = found.units
        return replace(found, units=units)


@dataclass(frozen=True)
class _Within:
    """The ties of a network, for some of its arcs."""

    ties: Ties
    arc: Ints

    def first(self) -> Ints:
        return self.ties.first()[self.arc]

    def pieces(self, arcs: Ints) -> Pieces:
        return self.ties.pieces(self.arc[arcs])

    def drawn(self, level: int) -> Ints:
        return self.ties.drawn(level)[self.arc]


def narrowed(network: Network, unit_arcs: Ints, solver: FlowSolver) -> Narrowed:
    """A network without the arcs of single units that are settled, whichever of the cheapest flows is taken.

    ``unit_arcs`` are parallel arcs of capacity 1 at most, by tail; those of a tail by strictly rising cost, and those
    that are shut come last. Raises NoFlow.
    """
    if len(unit_arcs) <= FEW_ARCS:
        return Narrowed(network, np.arange(len(network.tail)), np.zeros(len(network.tail), dtype=np.int64))
    units = _Units.of(network, unit_arcs)
    low, high = np.zeros_like(units.count), units.count
    block = -(-units.count // BLOCKS)
    while True:
        used = units.used(low, high, block, solver)
        ends = (used == low) & (low > 0) | (used == high) & (high < units.count)
        if not ends.any() and (block <= 1).all():
            return units.left(low, high)
        # Where single units did not suffice, look twice as far around; else as far as a block may have been wrong.
        reach = np.where(block > 1, 2 * block, np.where(ends, 2 * (high - low), 0))
        low = np.where(reach > 0, np.maximum(used - reach, 0), low)
        high = np.where(reach > 0, np.minimum(used + reach, units.count), high)
        block = -(-block // BLOCKS)


@dataclass(frozen=True)
class _Units:
    """Arcs of single units, ``count`` for each tail that has any; ``owner`` is the tail of each, ``place`` its rank."""

    network: Network
    arc: Ints
    count: Ints
    owner: Ints
    place: Ints

    @classmethod
    def of(cls, network: Network, arc: Ints) -> "_Units":
        start = np.flatnonzero(np.diff(network.tail[arc], prepend=-1))
        count = np.diff(np.append(start, len(arc)))
        owner = np.repeat(np.arange(len(start)), count)
        return cls(network, arc, count, owner, np.arange(len(arc)) - start[owner])

    def used(self, low: Ints, high: Ints, block: Ints, solver: FlowSolver) -> Ints:
        """How many units of each tail a cheapest flow uses, where they go in blocks and only some are in question."""
        part = self.left(low, high)
        is_unit = np.zeros(len(self.network.tail), dtype=bool)
        is_unit[self.arc] = True
        others, inside = np.flatnonzero(~is_unit[part.arc]), np.flatnonzero(self._within(low, high))
        piece = (self.place[inside] - low[self.owner[inside]]) // block[self.owner[inside]]
        first = np.flatnonzero((np.diff(piece, prepend=-1) != 0) | (np.diff(self.owner[inside], prepend=-1) != 0))
        middle = (first + np.append(first[1:], len(inside)) - 1) // 2
        at, whole = self.arc[inside], self.network
        least = np.broadcast_to(whole.least, is_unit.shape)
        minimum = np.concatenate([least[part.arc[others]], np.add.reduceat(least[at], first)])
        tail = np.concatenate([part.network.tail[others], whole.tail[at[first]]])
        head = np.concatenate([part.network.head[others], whole.head[at[first]]])
        capacity = np.concatenate([part.network.capacity[others], np.add.reduceat(whole.capacity[at], first)])
        cost = np.concatenate([part.network.cost[others], whole.cost[at[middle]]])
        order = np.lexsort((head, tail))
        merged = Network(tail[order], head[order], capacity[order], cost[order], part.network.supply, minimum[order])
        flow = np.empty(len(order), dtype=np.int64)
        flow[order] = solver(merged).units
        used = low.copy()
        np.add.at(used, self.owner[inside[first]], flow[len(others) :])
        return used

    def left(self, low: Ints, high: Ints) -> Narrowed:
        """The network without units before ``low``, which are used, and from ``high`` on, which are not."""
        network = self.network
        kept = np.ones(len(network.tail), dtype=bool)
        kept[self.arc] = self._within(low, high)
        settled = np.zeros(len(network.tail), dtype=np.int64)
        settled[self.arc[self.place < low[self.owner]]] = 1
        arc = np.flatnonzero(kept)
        part = Network(
            network.tail[arc],
            network.head[arc],
            network.capacity[arc],
            network.cost[arc],
            network.supply - network.excess(settled),
            None if network.minimum is None else network.minimum[arc],
        )
        return Narrowed(part, arc, settled)

    def _within(self, low: Ints, high: Ints) -> Bools:
        return (self.place >= low[self.owner]) & (self.place < high[self.owner])
