"""The canonical optimum: of all optimal flows, the one that every solver, machine and input order arrives at.

Optimal flows are many and solvers pick different ones. By complementary slackness the optimal flows are exactly the
feasible ones that keep every arc of non-zero reduced cost where it is, whichever optimal potentials are used. So those
arcs are fixed, and on the arcs left the next cost is minimised; and so on, until no cycle is left to choose by. Costs
that mean something come first, each a level of the objective; then keys, drawn as often as it takes.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.errors import SolverFailed
from matching.flow import Flow, FlowSolver, Network
from matching.model import Bools, Ints


@dataclass(frozen=True)
class Optimum:
    """An optimal flow, and potentials that prove each level of it on the arcs that the level before left open."""

    units: Ints
    potentials: tuple[Ints, ...]


@dataclass(frozen=True)
class Pieces:
    """Parts of arcs that ties are broken by: each arc whole, or cut into pieces that are told apart.

    ``arc`` says by position which arc each is a piece of, in ascending order; pieces of an arc have its capacity
    together. ``key(level)`` is what a unit of each costs at a level, 0, 1, 2, …; whole, not negative. Where the keys
    of a level fill the pieces of an arc one after the other, how they are cut changes no flow. An arc with a minimum
    stays whole.
    """

    arc: Ints
    capacity: Ints
    key: Callable[[int], Ints]


Cut = Callable[[Ints], Pieces]
"""Cuts the arcs at some positions of a network into pieces; their ``arc`` is a position among those given."""


def lexicographic(network: Network, levels: Sequence[Ints], solver: FlowSolver) -> Optimum:
    """An optimal flow by the costs of each level in turn, whichever of them the solver finds.

    Raises NoFlow where there is none, and SolverFailed where the solver's answer proves not to be an optimum.
    """
    return _Stage.whole(network).through(levels, solver)[0]


def canonical(network: Network, levels: Sequence[Ints], cut: Cut, solver: FlowSolver) -> Optimum:
    """The optimal flow by the costs of each level in turn that is least by the keys of each tie level in turn.

    Raises NoFlow where there is none, and SolverFailed where the solver's answer proves not to be an optimum.
    """
    optimum, tight = _Stage.whole(network).through(levels, solver)
    left = on_cycles(network, optimum.units, tight)
    if not len(left):
        return optimum
    pieces = cut(left)
    stage = _Stage.of_pieces(network, optimum.units, left, pieces)
    units, arc = np.zeros(len(left), dtype=np.int64), pieces.arc
    chosen = np.arange(len(arc))
    for level in count():
        flow, tight = stage.solved(pieces.key(level)[chosen], solver)
        left_pieces = on_cycles(stage.network, flow.units, tight)
        open_pieces = np.zeros(len(chosen), dtype=bool)
        open_pieces[left_pieces] = True
        np.add.at(units, arc[chosen[~open_pieces]], flow.units[~open_pieces])
        if not len(left_pieces):
            break
        chosen = chosen[left_pieces]
        stage = stage.part(flow.units, left_pieces)
    total = optimum.units.copy()
    total[left] = units
    return Optimum(total, optimum.potentials)


def canonical_flow(network: Network, keys: Callable[[int], Ints], solver: FlowSolver) -> Ints:
    """The canonical flow of a network with one objective, by keys of whole arcs."""

    def whole(arcs: Ints) -> Pieces:
        return Pieces(np.arange(len(arcs)), network.capacity[arcs], lambda level: keys(level)[arcs])

    return canonical(network, [network.cost], whole, solver).units


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


@dataclass(frozen=True)
class _Stage:
    """The arcs still open: ``network`` is between the nodes that they touch, ``node`` says which those are."""

    network: Network
    arc: Ints
    node: Ints
    n_nodes: int

    @classmethod
    def whole(cls, network: Network) -> "_Stage":
        return cls(network, np.arange(len(network.tail)), np.arange(network.n_nodes), network.n_nodes)

    @classmethod
    def of_pieces(cls, network: Network, units: Ints, arcs: Ints, pieces: Pieces) -> "_Stage":
        """The stage of pieces of some arcs of a network, to carry what those arcs carry now."""
        opened = cls.whole(network).part(units, arcs)
        cut = opened.network
        minimum = None if cut.minimum is None else cut.minimum[pieces.arc]
        fine = Network(
            cut.tail[pieces.arc], cut.head[pieces.arc], pieces.capacity, pieces.capacity, cut.supply, minimum
        )
        return cls(fine, np.arange(len(pieces.arc)), opened.node, opened.n_nodes)

    def part(self, units: Ints, arcs: Ints) -> "_Stage":
        """The stage of some arcs alone, to carry what they carry now; all others are fixed."""
        network = self.network
        tail, head = network.tail[arcs], network.head[arcs]
        touched = np.zeros(network.n_nodes, dtype=bool)
        touched[tail] = touched[head] = True
        number = np.cumsum(touched) - 1
        node = np.flatnonzero(touched)
        minimum = None if network.minimum is None else network.minimum[arcs]
        part = Network(
            number[tail], number[head], network.capacity[arcs], network.cost[arcs], np.zeros(len(node), dtype=np.int64)
        )
        part = replace(part, supply=part.excess(units[arcs]), minimum=minimum)
        return _Stage(part, self.arc[arcs], self.node[node], self.n_nodes)

    def solved(self, cost: Ints, solver: FlowSolver) -> tuple[Flow, Bools]:
        """A cheapest flow, with its potentials, and the arcs that other cheapest flows may use otherwise."""
        network = replace(self.network, cost=cost)
        flow = solver(network)
        potential, reduced = proof(network, flow)
        return Flow(flow.units, potential), np.asarray((reduced == 0) & (network.capacity > network.least), dtype=bool)

    def through(self, levels: Sequence[Ints], solver: FlowSolver) -> tuple[Optimum, Bools]:
        """An optimum of all levels, and the arcs left open by them."""
        stage, potentials = self, []
        units = np.zeros(len(self.arc), dtype=np.int64)
        open_arcs = np.ones(len(self.arc), dtype=bool)
        for number, cost in enumerate(levels):
            flow, tight = stage.solved(cost[stage.arc], solver)
            units[stage.arc] = flow.units
            assert flow.potential is not None
            potential = np.zeros(self.n_nodes, dtype=flow.potential.dtype)
            potential[stage.node] = flow.potential
            potentials.append(potential)
            open_arcs = np.zeros(len(self.arc), dtype=bool)
            open_arcs[stage.arc[tight]] = True
            if number + 1 < len(levels):
                stage = stage.part(flow.units, np.flatnonzero(tight))
        return Optimum(units, tuple(potentials)), open_arcs


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
    order = np.argsort(head, kind="stable")
    tail, head, length = tail[order], head[order], length[order]
    first = np.flatnonzero(np.diff(head, prepend=-1))
    potential = np.zeros(network.n_nodes, dtype=cost.dtype)
    for _ in range(network.n_nodes + 1):
        shortest = np.minimum.reduceat(potential[tail] + length, first) if len(first) else potential[:0]
        nearer = shortest < potential[head[first]]
        if not nearer.any():
            return potential
        potential[head[first][nearer]] = shortest[nearer]
    raise SolverFailed("the solver's flow is not optimal: its residual network has a negative cycle")


def on_cycles(network: Network, units: Ints, tight: Bools) -> Ints:
    """The tight arcs whose units another optimal flow may change: those on cycles of the tight residual network.

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
    return arcs[inside & (n_arcs >= n_nodes)[part[tail]]]
