"""Minimum-cost flow on few of many arcs: those that the prices ask for.

Of the arcs that leave a node an optimal flow uses a handful. So the flow is found on a handful, and its potentials
price the arcs left out: if none has negative reduced cost, the flow is optimal on all of them [1]_; else those that
have are taken in, and the flow is found anew. Nothing is approximate, and on millions of arcs it takes a fraction of
the time.

.. [1] L. R. Ford and D. R. Fulkerson, *A suggested computation for maximal multi-commodity network flows*, Management
   Science 5 (1958), whose way of leaving columns out until they price in this is.
"""

from dataclasses import replace
from itertools import count

import numpy as np

from matching.arrays import Bools, Ints
from matching.optimum.network import Flow, FlowSolver, Network, NoFlow

SHARES = 4
"""Of the arcs that leave a node, the best of each of so many shares is taken at a time."""

FEW_WANTED = 10
"""Once no more arcs than this for each node have negative reduced cost, what was taken is kept."""

PATIENCE = 16
"""After so many rounds what is taken is kept in any case, so that there is an end."""


def by_pricing(network: Network, solver: FlowSolver) -> Flow:
    """An optimal flow with potentials, by a ``solver`` that gives them. Raises what the solver raises.

    ``network`` has no minimums. Arcs of a node are split by head into shares, so that they lead everywhere; all those
    to its last head are taken from the start, as that is the way which is open to what goes nowhere else. As long as
    prices are far off, each round takes others for those that turn out to be of no use.
    """
    shares, always = _Shares(network.tail, network.n_nodes), _to_last_head(network)
    taken, settling = always | shares.least(network.cost), False
    for number in count(1):
        flow = _on(network, taken, solver)
        if flow is None or flow.potential is None:
            break
        reduced = _reduced(network, flow.potential)
        wanted = (reduced < 0) & ~taken
        n_wanted = int(np.count_nonzero(wanted))
        if n_wanted == 0:
            return flow
        settling = settling or n_wanted < FEW_WANTED * network.n_nodes or number >= PATIENCE
        if settling:
            reduced[taken] = 0
            taken |= shares.least(reduced) & wanted
        else:
            taken = always | (flow.units > 0) | shares.least(reduced)
    return solver(network)


def _to_last_head(network: Network) -> Bools:
    last = np.zeros(network.n_nodes, dtype=np.int64)
    last[network.tail] = network.head  # of what is assigned to one place, the last stays
    return np.asarray(network.head == last[network.tail], dtype=bool)


def _reduced(network: Network, potential: Ints) -> Ints:
    reduced = potential[network.tail]
    reduced += network.cost
    reduced -= potential[network.head]
    return reduced


def _on(network: Network, taken: Bools, solver: FlowSolver) -> Flow | None:
    """The optimal flow that uses none but some arcs; None where there is none."""
    arcs = np.flatnonzero(taken)
    few = replace(
        network,
        tail=network.tail[arcs],
        head=network.head[arcs],
        capacity=network.capacity[arcs],
        cost=network.cost[arcs],
    )
    try:
        flow = solver(few)
    except NoFlow:
        return None
    units = np.zeros(len(taken), dtype=np.int64)
    units[arcs] = flow.units
    return Flow(units, flow.potential)


class _Shares:
    """The arcs of each node, split in order into ``SHARES`` of equal size, or as many as it has arcs."""

    def __init__(self, tail: Ints, n_nodes: int) -> None:
        first = np.searchsorted(tail, np.arange(n_nodes + 1))
        number = np.minimum(np.diff(first), SHARES)
        node = np.repeat(np.arange(n_nodes), number)
        place = np.arange(len(node)) - (np.cumsum(number) - number)[node]
        self._first = first[node] + place * np.diff(first)[node] // number[node]
        self._size = np.diff(self._first, append=len(tail))

    def least(self, cost: Ints) -> Bools:
        """The arcs that cost least in their share."""
        if not len(self._first):
            return np.zeros(len(cost), dtype=bool)
        return np.asarray(cost == np.repeat(np.minimum.reduceat(cost, self._first), self._size), dtype=bool)
