"""Distances in a residual network, where lengths may be negative but no cycle is."""

import numpy as np

from matching.arrays import Bools, Ints
from matching.errors import SolverFailed

LARGEST = 2**60
"""Distances beyond this might leave 64 bits with the next length added."""


def distances(source: int, n_nodes: int, tail: Ints, head: Ints, length: Ints) -> tuple[Ints, Bools]:
    """The distance of every node from a source, and which it reaches; the others have what no arc undercuts.

    So distances are potentials: no arc is longer than the difference between its ends. Bellman-Ford, all arcs at once,
    in integers of any size where lengths are objects. Raises SolverFailed where a cycle has a negative length.
    """
    order = np.argsort(head, kind="stable")
    tail, head, length = tail[order], head[order], length[order]
    reached = np.zeros(n_nodes, dtype=bool)
    reached[source] = True
    distance = np.zeros(n_nodes, dtype=length.dtype)
    _relax(distance, reached, tail, head, length)
    beyond = ~reached
    inner = beyond[tail] & beyond[head]
    _relax(distance, beyond.copy(), tail[inner], head[inner], length[inner])
    leaving = beyond[tail] & reached[head]
    if leaving.any():
        distance[beyond] += max(0, (distance[head] - length - distance[tail])[leaving].max())
    return distance, reached


def _relax(distance: Ints, reached: Bools, tail: Ints, head: Ints, length: Ints) -> None:
    """Shorten the distances of nodes, in place, until no arc shortens one more; arcs are sorted by head.

    What is not reached has no distance yet. Raises SolverFailed where a cycle has a negative length.
    """
    for _ in range(len(distance) + 1):
        usable = np.flatnonzero(reached[tail])
        ends = head[usable]
        first = np.flatnonzero(np.diff(ends, prepend=-1))
        if not len(first):
            return
        shortest = np.minimum.reduceat(distance[tail[usable]] + length[usable], first)
        ends = ends[first]
        nearer = ~reached[ends] | (shortest < distance[ends])
        if not nearer.any():
            return
        distance[ends[nearer]] = shortest[nearer]
        reached[ends] = True
        if distance.dtype != object and np.abs(shortest).max() > LARGEST:
            raise SolverFailed("the potentials of the flow leave 64 bits")
    raise SolverFailed("the flow is not optimal: its residual network has a negative cycle")
