"""The flow network of a problem, and its flow read back as units of pairs.

Every unit asked for leaves its row and ends at the sink: through an offer, where it is served, or through its State and
regional group, where it is not. A unit that is not served costs what it would have earned there, the last one first.
Slopes never rise, so these costs never fall and a cheapest flow gives up units in the right order: parallel arcs, no
yes/no variables, whole numbers throughout.

    row -> offer -> sink                       cost: the most points of any pair of the row, less the pair's own
    row -> State -> regional group -> sink     cost: the most points of any pair of the row, and the slopes lost
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.facts import Facts, Ints
from matching.fairness import Fairness, Run
from matching.flow import FlowSolver, Network, NoFlow
from matching.ties import canonical_flow, scattered


@dataclass(frozen=True)
class Model:
    """What is left to decide once pins are kept.

    ``row`` and ``offer`` are positions of the eligible pairs, sorted, and ``points`` theirs. ``kept`` are the units
    pinned to each row, ``kept_by_state`` those that count for each State; ``asked`` (of rows) and ``capacity`` (of
    offers) are what pins leave over. ``place`` orders rows of equal worth, from 1; ``row_lot`` and ``offer_lot`` are
    drawn (see `ties`).
    """

    facts: Facts
    fairness: Fairness
    row: Ints
    offer: Ints
    points: Ints
    asked: Ints
    capacity: Ints
    kept: Ints
    kept_by_state: Mapping[str, int]
    place: Ints
    row_lot: NDArray[np.uint64]
    offer_lot: NDArray[np.uint64]


@dataclass(frozen=True)
class Terms:
    """Conditions beyond the model: rows to be served in full, and rows not to be served."""

    full: frozenset[int] = frozenset()
    out: frozenset[int] = frozenset()


class Layout:
    """The arcs of a model, laid once; terms change only their capacities.

    Nodes: ``rows`` that have a usable pair, then offers, sink, States, regional groups. ``arc_row`` is the row that
    each arc leaves, -1 if it leaves another node; ``is_pair`` says which arcs lead to an offer.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        pairs = np.flatnonzero((model.asked[model.row] > 0) & (model.capacity[model.offer] > 0))
        pair_row, pair_offer = model.row[pairs], model.offer[pairs]
        self.rows, row_node = np.unique(pair_row, return_inverse=True)
        offers, offer_node = np.unique(pair_offer, return_inverse=True)
        # Every unit of a row leaves it by one of its arcs, so what is added to all of them changes no choice.
        most = np.zeros(len(self.rows), dtype=np.int64)
        np.maximum.at(most, row_node, model.points[pairs])
        asked = model.asked[self.rows]
        sink = len(self.rows) + len(offers)
        arcs = _Arcs()
        capacity = np.minimum(model.asked[pair_row], model.capacity[pair_offer])
        arcs.lay(row_node, len(self.rows) + offer_node, capacity, most[row_node] - model.points[pairs], pairs)
        arcs.lay(len(self.rows) + np.arange(len(offers)), sink, model.capacity[offers], 0)
        target, n_nodes = _lay_unserved(model, arcs, self.rows, sink)
        arcs.lay(np.arange(len(self.rows)), target, asked, most)
        supply = np.zeros(n_nodes, dtype=np.int64)
        supply[: len(self.rows)] = asked
        supply[sink] = -asked.sum()
        self.network, self._pair = arcs.sorted(supply)
        self.is_pair = self._pair >= 0
        self.arc_row = np.append(self.rows, -1)[np.minimum(self.network.tail, len(self.rows))]

    def canonical_flow(self, terms: Terms, solver: FlowSolver) -> Ints:
        """The canonical optimum under the terms, as units of each arc.

        Raises NoFlow where rows that have to be served in full cannot be.
        """
        return canonical_flow(self._under(terms), self._keys, solver)

    def units(self, flow: Ints) -> Ints:
        """A flow's units of each pair of the model."""
        units = np.zeros(len(self.model.row), dtype=np.int64)
        units[self._pair[self.is_pair]] = flow[self.is_pair]
        return units

    def cost(self, flow: Ints) -> int:
        """What a flow costs, in integers of any size."""
        used = np.flatnonzero(flow)
        return sum(c * units for c, units in zip(self.network.cost[used].tolist(), flow[used].tolist(), strict=True))

    def _under(self, terms: Terms) -> Network:
        """The network under terms: a row is kept out by its pairs' capacities, in full by that of its other arc."""
        full, out = (np.array(sorted(rows), dtype=np.int64) for rows in (terms.full, terms.out))
        if self.model.asked[np.setdiff1d(full, self.rows)].any():
            raise NoFlow
        shut = np.isin(self.arc_row, out) & self.is_pair | np.isin(self.arc_row, full) & ~self.is_pair
        return replace(self.network, capacity=np.where(shut, 0, self.network.capacity))

    def _keys(self, level: int) -> Ints:
        """What to minimise at each level among optimal flows: first the places of the rows served, then drawn keys.

        The drawn key of a pair mixes the lots of its row and its offer with the level. It has 31 bits, so that a path
        of keys fits the solvers; where two pairs draw the same, the next level draws again.
        """
        model, pairs = self.model, self._pair[self.is_pair]
        keys = np.zeros(len(self._pair), dtype=np.int64)
        if level == 0:
            keys[self.is_pair] = model.place[model.row[pairs]]
        else:
            mixed = scattered(
                model.row_lot[model.row[pairs]] ^ scattered(model.offer_lot[model.offer[pairs]], level), 0
            )
            keys[self.is_pair] = (mixed >> np.uint64(33)).astype(np.int64) + 1
        return keys


def _lay_unserved(model: Model, arcs: "_Arcs", rows: Ints, sink: int) -> tuple[Ints, int]:
    """Lay what leads from States through regional groups to the sink, for units that are not served.

    Returns the node to which each row sends such units (the sink, where they count for no State) and the number of
    nodes by now.
    """
    target, next_node = np.full(len(rows), sink, dtype=np.int64), sink + 1
    if not model.fairness.matters:
        return target, next_node
    of_group: dict[str, list[tuple[int, str, int]]] = {}
    for position, state in enumerate(model.facts.asking):
        of_state = np.flatnonzero(model.facts.row_asking[rows] == position)
        if len(of_state):
            target[of_state] = next_node
            units = int(model.asked[rows[of_state]].sum())
            of_group.setdefault(model.fairness.group_of[state], []).append((next_node, state, units))
            next_node += 1
    for group, members in of_group.items():
        for node, state, units in members:
            earned = model.fairness.state_runs(state, model.kept_by_state.get(state, 0) + units)
            arcs.lay_runs(node, next_node, _last(earned, units))
        asked = sum(units for _, _, units in members)
        earned = model.fairness.group_runs(group, _kept_by(model, group) + asked)
        arcs.lay_runs(next_node, sink, _last(earned, asked))
        next_node += 1
    return target, next_node


def _kept_by(model: Model, group: str) -> int:
    return sum(units for state, units in model.kept_by_state.items() if model.fairness.group_of[state] == group)


def _last(earned: Sequence[Run], units: int) -> list[Run]:
    """The last ``units`` units of what is earned, the last one first: what giving units up costs."""
    lost: list[Run] = []
    for run in reversed(earned):
        if units:
            taken = min(units, run.units)
            lost.append(Run(taken, run.slope))
            units -= taken
    return lost


class _Arcs:
    """Arcs in the making."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, ...]] = []

    def lay(self, tail: Ints, head: Ints | int, capacity: Ints, cost: Ints | int, pair: Ints | int = -1) -> None:
        """Add one arc for each tail; what is given once holds for all of them."""
        self._parts.append(tuple(np.broadcast_to(part, tail.shape) for part in (tail, head, capacity, cost, pair)))

    def lay_runs(self, tail: int, head: int, runs: Sequence[Run]) -> None:
        """Add parallel arcs, one for each run of units that cost the same."""
        capacity, cost = (np.array(part, dtype=np.int64) for part in zip(*runs, strict=True))
        self.lay(np.full(len(runs), tail, dtype=np.int64), head, capacity, cost)

    def sorted(self, supply: Ints) -> tuple[Network, Ints]:
        """The network of all arcs laid, by tail, then head, and the pair behind each."""
        tail, head, capacity, cost, pair = (np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        order = np.lexsort((head, tail))
        return Network(tail[order], head[order], capacity[order], cost[order], supply), pair[order]
