"""The best prices that there are for a bound: those of the linear program in which needs may be served in part.

It is told as what changes in an optimal flow, so that nothing changes at first and no change is worth it; only the
conditions are not kept. That leaves the dual simplex little to do. Arcs that cost much at the flow's prices are left
out until the prices found want them.
"""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Bools, Ints
from matching.conditions.conditioned import Priced
from matching.conditions.leftover import lay_parts, lay_served
from matching.conditions.program import LARGEST_EXACT, Program
from matching.errors import TooLarge
from matching.time_limit import TimeLeft, is_over

ARCS_BY_NODE = 4
"""So many arcs for each node are in the program at first."""

TOLERANCE = 2.0**-10
"""A price that pays less than this pays nothing: floats are no more exact."""


def sharpened(optimal: Priced, time_left: TimeLeft) -> Priced | None:
    """An optimal flow at the prices whose bound is the greatest, but for rounding; None if they are not found in time.

    Raises TooLarge where floats could not tell costs apart, SolverFailed where HiGHS fails.
    """
    changes = _Changes.of(optimal)
    n_nodes = optimal.of.network.n_nodes
    while True:
        program, cost = changes.program(optimal)
        found = program.in_parts(cost, time_left())
        if found is None and changes.complete:
            return None
        left_out = changes.usable & ~changes.is_in
        if found is not None:
            price = found.price[:n_nodes]
            left_out &= changes.rate - price[changes.tail] + price[changes.head] < -TOLERANCE
        if found is not None and not left_out.any():
            return optimal.at(optimal.potential - np.rint(price).astype(np.int64))
        if is_over(time_left):
            return None
        changes.is_in[left_out] = True


@dataclass(frozen=True)
class _Changes:
    """Ways to change a flow: first that each arc carries more, then that each carries less; which are in the program.

    A unit of change goes from ``tail`` to ``head`` at a ``rate``; there is ``room`` for so many.
    """

    tail: Ints
    head: Ints
    rate: Ints
    room: Ints
    is_in: Bools

    @classmethod
    def of(cls, optimal: Priced) -> "_Changes":
        network, rate = optimal.of.network, optimal.reduced_cost
        if int(np.abs(rate).max(initial=0)) > LARGEST_EXACT:
            raise TooLarge(f"costs exceed {LARGEST_EXACT}, beyond which HiGHS does not tell sums apart")
        room = np.concatenate([network.capacity - optimal.flow, optimal.flow])
        both = np.concatenate([rate, -rate])
        usable = np.flatnonzero(room > 0)
        few = min(ARCS_BY_NODE * network.n_nodes, len(usable))
        dearest = np.partition(both[usable], few - 1)[few - 1] if few else 0
        is_in = (room > 0) & (both <= dearest)
        unserved = optimal.of.needs.unserved
        is_in[unserved] = is_in[unserved + len(rate)] = True
        ends = np.concatenate([network.tail, network.head]), np.concatenate([network.head, network.tail])
        return cls(*ends, both, room, is_in)

    @property
    def usable(self) -> Bools:
        """Changes that there is room for."""
        return np.asarray(self.room > 0, dtype=bool)

    @property
    def complete(self) -> bool:
        """Whether no change is left out of the program."""
        return not (self.usable & ~self.is_in).any()

    def program(self, optimal: Priced) -> tuple[Program, Ints]:
        """The program of the changes that are in, and what its variables cost. Its first lines are the nodes."""
        of, program = optimal.of, Program()
        is_in = np.flatnonzero(self.is_in)
        changed = program.add(np.zeros_like(is_in), self.room[is_in])
        nodes = np.concatenate([self.tail[is_in], self.head[is_in]])
        signs = np.repeat(np.array([1, -1], dtype=np.int64), len(is_in))
        program.limit(nodes, np.tile(changed, 2), signs, *[np.zeros(of.network.n_nodes, dtype=np.int64)] * 2)
        served = program.add(of.needs.bound.astype(np.int64), np.ones(len(of.needs.need), dtype=np.int64))
        unserved = np.stack([of.needs.unserved, of.needs.unserved + len(of.network.tail)], axis=1)
        already = optimal.flow[of.needs.unserved]
        lay_served(program, of, served, changed[np.searchsorted(is_in, unserved)], already)
        lay_parts(program, of, served)
        return program, program.coefficients(changed, self.rate[is_in])
