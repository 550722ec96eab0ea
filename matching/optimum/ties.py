"""The canonical optimum: of all optimal flows, the one that every solver, machine and input order arrives at.

Optimal flows are many and solvers pick different ones. By complementary slackness the optimal flows are exactly the
feasible ones that keep every arc of non-zero reduced cost where it is, whichever optimal potentials are used. So those
arcs are fixed, and on the arcs left the next cost is minimised; and so on, until no cycle is left to choose by. Costs
that mean something come first, each a level of the objective; then what ties are broken by (`Ties`).

A solver that gives potentials does several levels at once (`joining`), and starts from a flow that is nearly the one
looked for (`_moved`). Both are proved by the potentials that come out, and end where doing one level after the other
does.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Bools, Ints
from matching.errors import SolverFailed
from matching.optimum.flow import gives_potentials
from matching.optimum.joining import join
from matching.optimum.network import FlowSolver, Network
from matching.optimum.optimality import left_open, on_cycles, proof

LEVELS = 64
"""So often keys are drawn. The keys along a cycle add up to nothing at one level in thousands, so few are ever needed;
only where lots are the same, so that keys are too at every level, would there be no end."""


@dataclass(frozen=True)
class Optimum:
    """An optimal flow, and potentials that prove each level of it on the arcs that the level before left open."""

    units: Ints
    potentials: tuple[Ints, ...]


@dataclass(frozen=True)
class Pieces:
    """Arcs cut into pieces that are told apart: ``arc`` is the position of each one's arc, in ascending order.

    ``capacity`` of the pieces of an arc is its own together. Their ``cost`` is what fills them one after the other, so
    that how they are cut changes no flow: at least 1 for arcs that are cut, if only into one (``is_cut``), and 0 for
    those that are not. Arcs with a minimum stay whole.
    """

    arc: Ints
    capacity: Ints
    cost: Ints
    is_cut: Bools


class Ties(Protocol):
    """What decides between flows that are equally good: costs of arcs, whole and not negative, in this order."""

    def first(self) -> Ints:
        """Costs of all arcs."""
        ...

    def pieces(self, arcs: Ints) -> Pieces:
        """Costs of pieces of the arcs at some positions; ``Pieces.arc`` is a position among those."""
        ...

    def drawn(self, level: int) -> Ints:
        """Keys of all arcs, drawn anew at each level from 0."""
        ...


def lexicographic(network: Network, levels: Sequence[Ints], solver: FlowSolver) -> Optimum:
    """An optimal flow by the costs of each level in turn, whichever of them the solver finds.

    Raises NoFlow where there is none, and SolverFailed where the solver's answer proves not to be an optimum.
    """
    found = _solved(network, levels, solver)
    return Optimum(found.units, found.potentials)


def canonical(network: Network, levels: Sequence[Ints], ties: Ties, solver: FlowSolver) -> Optimum:
    """The optimal flow by the costs of each level in turn on which the ties settle.

    Raises NoFlow where there is none, and SolverFailed where the solver's answer proves not to be an optimum.
    """
    first, drawn = ties.first(), ties.drawn(0)
    found = _solved(network, [*levels, first, drawn], solver)
    optimum = Optimum(found.units, found.potentials[: len(levels)])
    before_drawn = left_open(network, found.units, [*levels, first], found.potentials[:-1])
    assert before_drawn is not None, "proved already"
    arcs = on_cycles(network, found.units, before_drawn)
    if not len(arcs):
        return optimum
    pieces = ties.pieces(arcs)
    stage, node = part(network, arcs, found.units)
    cut = _cut(stage, pieces)
    settled = None
    if gives_potentials(solver):
        settled = _moved(stage, pieces, found.units[arcs], drawn[arcs], found.potentials[-1][node], solver)
    if settled is None:
        settled = _solved(cut, [pieces.cost, drawn[arcs][pieces.arc]], solver)
    units = _settled(cut, settled, lambda level: ties.drawn(level + 1)[arcs][pieces.arc], solver)
    total = found.units.copy()
    total[arcs] = 0
    np.add.at(total, arcs[pieces.arc], units)
    return replace(optimum, units=total)


def canonical_flow(network: Network, keys: Callable[[int], Ints], solver: FlowSolver) -> Ints:
    """The canonical flow of a network with one objective, by the keys of its arcs at each level from 0."""
    return _settled(network, _solved(network, [network.cost], solver), keys, solver)


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


class _Solved(NamedTuple):
    """Units optimal by several levels, their potentials, and the arcs that are still open."""

    units: Ints
    potentials: tuple[Ints, ...]
    is_open: Bools


def _solved(network: Network, levels: Sequence[Ints], solver: FlowSolver) -> _Solved:
    """The levels at once, where the solver gives potentials that prove them; else one after the other."""
    joined = join(levels, network.n_nodes) if len(levels) > 1 and gives_potentials(solver) else None
    if joined is not None:
        flow = solver(replace(network, cost=joined.cost))
        if flow.potential is not None:
            potentials = joined.split(flow.potential)
            is_open = left_open(network, flow.units, levels, potentials)
            if is_open is not None:
                return _Solved(flow.units, potentials, is_open)
    return _one_by_one(network, levels, solver)


def _one_by_one(network: Network, levels: Sequence[Ints], solver: FlowSolver) -> _Solved:
    """The first level, then the others on the arcs that it leaves open."""
    stage = replace(network, cost=levels[0])
    flow = solver(stage)
    potential, reduced = proof(stage, flow)
    is_open = np.asarray((reduced == 0) & (network.capacity > network.least), dtype=bool)
    if len(levels) == 1:
        return _Solved(flow.units, (potential,), is_open)
    arcs = np.flatnonzero(is_open)
    stage, node = part(network, arcs, flow.units)
    rest = _one_by_one(stage, [cost[arcs] for cost in levels[1:]], solver)
    units, still_open = flow.units.copy(), np.zeros(len(is_open), dtype=bool)
    units[arcs], still_open[arcs] = rest.units, rest.is_open
    potentials = []
    for of_part in rest.potentials:
        of_all = np.zeros(network.n_nodes, dtype=of_part.dtype)
        of_all[node] = of_part
        potentials.append(of_all)
    return _Solved(units, (potential, *potentials), still_open)


def _settled(network: Network, solved: _Solved, keys: Callable[[int], Ints], solver: FlowSolver) -> Ints:
    """The units, once keys have been drawn until nothing is left open; SolverFailed where they settle nothing."""
    units, is_open = solved.units.copy(), solved.is_open
    for level in range(LEVELS):
        arcs = on_cycles(network, units, is_open)
        if not len(arcs):
            return units
        stage, _ = part(network, arcs, units)
        next_one = _solved(stage, [keys(level)[arcs]], solver)
        is_open = np.zeros(len(units), dtype=bool)
        units[arcs], is_open[arcs] = next_one.units, next_one.is_open
    raise SolverFailed(
        f"lots drawn {LEVELS} times leave {len(arcs)} arcs alike: some must have been given the same lot"
    )


def part(network: Network, arcs: Ints, units: Ints) -> tuple[Network, Ints]:
    """Some arcs of a network alone, to carry what they carry now; and the nodes that they touch: those of the part."""
    tail, head = network.tail[arcs], network.head[arcs]
    touched = np.zeros(network.n_nodes, dtype=bool)
    touched[tail] = touched[head] = True
    number, node = np.cumsum(touched) - 1, np.flatnonzero(touched)
    minimum = None if network.minimum is None else network.minimum[arcs]
    alone = Network(
        number[tail], number[head], network.capacity[arcs], network.cost[arcs], np.zeros_like(node), minimum
    )
    return replace(alone, supply=alone.excess(units[arcs])), node


def _cut(network: Network, pieces: Pieces) -> Network:
    minimum = None if network.minimum is None else network.minimum[pieces.arc]
    return Network(
        network.tail[pieces.arc], network.head[pieces.arc], pieces.capacity, pieces.cost, network.supply, minimum
    )


def _moved(network: Network, pieces: Pieces, units: Ints, key: Ints, price: Ints, solver: FlowSolver) -> _Solved | None:
    """The optimum by pieces, then keys, reached from one by keys alone, which ``price`` proves; None if unproved.

    What has to flow anew are the units of arcs that are cut. The others move along residual arcs, both ways, at reduced
    costs, which are not negative: so few units flow, and the solver starts where nearly nothing is left to do.
    """
    reduced = key + price[network.tail] - price[network.head]
    whole = np.ones(len(units), dtype=bool)
    whole[pieces.arc[pieces.is_cut]] = False
    more = np.flatnonzero(whole & (units < network.capacity))
    less = np.flatnonzero(whole & (units > network.least))
    of_cut = pieces.arc[pieces.is_cut]
    tail = np.concatenate([network.tail[more], network.head[less], network.tail[of_cut]])
    head = np.concatenate([network.head[more], network.tail[less], network.head[of_cut]])
    least = np.broadcast_to(network.least, units.shape)
    room = [network.capacity[more] - units[more], units[less] - least[less], pieces.capacity[pieces.is_cut]]
    cost = np.concatenate([np.zeros(len(more) + len(less), dtype=np.int64), pieces.cost[pieces.is_cut]])
    joined = join([cost, np.concatenate([reduced[more], -reduced[less], reduced[of_cut]])], network.n_nodes)
    if joined is None:
        return None
    order = np.argsort(tail * network.n_nodes + head)
    supply = replace(network, minimum=None).excess(np.where(whole, 0, units))
    residual = Network(tail[order], head[order], np.concatenate(room)[order], joined.cost[order], supply)
    flow = solver(residual)
    if flow.potential is None:
        return None
    moved = np.empty(len(order), dtype=np.int64)
    moved[order] = flow.units
    forth, back, anew = np.split(moved, [len(more), len(more) + len(less)])
    change = units.copy()
    change[more] += forth
    change[less] -= back
    result = change[pieces.arc]
    result[pieces.is_cut] = anew
    by_piece, by_key = joined.split(flow.potential)
    potentials = (by_piece, price + by_key)
    is_open = left_open(_cut(network, pieces), result, [pieces.cost, key[pieces.arc]], potentials)
    return None if is_open is None else _Solved(result, potentials, is_open)
