"""Units handed back from profiles to needs.

A flow says how many units of interchangeable needs are served, and how many go through each cell of their profile. Who
gets them follows from urgency and place alone; from which offer, from the north-west corner rule, which splits needs
among as few offers as can be.
"""

import numpy as np

from matching.arrays import Ints


def first_come(units: Ints, start: Ints, served: Ints) -> Ints:
    """Units served of each need, in full one after the other until those of its class run out.

    Needs of class ``k`` are ``start[k]:start[k + 1]`` of ``units``, best first; ``served`` are the units of each class.
    """
    before = np.cumsum(units) - units
    first = np.repeat(before[np.minimum(start[:-1], max(len(units) - 1, 0))], np.diff(start)) if len(units) else before
    return np.clip(np.repeat(served, np.diff(start)) - (before - first), 0, units)


def north_west(needs: Ints, cells: Ints) -> tuple[Ints, Ints, Ints]:
    """Which cells serve which needs: positions of needs, positions of cells, units; sorted.

    ``needs`` are units served of each need and ``cells`` units of each cell, both in the order of profiles, and with
    the same sum for each profile. Laid end to end, the units of both meet piece by piece, and no piece crosses from one
    profile to the next: of a profile with n needs and m cells there are at most n + m - 1 pieces.
    """
    end_of_need, end_of_cell = np.cumsum(needs), np.cumsum(cells)
    end = np.union1d(end_of_need, end_of_cell)
    end = end[end > 0]
    begin = np.concatenate([np.zeros(1, dtype=np.int64), end[:-1]])[: len(end)]
    need = np.searchsorted(end_of_need, begin, side="right")
    cell = np.searchsorted(end_of_cell, begin, side="right")
    return need, cell, end - begin
