"""Levels of costs joined into one, each outweighing the next, so that one flow is optimal by all of them in turn.

How much a level has to outweigh the next depends on potentials that are not known beforehand. So the weights are as
generous as 64 bits allow, and it is proved afterwards (`optimality.left_open`) that they were enough.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.arrays import Ints
from matching.optimum.network import LARGEST_SUM

LEAST_ROOM = 3
"""Bits between the costs of levels with fewer of which joining is hardly worth a try."""

MOST_ROOM = 12
"""More have never been needed."""


class Joined(NamedTuple):
    """The joined costs, and by how many bits each level but the first is lifted above what is below it."""

    cost: Ints
    bits: tuple[int, ...]

    def split(self, potential: Ints) -> tuple[Ints, ...]:
        """The potentials of each level in those of the joined costs: digits, as near to 0 as can be."""
        digits: list[Ints] = []
        for bits in reversed(self.bits):
            higher = (potential + (1 << bits >> 1)) >> bits
            digits.append(potential - (higher << bits))
            potential = higher
        return potential, *reversed(digits)


def join(levels: Sequence[Ints], n_nodes: int) -> Joined | None:
    """Join levels of whole costs; None where 64 bits are too few for them.

    Where a cost is negative, one of a level before has to be positive.
    """
    widths = [int(np.abs(cost).max(initial=0)).bit_length() for cost in levels]
    free = LARGEST_SUM.bit_length() - 2 - (n_nodes + 1).bit_length() - sum(widths)
    room = min(free // max(len(levels) - 1, 1), MOST_ROOM)
    if room < LEAST_ROOM:
        return None
    bits = tuple(width + room for width in widths[1:])
    joined = levels[0].copy()
    for cost, lift in zip(levels[1:], bits, strict=True):
        joined = (joined << lift) + cost
    return Joined(joined, bits)
