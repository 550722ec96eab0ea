"""The fairest shares by a few flows: at each, States are divided by whether they get beyond some share.

An allocation is leximin if its steps weigh most by weights that fall from step to step (`leximin`), and then its steps
weigh most by any weights that never rise, say 1 up to some share and 0 beyond. Such weights make a cheap flow of a few
arcs for each State, however many units it asks for. What the prices of that flow decide is so in all leximin flows:
on which side of the share each State ends, and how much flows wherever more, or less, would cost something. What is
left falls into parts that have only the sink in common, and each of them has the next shares of its own. Chosen so that
as many units are below the share as the part has in all, nearly all parts are done at the second or third flow. [1]_

.. [1] S. Fujishige, *Lexicographically optimal base of a polymatroid with respect to a weight vector*, Mathematics of
   Operations Research 5 (1980).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import Ints
from matching.optimum.leximin import Weights
from matching.optimum.network import FlowSolver, Network, NoFlow
from matching.optimum.optimality import on_cycles, proof

FEW_STEPS = 1000
"""So many steps, or fewer, are decided at once, each at its own weight."""

AT_ONCE = 64
"""Of how many States the steps left are halved where parts do not get on by themselves."""


@dataclass(frozen=True)
class Askers:
    """The States of a network: each gives units up on its ``arc``, of those it asks for; all ends at the ``sink``."""

    arc: Ints
    weights: Weights
    sink: int


def fairest(network: Network, askers: Askers, solver: FlowSolver) -> Ints:
    """The units of a leximin flow, whichever; costs of arcs are not looked at. Raises NoFlow."""
    search = _Search(network, askers, solver)
    if search.n_steps > FEW_STEPS:
        search.solve(search.whole())
        while search.n_steps > FEW_STEPS:
            before = search.n_steps
            search.solve(search.by_totals())
            if 2 * search.n_steps > before and search.widest > 1:
                search.solve(search.by_halves())
            if search.n_steps == before:
                break
        if not search.n_steps:
            return search.units
    search.solve(search.single())
    return search.units


class _Pieces(NamedTuple):
    """Steps of States that weigh the same: those after the first ``lower`` ones up to ``upper``; costs fall by step."""

    owner: Ints
    lower: Ints
    upper: Ints
    cost: Ints


class _Search:
    """What is known: each State receives from ``low`` to ``high`` units; ``units`` do, on all arcs.

    Of the other arcs those of ``others`` are not settled yet.
    """

    def __init__(self, network: Network, askers: Askers, solver: FlowSolver) -> None:
        self._network, self._askers, self._solver = network, askers, solver
        self.units = np.zeros(len(network.tail), dtype=np.int64) + network.least
        self.low = self._asked - network.capacity[askers.arc]
        self.high = self._asked - self.units[askers.arc]
        if (self.low > self.high).any():
            raise NoFlow
        is_other = np.ones(len(network.tail), dtype=bool)
        is_other[askers.arc] = False
        self._others = np.flatnonzero(is_other)

    @property
    def _asked(self) -> Ints:
        return self._askers.weights.asked

    @property
    def n_steps(self) -> int:
        """How many steps are to be decided."""
        return int((self.high - self.low).sum())

    @property
    def widest(self) -> int:
        """How many of them are a State's, at most."""
        return int((self.high - self.low).max(initial=0))

    def solve(self, pieces: _Pieces) -> None:
        """Narrow down what is known by a flow that loses as few and as cheap pieces as can be."""
        stage, order = self._stage(pieces)
        flow = self._solver(stage)
        _, reduced = proof(stage, flow)
        is_open = np.asarray((reduced == 0) & (stage.capacity > stage.least), dtype=bool)
        number, askers = len(self._others), self._askers
        units, left = np.empty(len(order), dtype=np.int64), np.zeros(len(order), dtype=bool)
        units[order] = flow.units
        left[order[on_cycles(stage, flow.units, is_open)]] = True
        self.units[self._others] = units[:number]
        given_up = self._asked - self.high
        np.add.at(given_up, pieces.owner, units[number:])
        self.units[askers.arc] = given_up
        self._others = self._others[left[:number]]
        still = np.flatnonzero(left[number:])
        self.low, self.high = self._asked - given_up, self._asked - given_up
        np.minimum.at(self.low, pieces.owner[still], pieces.lower[still])
        np.maximum.at(self.high, pieces.owner[still], pieces.upper[still])
        self._leave_done()

    def _stage(self, pieces: _Pieces) -> tuple[Network, Ints]:
        """The network of what is not settled, and of which of its arcs, the pieces last, each arc is."""
        network, others = self._network, self._others
        arc = np.concatenate([others, self._askers.arc[pieces.owner]])
        settled = self.units.copy()
        settled[others] = 0
        settled[self._askers.arc] = self._asked - self.high
        supply = network.supply - network.excess(settled)
        tail, head = network.tail[arc], network.head[arc]
        touched = np.zeros(network.n_nodes, dtype=bool)
        touched[tail] = touched[head] = True
        node = np.cumsum(touched) - 1
        if supply[~touched].any():
            raise NoFlow
        order = np.argsort(tail * network.n_nodes + head, kind="stable")
        capacity = np.concatenate([network.capacity[others], pieces.upper - pieces.lower])
        cost = np.concatenate([np.zeros(len(others), dtype=np.int64), pieces.cost])
        stage = Network(node[tail[order]], node[head[order]], capacity[order], cost[order], supply[touched])
        if network.minimum is not None:
            least = np.concatenate([network.minimum[others], np.zeros_like(pieces.cost)])
            stage = replace(stage, minimum=least[order])
        return stage, order

    def _leave_done(self) -> None:
        """Settle parts in which all steps left are from the same share to the same share: none is fairer."""
        part = self._parts()
        of_state = part[self._network.tail[self._askers.arc]]
        is_open = self.low < self.high
        done = np.zeros(int(part.max(initial=0)) + 1, dtype=bool)
        for members in self._open_parts(of_state):
            alike = self._asked[members[0]], self.low[members[0]]
            done[of_state[members[0]]] = bool(
                (self._asked[members] == alike[0]).all()
                and (self.low[members] == alike[1]).all()
                and (self.high[members] == alike[1] + 1).all()
            )
        settled = is_open & done[of_state]
        self.low[settled] = self.high[settled] = (self._asked - self.units[self._askers.arc])[settled]
        lively = np.zeros(len(done), dtype=bool)
        lively[of_state[self.low < self.high]] = True
        self._others = self._others[lively[part[self._network.tail[self._others]]]]

    def _parts(self) -> Ints:
        """The part of each node: joined by arcs that are open, but not through the sink."""
        network, askers = self._network, self._askers
        arc = np.concatenate([self._others, askers.arc[self.low < self.high]])
        arc = arc[network.head[arc] != askers.sink]
        ends = network.tail[arc].astype(np.int32), network.head[arc].astype(np.int32)
        joined = csr_array((np.ones(len(arc), dtype=np.int8), ends), shape=(network.n_nodes,) * 2)
        part: Ints = connected_components(joined, directed=False)[1].astype(np.int64)
        return part

    def _open_parts(self, of_state: Ints) -> Iterator[Ints]:
        """The States with steps to decide, part by part."""
        members = np.flatnonzero(self.low < self.high)
        members = members[np.argsort(of_state[members], kind="stable")]
        starts = np.flatnonzero(np.diff(of_state[members], prepend=-1))
        return iter(np.split(members, starts[1:]) if len(members) else ())

    def whole(self) -> _Pieces:
        """All steps, which shows how many units States receive at most."""
        members = np.flatnonzero(self.low < self.high)
        return self._cut(members, np.stack([self.low[members], self.high[members]]))

    def by_totals(self) -> _Pieces:
        """Steps below and above the share that all States of a part could have of what they now receive."""
        part = self._parts()[self._network.tail[self._askers.arc]]
        received = self._asked - self.units[self._askers.arc]
        below, above = self.low.copy(), self.high.copy()
        for members in self._open_parts(part):
            below[members], above[members] = self._around(members, int(received[members].sum()))
        members = np.flatnonzero(self.low < self.high)
        return self._cut(members, np.stack([self.low, below, above, self.high])[:, members])

    def _around(self, members: Ints, total: int) -> tuple[Ints, Ints]:
        """The steps of States before the last share at which they come to a total together, and those with it."""
        weights, low, high = self._askers.weights, self.low[members], self.high[members]

        def reached(share: int) -> Ints:
            return np.clip(weights.below(members, share), low, high).astype(np.int64)

        least, beyond = 0, 1 << weights.shift
        while beyond - least > 1:
            middle = (least + beyond) // 2
            least, beyond = (middle, beyond) if reached(middle).sum() <= total else (least, middle)
        below = reached(least)
        # Of steps from that very share, those of States that ask for fewer units come first.
        asked = self._asked[members]
        tied = (below < high) & (weights.share(members, below) == least)
        above, room = below + tied, total - int(below.sum())
        for smallest in np.unique(asked[tied]).tolist():
            alike = tied & (asked == smallest)
            room -= int(alike.sum())
            if room < 0:
                return below, below + alike
            below = below + alike
        return below, above

    def by_halves(self) -> _Pieces:
        """Steps below and above the middle of what is left of the States of which most is."""
        weights, members = self._askers.weights, np.flatnonzero(self.low < self.high)
        widest = np.argsort(self.low[members] - self.high[members], kind="stable")[:AT_ONCE]
        of = members[widest]
        start = (self.low[of] + self.high[of]) // 2
        keys = sorted(set(zip(weights.share(of, start).tolist(), self._asked[of].tolist(), strict=True)))
        ends = [self.low[members]]
        for share, asked in keys:
            below = np.clip(weights.below(members, share), self.low[members], self.high[members]).astype(np.int64)
            within = (below < self.high[members]) & (self._asked[members] <= asked)
            ends.append(below + (within & np.asarray(weights.share(members, below) == share, dtype=bool)))
        return self._cut(members, np.stack([*ends, self.high[members]]))

    def _cut(self, members: Ints, ends: Ints) -> _Pieces:
        """The pieces of States between ``ends``, ascending: shape (ends, States)."""
        number = len(ends) - 1
        cost = np.broadcast_to(np.arange(number, 0, -1)[:, None], (number, len(members))).T.ravel()
        lower, upper = ends[:-1].T.ravel(), ends[1:].T.ravel()
        owner, some = np.repeat(members, number), upper > lower
        return _Pieces(owner[some], lower[some], upper[some], cost[some])

    def single(self) -> _Pieces:
        """All steps that are left, each at its own weight."""
        length = self.high - self.low
        owner = np.repeat(np.arange(len(length)), length)
        lower = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length) + self.low[owner]
        weight = np.unique(self._askers.weights.of(owner, lower + 1), return_inverse=True)[1]
        return _Pieces(owner, lower, lower + 1, weight.astype(np.int64) + 1)
