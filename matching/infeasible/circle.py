"""The circle in which units run, and where its bounds leave too little room.

Every arc has at least and at most so many units:

    ground -> regional group -> State -> need -> offer -> provider -> ground

What has neither State, regional group nor provider is joined to the ground. By Hoffman's theorem [1]_ all bounds can be
kept unless for some set of nodes more has to enter than can leave; with all arcs turned round the same says that more
has to leave than can enter, so the ground may be kept out of the set.

.. [1] A. Schrijver, *Combinatorial Optimization*, Springer 2003, theorem 11.2.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from matching.arrays import Bools, Ints
from matching.model import NOBODY, UNLIMITED, Model
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.network import Network

KINDS = ("groups", "states", "needs", "offers", "providers")


@dataclass(frozen=True)
class Circle:
    """The circle of a model's units, one way round or the other.

    Nodes are regional groups, States, needs, offers, providers, shared profiles, the ground; ``first`` has the first
    node of each of KINDS, then the first of what is no member of a set that people read: profiles and the ground.
    ``owner`` is the node that the bounds of an arc are of, NOBODY where they are a pair's.
    """

    first: tuple[int, ...]
    ground: int
    tail: Ints
    head: Ints
    least: Ints
    most: Ints
    owner: Ints

    @classmethod
    def of(cls, model: Model) -> "Circle":
        """Lay the arcs of a model."""
        counts = (len(model.groups.least), model.n_states, model.n_needs, model.n_offers, len(model.providers.least))
        first = tuple(np.cumsum([0, *counts]).tolist())
        groups, states, needs, offers, providers, profiles = first
        ground = profiles + model.n_profiles
        arcs: list[tuple[Ints, ...]] = []

        def lay(tail: Ints, head: Ints, least: Ints | int, most: Ints | int, owner: Ints | int) -> None:
            arcs.append(tuple(np.broadcast_to(part, head.shape) for part in (tail, head, least, most, owner)))

        def joined(position: Ints, start: int) -> Ints:
            return np.where(position == NOBODY, ground, start + position)

        of_group, of_state, of_need = np.arange(groups, states), np.arange(states, needs), np.arange(needs, offers)
        of_offer, of_provider = np.arange(offers, providers), np.arange(providers, profiles)
        lay(np.full(counts[0], ground), of_group, model.groups.least, model.groups.most, of_group)
        limits = model.states.limits
        lay(joined(model.states.group, groups), of_state, limits.least, limits.most, of_state)
        lay(joined(model.needs.state, states), of_need, model.needs.least, model.needs.units, of_need)
        # A profile with one need is that need.
        of_profile = profiles + np.arange(model.n_profiles)
        alone = model.alone[model.needs.profile]
        of_profile[model.needs.profile[alone]] = of_need[alone]
        lay(of_need[~alone], of_profile[model.needs.profile[~alone]], 0, UNLIMITED, NOBODY)
        cells = model.profiles
        lay(of_profile[cells.of_cell], offers + cells.offer, cells.least, _caps(model), NOBODY)
        lay(of_offer, joined(model.offers.provider, providers), model.offers.least, model.offers.units, of_offer)
        lay(of_provider, np.full(counts[4], ground), model.providers.least, model.providers.most, of_provider)
        tail, head, least, most, owner = (np.concatenate(part) for part in zip(*arcs, strict=True))
        return cls(first, ground, tail, head, least, most, owner)

    @property
    def reversed(self) -> "Circle":
        """The circle the other way round."""
        return replace(self, tail=self.head, head=self.tail)

    def entering(self, inside: Bools) -> Bools:
        """Arcs into a set of nodes."""
        return ~inside[self.tail] & inside[self.head]

    def leaving(self, inside: Bools) -> Bools:
        """Arcs out of a set of nodes."""
        return inside[self.tail] & ~inside[self.head]

    def shortage(self, inside: Bools) -> int:
        """By how many units what has to enter a set exceeds what can leave it."""
        enters, leaves = (
            self.least[self.entering(inside)].tolist(),
            self.most[self.leaving(inside)].tolist(),
        )
        return int(sum(enters) - sum(leaves))

    @property
    def everything(self) -> Bools:
        """All nodes but the ground."""
        return np.arange(self.ground + 1) < self.ground

    def worst(self, within: Bools) -> Bools:
        """Of the sets within these nodes where what has to enter exceeds what can leave by most, the smallest.

        Empty where it does for none.
        """
        nodes = np.flatnonzero(within)
        outside, spare, end = len(nodes), len(nodes) + 1, len(nodes) + 2
        number = np.full(len(within), outside)
        number[nodes] = np.arange(len(nodes))
        arcs = np.flatnonzero((number[self.tail] < outside) | (number[self.head] < outside))
        tail, head, least = number[self.tail[arcs]], number[self.head[arcs]], self.least[arcs]
        # Leasts have passed; what they leave at a node has to go on, and what they took may be made good.
        left = np.zeros(end + 1, dtype=np.int64)
        np.add.at(left, head, least)
        np.subtract.at(left, tail, least)
        left[outside:] = 0
        has, lacks = np.flatnonzero(left > 0), np.flatnonzero(left < 0)
        total = int(left[has].sum())
        if not total:
            return np.zeros(len(within), dtype=bool)
        room = np.minimum(self.most[arcs] - least, total)
        network, order = _network(
            np.concatenate([tail, has, lacks, [outside, spare]]),
            np.concatenate([head, np.full(len(has), spare), np.full(len(lacks) + 2, end)]),
            np.concatenate([room, left[has], -left[lacks], [total, total]]),
            np.concatenate([np.zeros(len(arcs)), np.ones(len(has)), np.zeros(len(lacks) + 2)]).astype(np.int64),
            np.where(left > 0, left, 0) - total * (np.arange(end + 1) == end),
        )
        flow = np.empty_like(order)
        flow[order] = minimum_cost_flow(network).units
        stuck = has[flow[len(arcs) : len(arcs) + len(has)] > 0]
        own = np.arange(len(arcs))
        reached = _reached(tail, head, flow[own], room, stuck, end + 1)
        worst = np.zeros(len(within), dtype=bool)
        worst[nodes] = reached[:outside]
        return worst


def _caps(model: Model) -> Ints:
    """The most of each cell: unlimited where needs share it, for it binds none of them."""
    return np.where(model.alone[model.profiles.of_cell], model.profiles.most, UNLIMITED)


def _network(tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> tuple[Network, Ints]:
    """The network of arcs in any order, and the order it has them in."""
    order = np.lexsort((head, tail))
    return Network(tail[order], head[order], capacity[order], cost[order], supply), order


def _reached(tail: Ints, head: Ints, flow: Ints, room: Ints, sources: Ints, n_nodes: int) -> Bools:
    """Nodes to which a unit more could go from any source."""
    on, back = flow < room, flow > 0
    start = np.concatenate([tail[on], head[back], np.full(len(sources), n_nodes)])
    end = np.concatenate([head[on], tail[back], sources])
    graph = csr_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(n_nodes + 1, n_nodes + 1))
    reached = np.zeros(n_nodes + 1, dtype=bool)
    reached[breadth_first_order(graph, n_nodes, return_predecessors=False)] = True
    return reached[:-1]
