"""The canonical optimum: of all optimal flows, the one that every solver, machine and input order arrives at.

Optimal flows are many and solvers pick different ones. By complementary slackness the optimal flows are exactly the
feasible ones that keep every arc of non-zero reduced cost where it is, whichever optimal potentials are used. So those
arcs are fixed, and on the arcs left the next key is minimised; and so on, until no arc is left to choose by. That the
end is unique is checked, not hoped: the residual network of the arcs left has no cycle.
"""

import hashlib
from collections.abc import Callable, Iterable
from itertools import count
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.errors import SolverFailed
from matching.facts import Bools, Ints
from matching.flow import FlowSolver, Network

Keys = Callable[[int], Ints]
"""Key of each arc at a level, 0, 1, 2, …; whole, not negative."""


def canonical_flow(network: Network, keys: Keys, solver: FlowSolver) -> Ints:
    """The optimal flow that is least by the keys of each level in turn.

    Raises NoFlow where there is none, and SolverFailed where the solver's answer proves not to be an optimum.
    """
    flow = solver(network)
    free, stage = np.arange(len(flow)), network
    for level in count():
        tight = _tight(stage, flow[free])
        free = free[tight]
        if _is_unique(_part(stage, tight), flow[free]):
            return flow
        fixed = flow.copy()
        fixed[free] = 0
        left = network.supply - _outflow(network, fixed)
        stage = Network(network.tail[free], network.head[free], network.capacity[free], keys(level)[free], left)
        flow[free] = solver(stage)
    raise AssertionError("unreachable: the levels do not end")


def drawn(quarter: str, references: Iterable[str]) -> NDArray[np.uint64]:
    """The lot of each reference in a quarter: the first 64 bits of SHA-256 over both. Anyone can draw it again."""
    lots = (hashlib.sha256(f"{quarter}|{reference}".encode()).digest()[:8] for reference in references)
    return np.array([int.from_bytes(lot) for lot in lots], dtype=np.uint64)


def scattered(lots: NDArray[np.uint64], level: int) -> NDArray[np.uint64]:
    """Lots drawn anew at a level: SplitMix64's step and finaliser, so that every bit depends on every bit before."""
    lots = lots + np.uint64((level + 1) * 0x9E3779B97F4A7C15 % 2**64)
    lots = (lots ^ (lots >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    lots = (lots ^ (lots >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return lots ^ (lots >> np.uint64(31))


def potentials(network: Network, flow: Ints) -> Ints:
    """Potentials under which no residual arc has negative reduced cost: the proof that a flow is optimal.

    Bellman-Ford, all arcs at once. Raises SolverFailed where there are none, as the flow is then not optimal.
    """
    forward, backward = flow < network.capacity, flow > 0
    cost = network.cost if network.fits_64_bits else network.cost.astype(object)
    tail = np.concatenate([network.tail[forward], network.head[backward]])
    head = np.concatenate([network.head[forward], network.tail[backward]])
    length = np.concatenate([cost[forward], -cost[backward]])
    order = np.argsort(head, kind="stable")
    tail, head, length = tail[order], head[order], length[order]
    first = np.flatnonzero(np.diff(head, prepend=-1))
    potential = np.zeros(len(network.supply), dtype=cost.dtype)
    for _ in range(len(network.supply) + 1):
        shortest = np.minimum.reduceat(potential[tail] + length, first) if len(first) else potential[:0]
        nearer = shortest < potential[head[first]]
        if not nearer.any():
            return potential
        potential[head[first][nearer]] = shortest[nearer]
    raise SolverFailed("the solver's flow is not optimal: its residual network has a negative cycle")


def _tight(network: Network, flow: Ints) -> Bools:
    """Arcs that some other optimal flow may use otherwise: those of reduced cost zero."""
    potential = potentials(network, flow)
    reduced = network.cost + potential[network.tail] - potential[network.head]
    return np.asarray((reduced == 0) & (network.capacity > 0), dtype=bool)


def _part(network: Network, arcs: Bools) -> Network:
    return Network(network.tail[arcs], network.head[arcs], network.capacity[arcs], network.cost[arcs], network.supply)


def _outflow(network: Network, flow: Ints) -> Ints:
    """Units that leave each node, less those that enter it."""
    out = np.zeros(len(network.supply), dtype=np.int64)
    np.add.at(out, network.tail, flow)
    np.subtract.at(out, network.head, flow)
    return out


def _is_unique(network: Network, flow: Ints) -> bool:
    """Whether no cycle of the residual network could carry another flow.

    Arcs between their bounds go both ways: they must form a forest. Joined along it, the one-way arcs must be acyclic.
    """
    n_nodes = len(network.supply)
    both = (flow > 0) & (flow < network.capacity)
    n_trees, tree = _components(n_nodes, network.tail[both], network.head[both], "weak")
    if n_nodes - n_trees != np.count_nonzero(both):
        return False
    one = ~both
    tail = tree[np.where(flow[one] == 0, network.tail[one], network.head[one])]
    head = tree[np.where(flow[one] == 0, network.head[one], network.tail[one])]
    if (tail == head).any():
        return False
    n_strong, _ = _components(n_trees, tail, head, "strong")
    return n_strong == n_trees


def _components(n_nodes: int, tail: Ints, head: Ints, connection: Literal["weak", "strong"]) -> tuple[int, Ints]:
    graph = csr_array((np.ones(len(tail), dtype=np.int32), (tail, head)), shape=(n_nodes, n_nodes))
    number, labels = connected_components(graph, directed=True, connection=connection)
    return int(number), labels.astype(np.int64)
