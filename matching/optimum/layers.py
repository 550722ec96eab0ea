"""A model as a flow: its objective as levels of costs, terms as bounds, ties as pieces, and the flow read back."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matching.arrays import Ints
from matching.model import Allocation, Model, Prices
from matching.optimum.exact import product
from matching.optimum.face import Face
from matching.optimum.handback import first_come, north_west
from matching.optimum.laying import Laid
from matching.optimum.network import FlowSolver, Network
from matching.optimum.tie_keys import TieKeys
from matching.optimum.ties import Optimum, canonical, lexicographic


@dataclass(frozen=True)
class Terms:
    """Conditions beyond the model: needs to be served in full, and needs not to be served.

    Both are positions of needs that are alone in their profile.
    """

    full: frozenset[int] = frozenset()
    out: frozenset[int] = frozenset()


NO_TERMS = Terms()


class Layers:
    """The network of a model (`laying`) and what it says; laid once, as terms change only its bounds.

    ``levels`` are the costs of all arcs at each level of the objective; of leximin only points, as what comes before is
    no cost of arcs (`face`).
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.laid = Laid(model)
        points = self.laid.network.cost
        by_units = model.objective == "most_needs_served"
        self.levels: tuple[Ints, ...] = (self._unserved(), points) if by_units else (points,)
        self.network = replace(self.laid.network, cost=self.levels[0])

    def _unserved(self) -> Ints:
        """Costs that count the units which are not served."""
        cost = np.zeros_like(self.laid.network.cost)
        cost[self.laid.step_arc] = 1
        return cost

    def under(self, terms: Terms) -> Network:
        """The network under terms: a need is kept out by its cells, in full by the arc on which it gives units up."""
        if not (terms.full or terms.out):
            return self.network
        laid, profiles = self.laid, self.model.profiles
        capacity = self.network.capacity.copy()
        for need in terms.out:
            profile = self.model.needs.profile[need]
            capacity[laid.cell_arc[profiles.start[profile] : profiles.start[profile + 1]]] = 0
        full = np.array(sorted(terms.full), dtype=np.int64)
        of_class = laid.classes.first[self.model.needs.profile[full]]
        capacity[laid.step_arc[np.searchsorted(laid.classes.step_class, of_class)]] = 0
        return replace(self.network, capacity=capacity)

    def optimum(self, terms: Terms, solver: FlowSolver) -> Optimum:
        """Any one of the best flows under terms, but by points alone for leximin. Raises NoFlow where there is none."""
        return lexicographic(self.under(terms), self.levels, solver)

    def canonical(self, terms: Terms, solver: FlowSolver) -> Optimum:
        """The canonical one of the best flows under terms. Raises NoFlow where there is none."""
        ties = TieKeys(self.laid)
        if self.model.objective == "leximin":
            face = Face.of(self.under(terms), self.laid.askers, solver)
            return face.solved(self.levels, ties, canonical, solver)
        return canonical(self.under(terms), self.levels, ties, solver)

    def worth(self, units: Ints) -> tuple[int, ...]:
        """What the units of arcs are worth at each of the ``levels``, in integers of any size."""
        return tuple(whole - product(cost, units) for whole, cost in zip(self._whole, self.levels, strict=True))

    @cached_property
    def _whole(self) -> tuple[int, ...]:
        """What nothing would cost, at each level: a flow is worth this less its cost."""
        points = self.laid.without_cost()
        return (int(self.model.needs.units.sum()), points) if len(self.levels) == 2 else (points,)

    def allocation(self, units: Ints) -> Allocation:
        """What the units of arcs give to each need, from which offers (`handback`)."""
        model, laid = self.model, self.laid
        classes, needs, profiles = laid.classes, model.needs, model.profiles
        given_up = np.bincount(classes.step_class, units[laid.step_arc], classes.number)
        served = first_come(needs.units[classes.order], classes.start, laid.class_units - given_up.astype(np.int64))
        some = np.flatnonzero(served)
        chosen, served = classes.order[some], served[some]
        by_place = np.lexsort((needs.place[chosen], needs.profile[chosen]))
        used = np.flatnonzero(laid.cell_arc >= 0)
        used = used[units[laid.cell_arc[used]] > 0]
        at_need, at_cell, through = north_west(served[by_place], units[laid.cell_arc[used]])
        need, cell = chosen[by_place][at_need], used[at_cell]
        order = np.lexsort((profiles.offer[cell], need))
        need, cell = need[order], cell[order]
        return Allocation(need, profiles.offer[cell], through[order], model.points(need, cell))

    def prices(self, optimum: Optimum) -> tuple[Prices, ...]:
        """The prices behind each level of an optimum: what one unit more into a node costs on its way to the sink."""
        points = self._prices(optimum.potentials[-1], 0, 1)
        if len(optimum.potentials) == 1:
            return (points,)
        served, left = optimum.potentials
        tail, head, cost = self.network.tail, self.network.head, self.levels[-1]
        # Arcs that the first level fixes may have any reduced cost at the second: they outweigh it.
        dear = int(np.abs(cost + left[tail] - left[head]).max(initial=0)) + 1
        both = served.astype(object) * dear + left.astype(object)
        return self._prices(served, 1, 0), self._prices(both, dear, 1)

    def _prices(self, potential: Ints, units_weight: int, points_weight: int) -> Prices:
        laid = self.laid
        height = potential[laid.sink] - potential
        state, group = laid.detours()
        return Prices(
            units_weight=units_weight,
            points_weight=points_weight,
            offer=height[laid.offer_node].tolist(),
            provider=height[laid.provider_node[:-1]].tolist(),
            state=(height[laid.state_node[:-1]] - points_weight * state).tolist(),
            group=(height[laid.group_node[:-1]] - points_weight * group).tolist(),
        )
