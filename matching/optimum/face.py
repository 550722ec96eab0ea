"""What a leximin flow leaves open: the flows as fair as it is, and prices that prove that none is fairer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import Bools, Ints
from matching.optimum.network import LARGEST_SUM, FlowSolver, Network
from matching.optimum.optimality import greatest_potentials
from matching.optimum.thresholds import Askers, fairest
from matching.optimum.ties import Optimum, Pieces, Ties, part

Solve = Callable[[Network, Sequence[Ints], Ties, FlowSolver], Optimum]


@dataclass(frozen=True)
class Face:
    """All flows as fair as one, whose ``units`` are given: the arcs at positions ``arc`` may carry something else.

    ``potential`` proves it, with the weights of steps as costs (`leximin`).
    """

    network: Network
    units: Ints
    arc: Ints
    potential: Ints

    @classmethod
    def of(cls, network: Network, askers: Askers, solver: FlowSolver) -> "Face":
        """The leximin flows of a network. Raises NoFlow, and SolverFailed where the solver's answers prove wrong."""
        units = fairest(network, askers, solver)
        at, weights = askers.arc, askers.weights
        more, less = units < network.capacity, units > network.least
        received = weights.asked - units[at]
        states = np.arange(len(at))
        last, following = np.flatnonzero(more[at]), np.flatnonzero(less[at])
        fits = weights.greatest * 2 * (len(at) + 1) < LARGEST_SUM
        loss, gain = (np.zeros(len(units), dtype=np.int64 if fits else object) for _ in range(2))
        loss[at[last]] = weights.of(states[last], received[last])
        gain[at[following]] = weights.of(states[following], received[following] + 1)
        potential = _potentials(network, more, less, loss, gain)
        drop = potential[network.tail] - potential[network.head]
        more &= np.asarray(loss + drop == 0, dtype=bool)
        less &= np.asarray(gain + drop == 0, dtype=bool)
        capacity, minimum = network.capacity.copy(), np.zeros(len(units), dtype=np.int64) + network.least
        capacity[at], minimum[at] = units[at] + more[at], units[at] - less[at]
        narrow = replace(network, capacity=capacity, minimum=minimum if minimum.any() else None)
        return cls(narrow, units, np.flatnonzero(more | less), potential)

    def solved(self, levels: Sequence[Ints], ties: Ties, solve: Solve, solver: FlowSolver) -> Optimum:
        """The optimum of further levels among them, given costs and ties of all arcs."""
        if not len(self.arc):
            none = np.zeros(self.network.n_nodes, dtype=np.int64)
            return Optimum(self.units, (self.potential, *(none for _ in levels)))
        stage, node = part(self.network, self.arc, self.units)
        found = solve(stage, [cost[self.arc] for cost in levels], _Within(ties, self.arc), solver)
        units = self.units.copy()
        units[self.arc] = found.units
        potentials = [np.zeros(self.network.n_nodes, dtype=of_part.dtype) for of_part in found.potentials]
        for of_all, of_part in zip(potentials, found.potentials, strict=True):
            of_all[node] = of_part
        return Optimum(units, (self.potential, *potentials))


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


def _potentials(network: Network, more: Bools, less: Bools, loss: Ints, gain: Ints) -> Ints:
    """The greatest potentials, none above 0, of a residual network in which few arcs cost something.

    Nodes that reach each other by arcs that cost nothing have the same one, and count as one node.
    """
    forth, back = np.flatnonzero(more), np.flatnonzero(less)
    tail = np.concatenate([network.tail[forth], network.head[back]])
    head = np.concatenate([network.head[forth], network.tail[back]])
    length = np.concatenate([loss[forth], -gain[back]])
    free = np.asarray(length == 0, dtype=bool)
    ends = tail[free].astype(np.int32), head[free].astype(np.int32)
    joined = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(network.n_nodes,) * 2)
    number, one = connected_components(joined, directed=True, connection="strong")
    between = one[tail] != one[head]
    of_one = greatest_potentials(number, one[tail[between]], one[head[between]], length[between])
    potential: Ints = of_one[one]
    return potential
