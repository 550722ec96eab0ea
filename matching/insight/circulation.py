"""Served units as a circulation that can be changed: units, bounds and prices of every arc, and the way back.

Every unit served runs in a circle: ground -> [regional group] -> [State] -> profile -> offer -> [provider] -> ground.
The arc into a profile is a need, the arc out of it a cell. What units earn stands on the arcs; the flow is optimal
exactly if there are potentials under which no arc gains by carrying more, or less, than it does. Here the potential of
a node is its distance from the ground in the residual network.

Unlike the network that a model is solved on (`layers`) this one has no supplies and no arcs for what is not served, so
that one need, offer or pair more is one arc or one node more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matching.arrays import Ints, totals
from matching.insight.distances import distances
from matching.insight.residual_arcs import Arcs, CurvedArcs
from matching.insight.weighing import Curve, Ladder, Weights
from matching.model import UNLIMITED, Allocation, Limits, Model
from matching.optimum.concave import Steps

GROUND = 0
SPARE_NODES = 64
"""Profiles, and offers, that can be added before a circulation has to be built anew."""


class Batch(NamedTuple):
    """Residual arcs at one node: what is at their other ends, and what a unit along each costs beyond the prices."""

    arcs: Arcs
    arc: Ints
    more: bool
    node: Ints
    reduced: Ints


@dataclass(frozen=True)
class Nodes:
    """Where the nodes of each kind begin: the ground is 0, then groups, States, profiles, offers, providers."""

    groups: int
    states: int
    profiles: int
    offers: int
    providers: int
    end: int

    @classmethod
    def of(cls, model: Model) -> "Nodes":
        """The nodes of a model, with room for some more profiles and offers."""
        widths = [
            len(model.groups.most),
            model.n_states,
            model.n_profiles + SPARE_NODES,
            model.n_offers + SPARE_NODES,
            len(model.providers.most),
        ]
        ends = np.cumsum([1, *widths]).tolist()
        return cls(*ends)


class Circulation:
    """An optimal allocation of a model, as units and potentials on arcs.

    ``groups`` are the arcs from the ground, ``states`` those from a group (or the ground), ``needs`` those into
    profiles, ``cells``, ``offers`` those out of offers, ``providers`` those to the ground. The arcs of a kind are in
    the order of the model. Needs of bundles stay as they are served, and of two substitutes the one that is not served
    stays so. Raises SolverFailed where the allocation is not optimal, or not the first in order of place.
    """

    def __init__(self, model: Model, allocation: Allocation) -> None:
        self.model, self.nodes = model, Nodes.of(model)
        nodes, n = self.nodes, self.nodes.end
        self.weights = Weights.of(model, n)
        need_flow = totals(allocation.need, allocation.units, model.n_needs)
        offer_flow = totals(allocation.offer, allocation.units, model.n_offers)
        state_flow = totals(model.needs.state, need_flow, model.n_states)
        group_flow = totals(model.states.group, state_flow, len(model.groups.most))
        providers = np.append(nodes.providers + np.arange(len(model.providers.most)), GROUND)
        group_nodes = np.append(nodes.groups + np.arange(len(model.groups.most)), GROUND)
        state_nodes = np.append(nodes.states + np.arange(model.n_states), GROUND)
        needs, profiles, offers = model.needs, model.profiles, model.offers
        state_curve, group_curve = self._curves()

        def free(units: Ints) -> Ints:
            return np.zeros(len(units), dtype=self.weights.need.dtype)

        self.groups = CurvedArcs(
            np.zeros_like(group_flow), group_nodes[:-1], group_flow, model.groups, free(group_flow), group_curve, n
        )
        self.states = CurvedArcs(
            group_nodes[model.states.group],
            state_nodes[:-1],
            state_flow,
            model.states.limits,
            free(state_flow),
            state_curve,
            n,
        )
        self.needs = Arcs(
            state_nodes[needs.state],
            nodes.profiles + needs.profile,
            need_flow,
            _kept(model, need_flow),
            self.weights.need,
            n,
        )
        alone = model.alone[profiles.of_cell]
        self.cells = Arcs(
            nodes.profiles + profiles.of_cell,
            nodes.offers + profiles.offer,
            totals(model.cell(allocation.need, allocation.offer), allocation.units, len(profiles.offer)),
            Limits(np.where(alone, profiles.least, 0), np.where(alone, profiles.most, UNLIMITED)),
            self.weights.cell,
            n,
        )
        self.offers = Arcs(
            nodes.offers + np.arange(model.n_offers),
            providers[offers.provider],
            offer_flow,
            Limits(offers.least, offers.units),
            free(offer_flow),
            n,
        )
        provider_flow = totals(offers.provider, offer_flow, len(model.providers.most))
        self.providers = Arcs(
            providers[:-1], np.zeros_like(provider_flow), provider_flow, model.providers, free(provider_flow), n
        )
        self.potential, self.reached = distances(GROUND, n, *self.residual())

    @cached_property
    def towards_ground(self) -> Ints:
        """Other potentials of the flow: under these every node has a tight way to the ground, not from it.

        To be asked for while nothing is changed.
        """
        tail, head, cost = self.residual()
        return -distances(GROUND, self.nodes.end, head, tail, cost)[0]

    def _curves(self) -> tuple[Curve, Curve]:
        model, scale = self.model, self.weights.scale
        fair = model.objective == "equal_treatment"
        none = np.zeros(len(model.groups.most), dtype=np.int64)
        group = Curve(Steps.of(model.fairness.group if fair else ()), none, model.n_asking, scale.point)
        if model.objective == "leximin":
            return Ladder(model.asked, scale.first), group
        one = np.ones(model.n_states, dtype=np.int64)
        return Curve(Steps.of(model.fairness.state if fair else ()), model.states.received, one, scale.point), group

    @property
    def kinds(self) -> tuple[Arcs, ...]:
        """All arcs, kind by kind."""
        return self.groups, self.states, self.needs, self.cells, self.offers, self.providers

    def out_of(self, node: int) -> Iterator[Batch]:
        """Residual arcs that leave a node: more units along those that do, fewer along those that enter."""
        potential, here = self.potential, self.potential[node]
        for arcs in self._kinds_leaving(node):
            arc = arcs.leaving(node)
            arc = arc[arcs.flow[arc] < arcs.most[arc]]
            if len(arc):
                end = arcs.head[arc]
                yield Batch(arcs, arc, True, end, here - arcs.up[arc] - potential[end])
        for arcs in self._kinds_entering(node):
            arc = arcs.entering(node)
            arc = arc[arcs.flow[arc] > arcs.least[arc]]
            if len(arc):
                end = arcs.tail[arc]
                yield Batch(arcs, arc, False, end, here + arcs.down[arc] - potential[end])

    def into(self, node: int) -> Iterator[Batch]:
        """Residual arcs that enter a node."""
        potential, here = self.potential, self.potential[node]
        for arcs in self._kinds_entering(node):
            arc = arcs.entering(node)
            arc = arc[arcs.flow[arc] < arcs.most[arc]]
            if len(arc):
                end = arcs.tail[arc]
                yield Batch(arcs, arc, True, end, potential[end] - arcs.up[arc] - here)
        for arcs in self._kinds_leaving(node):
            arc = arcs.leaving(node)
            arc = arc[arcs.flow[arc] > arcs.least[arc]]
            if len(arc):
                end = arcs.head[arc]
                yield Batch(arcs, arc, False, end, potential[end] + arcs.down[arc] - here)

    def reduced(self, arcs: Arcs, arc: int) -> int:
        """What one more unit on an arc costs beyond the prices; negative where it gains."""
        return int(self.potential[arcs.tail[arc]] - arcs.up[arc] - self.potential[arcs.head[arc]])

    def reduced_less(self, arcs: Arcs, arc: int) -> int:
        """What one unit less on an arc costs beyond the prices; negative where it gains."""
        return int(self.potential[arcs.head[arc]] + arcs.down[arc] - self.potential[arcs.tail[arc]])

    def _kinds_leaving(self, node: int) -> tuple[Arcs, ...]:
        nodes = self.nodes
        if node >= nodes.offers:
            return (self.offers,) if node < nodes.providers else (self.providers,)
        if node >= nodes.states:
            return (self.cells,) if node >= nodes.profiles else (self.needs,)
        return (self.states,) if node >= nodes.groups else (self.groups, self.states, self.needs)

    def _kinds_entering(self, node: int) -> tuple[Arcs, ...]:
        nodes = self.nodes
        if node >= nodes.offers:
            return (self.cells,) if node < nodes.providers else (self.offers,)
        if node >= nodes.states:
            return (self.needs,) if node >= nodes.profiles else (self.states,)
        return (self.groups,) if node >= nodes.groups else (self.offers, self.providers)

    def residual(self) -> tuple[Ints, Ints, Ints]:
        """Tail, head and cost of every residual arc."""
        tails, heads, costs = [], [], []
        for arcs in self.kinds:
            every = np.arange(arcs.count)
            more, less = every[arcs.flow[every] < arcs.most[every]], every[arcs.flow[every] > arcs.least[every]]
            tails += [arcs.tail[more], arcs.head[less]]
            heads += [arcs.head[more], arcs.tail[less]]
            costs += [-arcs.up[more], arcs.down[less]]
        return np.concatenate(tails), np.concatenate(heads), np.concatenate(costs)


def _kept(model: Model, served: Ints) -> Limits:
    """At least and at most so many units for each need: what no flow can decide about stays as it is."""
    least, most = model.needs.least.copy(), model.needs.units.copy()
    for bundle in model.conditions.bundles:
        for need in bundle.needs:
            least[need] = most[need] = served[need]
    for pair in model.conditions.substitutes:
        for need in pair:
            most[need] = most[need] if served[need] else 0
    return Limits(least, most)
