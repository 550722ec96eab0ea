"""Leximin as weights: the fairest vector of shares is that of the allocation whose units are worth most in all.

A State that asks for a units goes with its n-th unit from the share (n - 1) / a to n / a. Steps from a lower share come
first, of those the ones to a higher share: that is the *key* of a step. What States can receive together forms an
M-natural-convex set, as flows do, whatever leasts and mosts there are; what lies below it is a polymatroid, in which
taking steps by their keys is the greedy algorithm. That reaches the vector that is lexicographically greatest, and the
greatest sum of any weights that fall as keys do. So with the *rank* of its key as the weight of each step, one flow
finds all leximin vectors at once, and its prices prove them. [1]_

.. [1] A. Frank, K. Murota, *Decreasing minimization on M-convex sets*, Mathematical Programming 195 (2022).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.errors import TooLarge
from matching.model import Ints, Limits

LARGEST_ASKED = 2**22
"""Units that States may ask for in all: each is an arc of its own."""


def ranks(asked: Ints) -> tuple[Ints, Ints]:
    """The rank of each step of each State, from what each asks for; the first steps to take have the highest ranks.

    Those of State ``t`` are ``rank[start[t]:start[t + 1]]``, its first unit first. They are at least 1 and fall
    strictly within a State; steps of the same key have the same rank, whichever States'. Raises TooLarge where States
    ask for more than LARGEST_ASKED units.
    """
    if sum(asked.tolist()) > LARGEST_ASKED:
        raise TooLarge(f"States ask for {sum(asked.tolist())} units; leximin takes {LARGEST_ASKED} at most")
    start = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(asked)])
    of_each = np.repeat(asked, asked)
    unit = np.arange(start[-1]) - np.repeat(start[:-1], asked)
    # Different shares of so few units differ by more than floats round them, and equal ones are rounded alike.
    before, after = unit / of_each, (unit + 1) / of_each
    order = np.lexsort((after, -before))
    changes = (np.diff(before[order]) != 0) | (np.diff(after[order]) != 0)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.cumsum(np.concatenate([np.ones(min(len(order), 1), dtype=bool), changes]))
    return start, rank


class Losses(NamedTuple):
    """What it costs that States go without units, one at a time and the last one first: arrays over such units.

    ``owner`` is the State, ``rank`` what is lost; the unit may be given up if ``capacity`` is 1, and has to be where
    ``minimum`` is. A State that cannot receive its least has a unit that has to be and may not.
    """

    owner: Ints
    rank: Ints
    capacity: Ints
    minimum: Ints

    @classmethod
    def of(cls, asked: Ints, limits: Limits) -> "Losses":
        """The losses of States that ask for so many units and have these limits."""
        start, rank = ranks(asked)
        length = np.maximum(asked, 1)
        owner = np.repeat(np.arange(len(asked)), length)
        before = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
        own = asked[owner]
        lost = np.append(rank, 0)[np.where(own > 0, start[owner] + own - 1 - before, -1)]
        least, most = asked - np.minimum(limits.most, asked), asked - limits.least
        minimum = (before < least[owner]) | (most[owner] < 0) & (before == 0)
        return cls(owner, lost, (before < most[owner]).astype(np.int64), minimum.astype(np.int64))


def shares(asked: Sequence[int], served: Sequence[int]) -> tuple[int, ...]:
    """The ascending vector of served / asked of the States that ask, as whole numbers of one common fraction.

    That is 1 over the least common multiple of all that is asked, so vectors of one problem compare as they are.
    """
    pairs = [(units, of) for units, of in zip(served, asked, strict=True) if of]
    common = math.lcm(*(of for _, of in pairs))
    return tuple(sorted(units * (common // of) for units, of in pairs))
