"""What decides between allocations that are equally good: fewest units, then places, then lots.

Pairs that gain nothing are not used. Of needs that gain as much, those by better places are served: units that are
given up cost more the better the place of their need. Which units can be served together is an M-natural-convex set, so
no two choices of needs are left after that. Which offers serve them is drawn.
"""

from functools import cached_property

import numpy as np

from matching.arrays import Ints
from matching.model import Lots
from matching.optimum.laying import Laid
from matching.optimum.ties import Pieces, scattered

KEY_BITS = 12
"""Of a drawn key: few, so that several levels fit 64 bits; where two draw the same, the next level differs."""


class TieKeys:
    """The ties of a model's network."""

    def __init__(self, laid: Laid) -> None:
        self._laid, self._model = laid, laid.model

    def first(self) -> Ints:
        """Each unit served costs 1."""
        cost = np.zeros(len(self._laid.network.tail), dtype=np.int64)
        cost[self._laid.offer_arc] = 1
        return cost

    def pieces(self, arcs: Ints) -> Pieces:
        """Arcs on which classes give units up are cut into those of each need, dearest by the best place."""
        laid, needs = self._laid, self._model.needs
        step, start = laid.step_of_arc[arcs], laid.classes.step_start
        number = np.where(step >= 0, start[step + 1] - start[step], 1)
        arc = np.repeat(np.arange(len(arcs)), number)
        within = np.arange(len(arc)) - np.repeat(np.cumsum(number) - number, number)
        is_cut = step[arc] >= 0
        need = laid.classes.order[start[step[arc[is_cut]]] + within[is_cut]]
        capacity, cost = laid.network.capacity[arcs][arc], np.zeros(len(arc), dtype=np.int64)
        capacity[is_cut] = np.minimum(needs.units[need], capacity[is_cut])
        cost[is_cut] = self._model.n_needs - needs.place[need]
        return Pieces(arc, capacity, cost, is_cut)

    def drawn(self, level: int) -> Ints:
        """The key of a cell mixes the lots of its profile's first need by place and of its offer with the level."""
        profiles, offers = self._model.profiles, self._model.offers
        laid = np.flatnonzero(self._laid.cell_arc >= 0)
        of_profile, of_offer = profiles.of_cell[laid], profiles.offer[laid]
        mixed = scattered(self._lots[of_profile] ^ scattered(offers.lot, level)[of_offer], 0)
        key = np.zeros(len(self._laid.network.tail), dtype=np.int64)
        key[self._laid.cell_arc[laid]] = (mixed >> np.uint64(64 - KEY_BITS)).astype(np.int64)
        return key

    @cached_property
    def _lots(self) -> Lots:
        """The lot of each profile: that of its first need by place."""
        needs = self._model.needs
        lots = np.zeros(self._model.n_profiles, dtype=np.uint64)
        last_first = np.empty_like(needs.place)
        last_first[len(needs.place) - 1 - needs.place] = np.arange(len(needs.place))
        lots[needs.profile[last_first]] = needs.lot[last_first]
        return lots
