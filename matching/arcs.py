"""Arcs in the making: laid in any order of tails, then sorted into a network."""

import numpy as np

from matching.flow import Network
from matching.model import Ints


class Arcs:
    """Arcs laid so far. Of one tail, arcs have to be laid by ascending head."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []
        self._number = 0

    def lay(
        self, tail: Ints, head: Ints | int, capacity: Ints | int, cost: Ints | int, minimum: Ints | int = 0
    ) -> Ints:
        """Add one arc for each tail; what is given once holds for all of them. Returns their numbers."""
        self._parts.append(tuple(np.broadcast_to(part, tail.shape) for part in (tail, head, capacity, cost, minimum)))
        first, self._number = self._number, self._number + len(tail)
        return np.arange(first, self._number)

    def sorted(self, supply: Ints) -> tuple[Network, Ints]:
        """The network of all arcs laid, and where in it each arc laid now stands."""
        tail, head, capacity, cost, minimum = (np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        order = np.argsort(tail, kind="stable")
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        network = Network(
            tail[order],
            head[order],
            capacity[order],
            cost[order],
            supply,
            minimum[order] if minimum.any() else None,
        )
        return network, position
