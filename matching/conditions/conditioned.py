"""A flow network some of whose needs stand under conditions: its flows, and the bounds that their prices prove.

At fixed potentials a need's units cost what the reduced costs of its own arcs say, whatever other needs do. So the
least cost of each part of the conditions, summed, bounds every flow that keeps them; and what a choice costs beyond the
least of its part, or a unit on any arc, can be afforded only within the gap between that bound and a flow known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.conditions.parts import Choice, Cost, Costs, Part
from matching.optimum.exact import product
from matching.optimum.network import LARGEST_SUM, FlowSolver, Network
from matching.optimum.optimality import proof


class Needs(NamedTuple):
    """The needs of the parts, as the network knows them: arrays of one length.

    ``need`` is its position in the model, ascending. Its units leave ``node`` by ``unserved``, or by its cells; it is
    served if at least ``least`` of them go by the cells, and ``bound`` to be where a pin or a least says so.
    """

    need: Ints
    node: Ints
    unserved: Ints
    least: Ints
    bound: Bools


class Cells(NamedTuple):
    """Arcs from the needs to offers, and where the need of each stands among the needs."""

    arc: Ints
    place: Ints


@dataclass(frozen=True)
class Conditioned:
    """A network without minimums, the parts of the conditions, and their needs.

    ``fixed`` needs are served, or not, in every flow of the network.
    """

    network: Network
    parts: Sequence[Part]
    needs: Needs
    fixed: Choice

    @cached_property
    def cells(self) -> Cells:
        """The cells of all needs."""
        place = np.full(self.network.n_nodes, -1, dtype=np.int64)
        place[self.needs.node] = np.arange(len(self.needs.node))
        owner = place[self.network.tail]
        owner[self.needs.unserved] = -1
        arcs = np.flatnonzero(owner >= 0)
        return Cells(arcs, owner[arcs])

    @cached_property
    def others(self) -> Ints:
        """Arcs that leave no need of the parts."""
        others = np.ones(len(self.network.tail), dtype=bool)
        others[self.needs.unserved] = others[self.cells.arc] = False
        return np.flatnonzero(others)

    @cached_property
    def place_of(self) -> dict[int, int]:
        """Where each need stands among the needs."""
        return {need: place for place, need in enumerate(self.needs.need.tolist())}

    @cached_property
    def units(self) -> Ints:
        """Units that leave the node of each need."""
        return self.network.supply[self.needs.node]

    def under(self, fixed: Choice) -> Network:
        """The network in which the needs fixed to be served are, and those fixed not to be are not."""
        capacity = self.network.capacity.copy()
        is_served = np.array([fixed.get(need, False) for need in self.needs.need.tolist()], dtype=bool)
        is_shut = np.array([not fixed.get(need, True) for need in self.needs.need.tolist()], dtype=bool)
        unserved = self.needs.unserved[is_served]
        capacity[unserved] = np.minimum(capacity[unserved], (self.units - self.needs.least)[is_served])
        capacity[self.cells.arc[is_shut[self.cells.place]]] = 0
        return replace(self.network, capacity=capacity)

    def solved(self, fixed: Choice, solver: FlowSolver) -> "Priced":
        """The cheapest flow under what is fixed, other conditions dropped. Raises NoFlow where there is none."""
        network = self.under(fixed)
        flow = solver(network)
        return Priced(self, fixed, flow.units, proof(network, flow)[0])


@dataclass(frozen=True)
class Priced:
    """A flow of a network under what is fixed, and potentials.

    These prove the flow optimal but for ``wasted``: what it pays at these prices, beyond the least that is possible,
    for arcs that leave no need of the parts.
    """

    of: Conditioned
    fixed: Choice
    flow: Ints
    potential: Ints
    wasted: int = 0

    @cached_property
    def cost(self) -> int:
        """What the flow costs."""
        used = np.flatnonzero(self.flow)
        costs, units = self.of.network.cost[used], self.flow[used]
        return sum(cost * n for cost, n in zip(costs.tolist(), units.tolist(), strict=True))

    @cached_property
    def reduced_cost(self) -> Ints:
        """What a unit on each arc costs beyond the prices of its ends."""
        network = self.of.network
        reduced = network.cost + self.potential[network.tail] - self.potential[network.head]
        greatest = int(np.abs(reduced).max(initial=0)) * (int(network.supply.max(initial=0)) + 1)
        return reduced if greatest < LARGEST_SUM else reduced.astype(object)

    @cached_property
    def choice(self) -> dict[int, bool]:
        """Which needs the flow serves, in full or in part."""
        return dict(zip(self.of.needs.need.tolist(), self._served.tolist(), strict=True))

    @cached_property
    def partial(self) -> frozenset[int]:
        """Needs that the flow serves, but with too few units."""
        short = self._served & (self._units_served < self.of.needs.least)
        return frozenset(self.of.needs.need[short].tolist())

    @cached_property
    def violated(self) -> list[int]:
        """Places of the parts whose conditions the flow does not keep."""
        return [
            place
            for place, part in enumerate(self.of.parts)
            if not self.partial.isdisjoint(part.needs) or not part.kept_by(self.choice)
        ]

    def least(self, part: Part, fixed: Choice) -> Cost:
        """The least that a part can cost at these prices if it keeps its conditions and agrees with ``fixed``."""
        return part.best(self.costs, fixed).cost

    def shortfall(self, part: Part) -> Cost:
        """What the flow pays less for a part than keeping its conditions would cost, at these prices."""
        return self.least(part, self.fixed) - self.paid(part)

    def bound(self, fixed: Choice) -> Cost:
        """What no flow costs less than that keeps the conditions and agrees with ``fixed``; infinite if none can."""
        return self.cost - self.wasted + sum(self.least(part, fixed) - self.paid(part) for part in self.of.parts)

    def at(self, potential: Ints) -> "Priced":
        """The flow at other potentials."""
        rate = replace(self, potential=potential).reduced_cost[self.of.others]
        off = self.flow[self.of.others]
        off = np.where(rate > 0, off, off - self.of.network.capacity[self.of.others])
        return replace(self, potential=potential, wasted=product(rate, off))

    def implied(self, part: Part, fixed: Choice) -> dict[int, bool]:
        """What is fixed, and what that leaves no other way for in a part."""
        implied = dict(fixed)
        for need in part.needs:
            for served in (True, False):
                if need not in implied and self.least(part, {**implied, need: served}) == inf:
                    implied[need] = not served
        return implied

    def cheapest(self, fixed: Choice) -> dict[int, bool]:
        """The best choice at these prices that keeps the conditions and agrees with ``fixed``; empty if none does.

        Of several that are as good at these prices, it is one that changes the fewest units of the flow.
        """
        chosen: dict[int, bool] = {}
        for part in self.of.parts:
            best = part.best(self._costs_and_changes, fixed)
            if not best.choice:
                return {}
            chosen.update(best.choice)
        return chosen

    @cached_property
    def _costs_and_changes(self) -> Costs:
        """The costs of needs, so weighed that they outweigh the units of the flow that change."""
        units, served = self.of.units.tolist(), self._units_served.tolist()
        weight = 1 + sum(units)
        least = self.of.needs.least.tolist()
        places = self.of.place_of
        return Costs(
            {need: self.costs.served[need] * weight + max(least[at] - served[at], 0) for need, at in places.items()},
            {need: self.costs.not_served[need] * weight + served[at] for need, at in places.items()},
        )

    @cached_property
    def costs(self) -> Costs:
        """What it costs each need to be served, and not to be, at these prices."""
        filled, needs = self.filled, self.of.needs
        unserved = self.reduced_cost[needs.unserved] * self.of.units
        capacity = self.of.network.capacity[needs.unserved]
        shut = needs.bound | (capacity < self.of.units)
        return Costs(
            dict(zip(needs.need.tolist(), filled.cost, strict=True)),
            {
                need: inf if is_shut else cost
                for need, is_shut, cost in zip(needs.need.tolist(), shut.tolist(), unserved.tolist(), strict=True)
            },
        )

    @cached_property
    def filled(self) -> "_Filled":
        """Each need served by its cheapest arcs at these prices."""
        of, network = self.of, self.of.network
        n_needs = len(of.needs.need)
        reduced = self.reduced_cost[of.cells.arc]
        order = np.argsort(reduced, kind="stable")
        order = order[np.argsort(of.cells.place[order], kind="stable")]
        place, reduced = of.cells.place[order], reduced[order]
        units, unserved = of.units, self.reduced_cost[of.needs.unserved]
        most = np.minimum(network.capacity[of.cells.arc[order]], units[place])
        first = np.searchsorted(place, np.arange(n_needs))
        before = np.cumsum(most) - most
        before -= np.append(before, 0)[first][place]
        must = np.maximum(of.needs.least, units - network.capacity[of.needs.unserved])
        taken = np.clip(must[place] - before, 0, most)
        gains = reduced < unserved[place]
        taken = np.where(gains, np.clip(units[place] - before, 0, most), taken)
        total, left = np.zeros(n_needs, dtype=reduced.dtype), units.copy()
        np.add.at(total, place, reduced * taken)
        np.subtract.at(left, place, taken)
        dearest = np.where(left > 0, unserved, -LARGEST_SUM)
        np.maximum.at(dearest, place, np.where(taken > 0, reduced, -LARGEST_SUM))
        reached = np.bincount(place, most, n_needs) >= must
        cost = [
            value if is_reached else inf
            for value, is_reached in zip((total + left * unserved).tolist(), reached.tolist(), strict=True)
        ]
        return _Filled(cost, dearest)

    @property
    def _served(self) -> Bools:
        return np.asarray((self._units_served > 0) | self.of.needs.bound, dtype=bool)

    @cached_property
    def _units_served(self) -> Ints:
        return self.of.units - self.flow[self.of.needs.unserved]

    def paid(self, part: Part) -> int:
        """What the flow pays for the needs of a part at these prices."""
        return sum(self._paid_by_need[self.of.place_of[need]] for need in part.needs)

    @cached_property
    def _paid_by_need(self) -> list[int]:
        of, rate = self.of, self.reduced_cost
        paid = rate[of.needs.unserved] * self.flow[of.needs.unserved]
        np.add.at(paid, of.cells.place, rate[of.cells.arc] * self.flow[of.cells.arc])
        by_need: list[int] = paid.tolist()
        return by_need


class _Filled(NamedTuple):
    """The cost of serving each need, infinite where its cells cannot; and that of the dearest unit among it."""

    cost: Sequence[Cost]
    dearest: Ints
