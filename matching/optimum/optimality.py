"""What proves a flow optimal, and what that leaves open: potentials, reduced costs, cycles that cost nothing."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import Bools, Ints
from matching.errors import SolverFailed
from matching.optimum.network import Flow, Network


def proof(network: Network, flow: Flow) -> tuple[Ints, Ints]:
    """Potentials that prove a flow optimal, the solver's where they do, and the reduced costs under them.

    Raises SolverFailed where there are none, as the flow is then not optimal.
    """
    if flow.potential is not None:
        reduced = network.cost + flow.potential[network.tail] - flow.potential[network.head]
        wrong = (reduced < 0) & (flow.units < network.capacity) | (reduced > 0) & (flow.units > network.least)
        if not wrong.any():
            return flow.potential, reduced
    potential = potentials(network, flow.units)
    return potential, network.cost + potential[network.tail] - potential[network.head]


def potentials(network: Network, units: Ints) -> Ints:
    """The greatest potentials, none above 0, under which no residual arc has negative reduced cost.

    Bellman-Ford, all arcs at once. All optimal flows have the same ones. Raises SolverFailed where there are none, as
    the flow is then not optimal.
    """
    forward, backward = units < network.capacity, units > network.least
    cost = network.cost if network.fits_64_bits else network.cost.astype(object)
    tail = np.concatenate([network.tail[forward], network.head[backward]])
    head = np.concatenate([network.head[forward], network.tail[backward]])
    length = np.concatenate([cost[forward], -cost[backward]])
    return greatest_potentials(network.n_nodes, tail, head, length)


def greatest_potentials(n_nodes: int, tail: Ints, head: Ints, length: Ints) -> Ints:
    """The greatest potentials, none above 0, that no arc undercuts; SolverFailed where a cycle has negative length."""
    order = np.argsort(head, kind="stable")
    tail, head, length = tail[order], head[order], length[order]
    first = np.flatnonzero(np.diff(head, prepend=-1))
    potential = np.zeros(n_nodes, dtype=length.dtype)
    for _ in range(n_nodes + 1):
        shortest = np.minimum.reduceat(potential[tail] + length, first) if len(first) else potential[:0]
        nearer = shortest < potential[head[first]]
        if not nearer.any():
            return potential
        potential[head[first][nearer]] = shortest[nearer]
    raise SolverFailed("the solver's flow is not optimal: its residual network has a negative cycle")


def on_cycles(network: Network, units: Ints, tight: Bools) -> Ints:
    """The tight arcs in parts of the tight residual network that have cycles: others cannot change in optimal flows.

    There are none exactly where the flow is unique. An arc between its bounds can be used both ways, which alone is no
    cycle; so a strongly connected part has one if and only if it has at least as many arcs as nodes.
    """
    arcs = np.flatnonzero(tight)
    tail, head, through = network.tail[arcs], network.head[arcs], units[arcs]
    least = network.least if network.minimum is None else network.minimum[arcs]
    more, less = through < network.capacity[arcs], through > least
    start, end = np.concatenate([tail[more], head[less]]), np.concatenate([head[more], tail[less]])
    residual = csr_array(
        (np.ones(len(start)), (start.astype(np.int32), end.astype(np.int32))), shape=(network.n_nodes,) * 2
    )
    n_parts, part = connected_components(residual, directed=True, connection="strong")
    inside = part[tail] == part[head]
    n_arcs = np.bincount(part[tail[inside]], minlength=n_parts)
    n_nodes = np.bincount(part, minlength=n_parts)
    on_cycle: Ints = arcs[inside & (n_arcs >= n_nodes)[part[tail]]]
    return on_cycle


def left_open(network: Network, units: Ints, levels: Sequence[Ints], potentials: Sequence[Ints]) -> Bools | None:
    """The arcs that other flows as good at every level may use otherwise; None where the potentials do not prove it.

    Potentials of a level have to prove the units on the arcs that the levels before leave open.
    """
    is_open = np.asarray(network.capacity > network.least, dtype=bool)
    more, less = units < network.capacity, units > network.least
    for cost, potential in zip(levels, potentials, strict=True):
        reduced = cost + potential[network.tail] - potential[network.head]
        if (is_open & ((reduced < 0) & more | (reduced > 0) & less)).any():
            return None
        is_open &= reduced == 0
    return is_open
