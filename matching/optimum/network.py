"""A network of whole numbers, what flows through it, and the one signature of those who find an optimal flow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Ints

LARGEST_SUM = 2**62
"""Sums of costs along a path beyond this could overflow a compiled solver."""


@dataclass(frozen=True)
class Network:
    """Arcs sorted by tail, then head, with least and most units and costs; and the supply of each node.

    Costs are whole and not negative. A node with negative supply demands; supplies sum to 0 and every unit supplied has
    to arrive. ``minimum`` is None where no arc has one.
    """

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints
    minimum: Ints | None = None

    @property
    def n_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.supply)

    @property
    def least(self) -> Ints | int:
        """The least units of each arc."""
        return 0 if self.minimum is None else self.minimum

    @property
    def fits_64_bits(self) -> bool:
        """Whether no potential can leave 64-bit integers."""
        greatest = int(self.cost.max(initial=0)) + 1
        return greatest * (self.n_nodes + 1) < LARGEST_SUM

    def excess(self, units: Ints) -> Ints:
        """Units that leave each node, less those that enter it."""
        excess = np.bincount(self.tail, units, self.n_nodes) - np.bincount(self.head, units, self.n_nodes)
        if np.abs(units).sum() < 2**52:  # bincount adds in floats, exact this far
            return excess.astype(np.int64)
        exact = np.zeros(self.n_nodes, dtype=np.int64)
        np.add.at(exact, self.tail, units)
        np.subtract.at(exact, self.head, units)
        return exact

    def beyond_minimum(self) -> "Network":
        """The same network for what flows beyond the least of each arc.

        Raises NoFlow where a capacity is below its minimum.
        """
        if self.minimum is None:
            return self
        capacity = self.capacity - self.minimum
        if (capacity < 0).any():
            raise NoFlow
        return replace(self, capacity=capacity, supply=self.supply - self.excess(self.minimum), minimum=None)


@dataclass(frozen=True)
class Flow:
    """Units of each arc; and potentials, where the solver has them.

    The reduced cost of an arc is its cost, and the potential of its tail less that of its head. It is not negative
    where more could flow, and not positive where less could.
    """

    units: Ints
    potential: Ints | None = None


class NoFlow(Exception):
    """The supplies cannot be brought to the demands within minimums and capacities."""


FlowSolver = Callable[[Network], Flow]
"""An optimal flow. Raises NoFlow, or SolverFailed."""
