"""Exact minimum-cost flow behind one signature, by whichever library is best at it.

All solvers return an optimal whole flow; which one, where several tie, is their own affair (see `ties`).
"""

from dataclasses import replace

import numpy as np
import pylmcf  # type: ignore[import-untyped]
from scipy.sparse import csr_array

from matching.arrays import Bools
from matching.errors import SolverFailed
from matching.optimum.network import LARGEST_SUM, Flow, FlowSolver, Network, NoFlow
from matching.optimum.pricing import by_pricing

FEW_COSTS = 256
"""Costs from 0 up to this are few."""

MANY_ARCS = 16
"""More arcs than this for each node are many."""

MOST_ARCS_AT_ONCE = 4_000_000
"""With fewer arcs than this it takes longer to leave most of them out."""


def minimum_cost_flow(network: Network) -> Flow:
    """The default: LEMON's network simplex, on few arcs where they are many, by digits where costs are too large."""
    if not network.fits_64_bits:
        return by_digits(network)
    if len(network.tail) < max(MOST_ARCS_AT_ONCE, MANY_ARCS * network.n_nodes):
        return by_lemon(network)
    flow = by_pricing(network.beyond_minimum(), by_lemon)
    return replace(flow, units=flow.units + network.least)


def gives_potentials(solver: FlowSolver) -> bool:
    """Whether a solver gives potentials with its flows, and is exact for costs of up to 62 bits."""
    return solver in (by_lemon, minimum_cost_flow)


def by_lemon(network: Network) -> Flow:
    """LEMON's network simplex, through pylmcf."""
    beyond = network.beyond_minimum()
    graph = _lemon_graph(beyond)
    graph.set_pivot_rule(_pivot_rule(beyond))
    graph.set_edge_costs(beyond.cost)
    try:
        graph.solve()
    except RuntimeError as error:
        if "INFEASIBLE" in str(error):
            raise NoFlow from error
        raise SolverFailed(str(error)) from error
    return Flow(graph.result() + network.least, graph.raw_potentials())


def _pivot_rule(network: Network) -> str:
    """The faster rule, as measured: candidate lists take half the time of block search, LEMON's own choice, or so.

    But block search does where arcs are many for each node, or where what most units cost differs and most have to end
    at nodes with a demand of their own.
    """
    demand = -network.supply[network.supply < 0]
    spread = 2 * int(demand.max(initial=0)) < int(demand.sum()) and int(network.cost.max(initial=0)) >= FEW_COSTS
    return "block_search" if spread or len(network.tail) > MANY_ARCS * network.n_nodes else "candidate_list"


def by_digits(network: Network) -> Flow:
    """LEMON's network simplex for costs of any size: by their leading digits first, then on the arcs left undecided.

    Potentials of the leading digits leave out less than one unit of them for each arc of a circle. So an arc whose
    reduced cost is more than that much for each node carries in all optimal flows what it carries now. [1]_

    .. [1] É. Tardos, *A strongly polynomial minimum cost circulation algorithm*, Combinatorica 5 (1985).
    """
    beyond = network.beyond_minimum()
    n_nodes, tail, head, capacity = beyond.n_nodes, beyond.tail, beyond.head, beyond.capacity
    width = LARGEST_SUM.bit_length() - 2 - (n_nodes + 1).bit_length()
    dropped = max(int(beyond.cost.max(initial=0)).bit_length() - width, 0)
    leading = by_lemon(replace(beyond, cost=(beyond.cost >> dropped).astype(np.int64)))
    assert leading.potential is not None
    potential = leading.potential.astype(object) << dropped
    reduced = beyond.cost + potential[tail] - potential[head]
    arcs = np.flatnonzero(np.abs(reduced) <= n_nodes << dropped)
    # The solver wants costs that are not negative: an arc that has one is turned round, and says what is left to carry.
    turned = np.asarray(reduced[arcs] < 0, dtype=bool)
    anew, full = np.zeros_like(leading.units), np.zeros_like(leading.units)
    anew[arcs], full[arcs[turned]] = leading.units[arcs], capacity[arcs[turned]]
    start, end = np.where(turned, head[arcs], tail[arcs]), np.where(turned, tail[arcs], head[arcs])
    order = np.lexsort((end, start))
    cost = np.abs(reduced[arcs][order])
    if int(cost.max(initial=0)) < LARGEST_SUM:
        cost = cost.astype(np.int64)
    supply = beyond.excess(anew) - beyond.excess(full)
    rest = minimum_cost_flow(Network(start[order], end[order], capacity[arcs][order], cost, supply))
    assert rest.potential is not None
    found = np.empty_like(arcs)
    found[order] = rest.units
    units = leading.units.copy()
    units[arcs] = np.where(turned, capacity[arcs] - found, found)
    return Flow(units + network.least, potential + rest.potential)


def infeasibility_cut(network: Network) -> Bools | None:
    """Nodes that have to send out more than the arcs that leave them can carry; None where a flow exists.

    Raises NoFlow where a capacity is below its minimum.
    """
    cut = _lemon_graph(network.beyond_minimum()).infeasibility_cut()
    return None if cut is None else np.asarray(cut, dtype=bool)


def _lemon_graph(network: Network) -> pylmcf.Graph:
    graph = pylmcf.Graph(network.n_nodes, network.tail.astype(np.int32), network.head.astype(np.int32))
    graph.set_node_supply(network.supply)
    graph.set_edge_capacities(network.capacity)
    return graph


def by_networkx(network: Network) -> Flow:
    """networkx's network simplex: slow, pure Python, in integers of any size."""
    import networkx  # here, because few problems need it and every command would wait for it

    beyond = network.beyond_minimum()
    graph: networkx.MultiDiGraph[int] = networkx.MultiDiGraph()
    for node, supply in enumerate(beyond.supply.tolist()):
        graph.add_node(node, demand=-supply)
    arcs = zip(*(part.tolist() for part in (beyond.tail, beyond.head, beyond.capacity, beyond.cost)), strict=True)
    for number, (tail, head, capacity, cost) in enumerate(arcs):
        graph.add_edge(tail, head, key=number, capacity=capacity, weight=cost)
    try:
        _, flow = networkx.network_simplex(graph)
    except networkx.NetworkXUnfeasible as error:
        raise NoFlow from error
    units = np.zeros(len(network.tail), dtype=np.int64)
    for heads in flow.values():
        for arcs_between in heads.values():
            for number, through in arcs_between.items():
                units[number] = through
    return Flow(units + network.least)


def by_highs(network: Network) -> Flow:
    """HiGHS's dual simplex, through scipy. It ends at a vertex, which is whole; rounding removes its float noise."""
    from scipy.optimize import linprog  # here for the same reason as networkx

    beyond = network.beyond_minimum()
    n_arcs, arcs = len(network.tail), np.arange(len(network.tail))
    ones = np.ones(n_arcs)
    balance = csr_array(
        (np.concatenate([ones, -ones]), (np.concatenate([network.tail, network.head]), np.concatenate([arcs, arcs]))),
        shape=(network.n_nodes, n_arcs),
    )
    if n_arcs == 0:
        if network.supply.any():
            raise NoFlow
        return Flow(np.zeros(0, dtype=np.int64))
    bounds = np.stack([np.zeros(n_arcs), beyond.capacity.astype(float)], axis=1)
    # The stubs of scipy know dense matrices only.
    answer = linprog(network.cost, A_eq=balance, b_eq=beyond.supply, bounds=bounds, method="highs-ds")  # type: ignore[call-overload]
    if answer.status == 2:
        raise NoFlow
    if not answer.success:
        raise SolverFailed(answer.message)
    return Flow(np.asarray(np.rint(answer.x), dtype=np.int64) + network.least)


def by_ortools(network: Network) -> Flow:
    """OR-Tools' SimpleMinCostFlow, an optional dependency."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # type: ignore[import-not-found,import-untyped,unused-ignore]

    beyond = network.beyond_minimum()
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(beyond.tail, beyond.head, beyond.capacity, beyond.cost)
    flow.set_nodes_supplies(np.arange(network.n_nodes), beyond.supply)
    status = flow.solve()
    if status == flow.INFEASIBLE:
        raise NoFlow
    if status != flow.OPTIMAL:
        raise SolverFailed(f"OR-Tools ends with {status}")
    return Flow(np.asarray(flow.flows(arcs), dtype=np.int64) + network.least)
