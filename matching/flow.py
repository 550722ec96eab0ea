"""Exact minimum-cost flow behind one signature, by whichever library is best at it.

A network is arrays over arcs sorted by tail, then head. Costs are whole and not negative; every unit supplied has to
arrive. All solvers return an optimal whole flow; which one, where several tie, is their own affair (see `ties`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pylmcf  # type: ignore[import-untyped]
from scipy.sparse import csr_array

from matching.errors import SolverFailed
from matching.facts import Ints

LARGEST_SUM = 2**62
"""Sums of costs along a path beyond this could overflow a compiled solver."""


@dataclass(frozen=True)
class Network:
    """Arcs with capacities and costs, and the supply of each node (negative where it demands). Supplies sum to 0."""

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints

    @property
    def fits_64_bits(self) -> bool:
        """Whether no potential can leave 64-bit integers."""
        greatest = int(self.cost.max(initial=0)) + 1
        return greatest * (len(self.supply) + 1) < LARGEST_SUM


class NoFlow(Exception):
    """The supplies cannot be brought to the demands within the capacities."""


FlowSolver = Callable[[Network], Ints]
"""Flow of each arc. Raises NoFlow, or SolverFailed."""


def minimum_cost_flow(network: Network) -> Ints:
    """The default: LEMON's network simplex, or networkx in integers of any size where costs are too large for it."""
    return by_lemon(network) if network.fits_64_bits else by_networkx(network)


def by_lemon(network: Network) -> Ints:
    """LEMON's network simplex, through pylmcf."""
    graph = pylmcf.Graph(len(network.supply), network.tail.astype(np.int32), network.head.astype(np.int32))
    graph.set_node_supply(network.supply)
    graph.set_edge_capacities(network.capacity)
    graph.set_edge_costs(network.cost)
    try:
        graph.solve()
    except RuntimeError as error:
        if "INFEASIBLE" in str(error):
            raise NoFlow from error
        raise SolverFailed(str(error)) from error
    return np.asarray(graph.result(), dtype=np.int64)


def by_networkx(network: Network) -> Ints:
    """networkx's network simplex: slow, pure Python, in integers of any size."""
    import networkx  # here, because few problems need it and every command would wait for it

    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph()
    for node, supply in enumerate(network.supply.tolist()):
        graph.add_node(node, demand=-supply)
    arcs = zip(*(part.tolist() for part in (network.tail, network.head, network.capacity, network.cost)), strict=True)
    for number, (tail, head, capacity, cost) in enumerate(arcs):
        graph.add_edge(tail, head, key=number, capacity=capacity, weight=cost)
    try:
        _, flow = networkx.network_simplex(graph)
    except networkx.NetworkXUnfeasible as error:
        raise NoFlow from error
    result = np.zeros(len(network.tail), dtype=np.int64)
    for heads in flow.values():
        for arcs_between in heads.values():
            for number, units in arcs_between.items():
                result[number] = units
    return result


def by_highs(network: Network) -> Ints:
    """HiGHS's dual simplex, through scipy. It ends at a vertex, which is whole; rounding removes its float noise."""
    from scipy.optimize import linprog  # here for the same reason as networkx

    n_arcs, arcs = len(network.tail), np.arange(len(network.tail))
    ones = np.ones(n_arcs)
    balance = csr_array(
        (np.concatenate([ones, -ones]), (np.concatenate([network.tail, network.head]), np.concatenate([arcs, arcs]))),
        shape=(len(network.supply), n_arcs),
    )
    if n_arcs == 0:
        if network.supply.any():
            raise NoFlow
        return np.zeros(0, dtype=np.int64)
    bounds = [(0.0, float(capacity)) for capacity in network.capacity.tolist()]
    # The stubs of scipy know dense matrices only.
    answer = linprog(network.cost, A_eq=balance, b_eq=network.supply, bounds=bounds, method="highs-ds")  # type: ignore[call-overload]
    if answer.status == 2:
        raise NoFlow
    if not answer.success:
        raise SolverFailed(answer.message)
    return np.asarray(np.rint(answer.x), dtype=np.int64)
