"""What the engine is measured against: the network of all pairs, given to a solver as it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pylmcf  # type: ignore[import-untyped]

from matching.arrays import Ints
from matching.model import Model
from matching.optimum.exact import product
from matching.optimum.flow import by_lemon, by_ortools
from matching.optimum.network import Flow, FlowSolver, Network


class Pairs(NamedTuple):
    """All pairs that may be, by need, then offer, with the points of a unit; and the units of needs and offers."""

    need_units: Ints
    offer_units: Ints
    start: Ints
    offer: Ints
    points: Ints


def plain(model: Model) -> bool:
    """Whether pairs alone say what the model says: nothing has a least, a condition or a most of its own."""
    profiles = model.profiles
    limits = (model.states.limits, model.groups, model.providers)
    least = [profiles.least, model.needs.least, model.offers.least, *(limit.least for limit in limits)]
    most = [limit.most for limit in limits]
    asked = int(model.needs.units.sum())
    bounded = any(int(each.min(initial=asked)) < asked for each in (profiles.most, *most))
    return not (bounded or any(each.any() for each in least) or model.conditions.needs)


def keep(path: Path, model: Model) -> None:
    """Write down what the pairs of a model are made of."""
    needs, profiles = model.needs, model.profiles
    np.savez(
        path,
        need_units=needs.units,
        offer_units=model.offers.units,
        profile=needs.profile,
        urgency=needs.urgency,
        start=profiles.start,
        offer=profiles.offer,
        affinity=profiles.affinity,
    )


def pairs(path: Path) -> Pairs:
    """The pairs of the model that was kept."""
    with np.load(path) as kept:
        start, profile = kept["start"], kept["profile"]
        length = np.diff(start)[profile]
        ends = np.cumsum(length)
        cell = np.repeat(start[profile] - (ends - length), length)
        cell += np.arange(len(cell))
        points = kept["affinity"][cell]
        points += np.repeat(kept["urgency"], length)
        start_of_need = np.concatenate([np.zeros(1, dtype=np.int64), ends])
        return Pairs(kept["need_units"], kept["offer_units"], start_of_need, kept["offer"][cell], points)


@dataclass(frozen=True)
class Raw:
    """All pairs as a network; ``dearest`` is what a unit that is not served costs."""

    network: Network
    dearest: int

    @classmethod
    def of(cls, given: Pairs) -> "Raw":
        """Needs, then offers, then a sink, to which needs give what they do without; arcs by tail, then head."""
        n_needs, n_offers = len(given.need_units), len(given.offer_units)
        sink, length = n_needs + n_offers, np.diff(given.start)
        dearest = int(given.points.max(initial=0))
        needs, offers = np.arange(n_needs), np.arange(n_needs, sink)

        def arcs(of_pairs: Ints, without: Ints, last: Ints) -> Ints:
            return np.append(np.insert(of_pairs, given.start[1:], without), last)

        network = Network(
            tail=arcs(np.repeat(needs, length), needs, offers),
            head=arcs(given.offer + n_needs, np.full(n_needs, sink), np.full(n_offers, sink)),
            capacity=arcs(np.repeat(given.need_units, length), given.need_units, given.offer_units),
            cost=arcs(dearest - given.points, np.full(n_needs, dearest), np.zeros(n_offers, dtype=np.int64)),
            supply=np.concatenate([given.need_units, np.zeros(n_offers, dtype=np.int64), [-given.need_units.sum()]]),
        )
        return cls(network, dearest)

    def total(self, units: Ints) -> int:
        """The points of a flow."""
        asked = int(self.network.supply[:-1].sum())
        return self.dearest * asked - product(self.network.cost, units)


def by_block_search(network: Network) -> Flow:
    """LEMON's network simplex with the pivot rule that it has by default."""
    graph = pylmcf.Graph(network.n_nodes, network.tail.astype(np.int32), network.head.astype(np.int32))
    graph.set_node_supply(network.supply)
    graph.set_edge_capacities(network.capacity)
    graph.set_pivot_rule("block_search")
    graph.set_edge_costs(network.cost)
    graph.solve()
    return Flow(np.asarray(graph.result(), dtype=np.int64))


SOLVERS: dict[str, FlowSolver] = {
    "OR-Tools": by_ortools,
    "LEMON, candidate list": by_lemon,
    "LEMON, block search": by_block_search,
}
"""Solvers of all pairs. Which rule of LEMON's is the faster one differs from problem to problem."""
