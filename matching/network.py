"""The flow network of a problem, and its flow read back as units of pairs.

Every unit asked for leaves its row and ends at the sink: through an offer, where it is served, or through its State and
regional group, where it is not. A unit that is not served costs what it would have earned there, the last one first.
Slopes never rise, so these costs never fall and a cheapest flow gives up units in the right order: parallel arcs, no
yes/no variables, whole numbers throughout.

    row -> offer -> sink                       cost: the most points of any pair, less the pair's own
    row -> State -> regional group -> sink     cost: the same for no points, and the slopes lost
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.facts import Facts, Ints
from matching.fairness import Fairness, Run
from matching.flow import FlowSolver, Network
from matching.ties import canonical_flow


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
    """Conditions on rows beyond the model: served in full, not at all, or with a reward for each unit."""

    full: frozenset[int] = frozenset()
    out: frozenset[int] = frozenset()
    reward: Mapping[int, int] = field(default_factory=dict)


def best_units(model: Model, terms: Terms, solver: FlowSolver) -> Ints:
    """Units of each pair of the model in its canonical optimum under the terms.

    Raises NoFlow where rows that have to be served in full cannot be.
    """
    network, pair = build(model, terms)
    is_pair = pair >= 0
    flow = canonical_flow(network, lambda level: _keys(model, pair, level), solver)
    units = np.zeros(len(model.row), dtype=np.int64)
    units[pair[is_pair]] = flow[is_pair]
    return units


def build(model: Model, terms: Terms) -> tuple[Network, Ints]:
    """The network, and for each of its arcs the position in the model of the pair behind it, -1 if there is none.

    Nodes: rows, offers, sink, then States and regional groups.
    """
    pairs = _usable_pairs(model, terms)
    pair_row, pair_offer = model.row[pairs], model.offer[pairs]
    full = np.array(sorted(row for row in terms.full if model.asked[row] > 0), dtype=np.int64)
    rows, offers = np.union1d(pair_row, full), np.unique(pair_offer)
    sink = len(rows) + len(offers)
    worth = model.points[pairs] + _rewards(model, terms)[pair_row]
    most = int(worth.max(initial=0))

    arcs = _Arcs()
    row_node, offer_node = np.searchsorted(rows, pair_row), len(rows) + np.searchsorted(offers, pair_offer)
    arcs.lay(row_node, offer_node, np.minimum(model.asked[pair_row], model.capacity[pair_offer]), most - worth, pairs)
    arcs.lay(len(rows) + np.arange(len(offers)), sink, model.capacity[offers], 0)
    target, n_nodes = _lay_unserved(model, arcs, rows, sink)
    may_be_left = ~np.isin(rows, full)
    arcs.lay(np.flatnonzero(may_be_left), target[may_be_left], model.asked[rows[may_be_left]], most)

    supply = np.zeros(n_nodes, dtype=np.int64)
    supply[: len(rows)] = model.asked[rows]
    supply[sink] = -model.asked[rows].sum()
    return arcs.sorted(supply)


def _usable_pairs(model: Model, terms: Terms) -> Ints:
    out = np.isin(model.row, np.array(sorted(terms.out), dtype=np.int64))
    return np.flatnonzero((model.asked[model.row] > 0) & (model.capacity[model.offer] > 0) & ~out)


def _rewards(model: Model, terms: Terms) -> Ints:
    reward = np.zeros(model.facts.n_rows, dtype=np.int64)
    for row, points in terms.reward.items():
        reward[row] = points
    return reward


def _lay_unserved(model: Model, arcs: "_Arcs", rows: Ints, sink: int) -> tuple[Ints, int]:
    """Lay what leads from States through regional groups to the sink, for units that are not served.

    Returns the node to which each row sends such units (the sink, where they count for no State) and the number of
    nodes by now.
    """
    target, next_node = np.full(len(rows), sink, dtype=np.int64), sink + 1
    if not model.fairness.matters:
        return target, next_node
    of_group: dict[str, list[tuple[int, str, int]]] = {}
    for state, positions in _rows_of_states(model, rows).items():
        target[positions] = next_node
        units = int(model.asked[rows[positions]].sum())
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


def _rows_of_states(model: Model, rows: Ints) -> dict[str, list[int]]:
    """Positions in ``rows`` of those that count for each State."""
    problem = model.facts.problem
    of_state: dict[str, list[int]] = {}
    for position, row in enumerate(rows.tolist()):
        if problem.counts_for_state(problem.rows[row]):
            of_state.setdefault(problem.rows[row].beneficiaries[0], []).append(position)
    return of_state


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


def _keys(model: Model, pair: Ints, level: int) -> Ints:
    """What to minimise at each level among optimal flows: first the places of the rows served, then drawn keys.

    The drawn key of a pair mixes the lots of its row and its offer with the level. It has 31 bits, so that a path of
    keys fits the solvers; where two pairs draw the same, the next level draws again.
    """
    keys = np.zeros(len(pair), dtype=np.int64)
    is_pair = pair >= 0
    row, offer = model.row[pair[is_pair]], model.offer[pair[is_pair]]
    if level == 0:
        keys[is_pair] = model.place[row]
    else:
        salt = np.uint64((level * 0x9E3779B97F4A7C15) % 2**64)
        mixed = _scatter(model.row_lot[row] ^ _scatter(model.offer_lot[offer] + salt))
        keys[is_pair] = (mixed >> np.uint64(33)).astype(np.int64) + 1
    return keys


def _scatter(lots: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64: a bijection of 64-bit words in which every input bit reaches every output bit."""
    lots = (lots ^ (lots >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    lots = (lots ^ (lots >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return lots ^ (lots >> np.uint64(31))
