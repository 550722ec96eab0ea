"""What a good choice leaves to decide: arcs and needs that cost more to change than it is worth are taken out.

The gap is between the cost of the choice's flow and the bound that prices prove. What is left of the network falls into
pieces that share nothing but the sink, and of a best flow each piece costs no more than the choice's. So each piece has
a gap of its own, with which more is taken out; and so on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import Bools, Ints
from matching.conditions.conditioned import Conditioned, Needs, Priced
from matching.conditions.parts import Choice, Part
from matching.optimum.network import Network


@dataclass(frozen=True)
class Piece:
    """A part of a network that can be solved alone; ``arc`` says where each of its arcs stands in the whole."""

    conditioned: Conditioned
    arc: Ints


@dataclass(frozen=True)
class Reduced:
    """All flows as good as a choice's: needs ``settled`` to be served, or not, and pieces that have others.

    Each arc has at least ``least`` units.
    """

    settled: Choice
    least: Ints
    pieces: tuple[Piece, ...]


def reduced(priced: Priced, known: Priced) -> Reduced:
    """What is left, at some prices, within the gap to the flow of a choice."""
    of = priced.of
    gaps = _gaps(priced, known, np.zeros(of.network.n_nodes, dtype=np.int64))
    while True:
        fixed = _fixed(priced, gaps)
        least, most = _affordable(priced, fixed, gaps)
        piece = _pieces(of, most > least)
        smaller = _gaps(priced, known, piece)
        if (smaller == gaps).all():
            return Reduced(fixed, least, tuple(_cut(of, fixed, least, most, piece)))
        gaps = smaller


def unreduced(of: Conditioned) -> Reduced:
    """The pieces of a whole network."""
    capacity = of.network.capacity
    least = np.zeros_like(capacity)
    return Reduced(of.fixed, least, tuple(_cut(of, of.fixed, least, capacity, _pieces(of, capacity > 0))))


def _gaps(priced: Priced, known: Priced, piece: Ints) -> Ints:
    """What the known flow costs beyond the bound, in the piece of each node."""
    of, rate = priced.of, priced.reduced_cost
    arc = of.others
    off = np.where(rate[arc] > 0, known.flow[arc], known.flow[arc] - of.network.capacity[arc])
    gap = np.zeros(int(piece.max(initial=0)) + 1, dtype=rate.dtype)
    np.add.at(gap, piece[of.network.tail[arc]], rate[arc] * off)
    paying = Priced(of, priced.fixed, known.flow, priced.potential)
    for part in of.parts:
        node = of.needs.node[of.place_of[part.needs[0]]]
        gap[piece[node]] += paying.paid(part) - priced.least(part, of.fixed)
    return gap[piece]


def _fixed(priced: Priced, gaps: Ints) -> dict[int, bool]:
    """Needs that are served, or not, in every flow within the gaps."""
    of = priced.of
    fixed = dict(of.fixed)
    for part in of.parts:
        most = priced.least(part, of.fixed) + int(gaps[of.needs.node[of.place_of[part.needs[0]]]])
        for need in part.needs:
            for served in (True, False):
                if need not in fixed and priced.least(part, {**of.fixed, need: served}) > most:
                    fixed[need] = not served
    return fixed


def _affordable(priced: Priced, fixed: Choice, gaps: Ints) -> tuple[Ints, Ints]:
    """The least and the most units of each arc in any flow within the gaps."""
    of, rate = priced.of, priced.reduced_cost
    network = of.under(fixed)
    gap = gaps[network.tail]
    least, most = np.zeros_like(network.capacity), network.capacity.copy()
    dear, cheap = of.others[rate[of.others] > 0], of.others[rate[of.others] < 0]
    most[dear] = np.minimum(most[dear], gap[dear] // rate[dear]).astype(np.int64)
    least[cheap] = np.maximum(0, most[cheap] - gap[cheap] // -rate[cheap]).astype(np.int64)
    left = np.zeros(len(of.needs.need), dtype=rate.dtype)
    for part in of.parts:
        for need in part.needs:
            if fixed.get(need, True):  # of a need that is not served no cell is open anyway
                at = of.place_of[need]
                paid = priced.least(part, {**of.fixed, need: True}) - priced.least(part, of.fixed)
                left[at] = gaps[of.needs.node[at]] - paid
    place = of.cells.place
    over = rate[of.cells.arc] - priced.filled.dearest[place] > left[place]
    most[of.cells.arc[over]] = 0
    return least, most


def _pieces(of: Conditioned, open_arcs: Bools) -> Ints:
    """The piece of each node: joined are nodes of open arcs, but not through a sink, and the needs of a part."""
    network = of.network
    arcs = np.flatnonzero(open_arcs)
    arcs = arcs[_leads_on(network)[network.head[arcs]]]
    nodes = [of.needs.node[[of.place_of[need] for need in part.needs]] for part in of.parts]
    first = [np.broadcast_to(of_part[0], of_part.shape) for of_part in nodes]
    one, other = np.concatenate([network.tail[arcs], *first]), np.concatenate([network.head[arcs], *nodes])
    joined = csr_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(network.n_nodes,) * 2)
    return connected_components(joined, directed=False)[1].astype(np.int64)


def _leads_on(network: Network) -> Bools:
    """Which nodes have arcs that leave them: all but the sink."""
    return np.asarray(np.bincount(network.tail, minlength=network.n_nodes) > 0, dtype=bool)


def _cut(of: Conditioned, fixed: Choice, least: Ints, most: Ints, piece: Ints) -> Iterator[Piece]:
    """The pieces that have needs which are not fixed."""
    network, needs = of.network, of.needs
    supply = network.supply - network.excess(least)
    open_arcs, leads_on = most > least, _leads_on(network)
    open_arcs[needs.unserved] = True
    parts_of: dict[int, list[Part]] = {}
    for part in of.parts:
        parts_of.setdefault(int(piece[needs.node[of.place_of[part.needs[0]]]]), []).append(part)
    by_piece = np.flatnonzero(open_arcs)
    by_piece = by_piece[np.argsort(piece[network.tail[by_piece]], kind="stable")]
    piece_of_arc = piece[network.tail[by_piece]]
    for number, parts in sorted(parts_of.items()):
        if all(need in fixed for part in parts for need in part.needs):
            continue
        first, end = np.searchsorted(piece_of_arc, [number, number + 1])
        arcs = by_piece[first:end]
        nodes = np.unique(np.concatenate([network.tail[arcs], network.head[arcs]]))
        tail, head = np.searchsorted(nodes, network.tail[arcs]), np.searchsorted(nodes, network.head[arcs])
        own = supply[nodes]
        # A shut arc may end in another piece, of which nothing is wanted here; the sink takes what this one supplies.
        own[piece[nodes] != number] = 0
        own[~leads_on[nodes]] = -own.sum()
        within = piece[needs.node] == number
        smaller = Needs(
            need=needs.need[within],
            node=np.searchsorted(nodes, needs.node[within]),
            unserved=np.searchsorted(arcs, needs.unserved[within]),
            least=needs.least[within],
            bound=needs.bound[within],
        )
        cut = Network(tail, head, (most - least)[arcs], network.cost[arcs], own)
        named = {need: fixed[need] for need in smaller.need.tolist() if need in fixed}
        yield Piece(Conditioned(cut, parts, smaller, named), arcs)
