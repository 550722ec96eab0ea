"""Arcs in the making: laid in any order of tails, then sorted into a network."""

import numpy as np

from matching.arrays import Ints
from matching.optimum.network import Network


class Arcs:
    """Arcs laid so far. Of one tail, arcs have to be laid by ascending head."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []
        self._number = 0
        self._has_minimum = False

    def lay(
        self, tail: Ints, head: Ints | int, capacity: Ints | int, cost: Ints | int, minimum: Ints | int = 0
    ) -> Ints:
        """Add one arc for each tail; what is given once holds for all of them. Returns their numbers."""
        self._parts.append(tuple(np.broadcast_to(part, tail.shape) for part in (tail, head, capacity, cost, minimum)))
        self._has_minimum |= bool(np.any(minimum))
        first, self._number = self._number, self._number + len(tail)
        return np.arange(first, self._number)

    def sorted(self, supply: Ints) -> tuple[Network, Ints]:
        """The network of all arcs laid, and where in it each arc laid now stands."""
        *columns, minimums = zip(*self._parts, strict=True)
        tail, head, capacity, cost = (np.concatenate(parts) for parts in columns)
        order = np.argsort(tail, kind="stable")
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        network = Network(
            tail[order],
            head[order],
            capacity[order],
            cost[order],
            supply,
            np.concatenate(minimums)[order] if self._has_minimum else None,
        )
        return network, position
