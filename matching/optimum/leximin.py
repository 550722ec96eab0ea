"""Leximin as weights: the fairest vector of shares is that of the allocation whose units weigh most in all.

A State that asks for a units goes with its n-th unit from the share (n - 1) / a to n / a. Steps from a lower share come
first, of those the ones to a higher share, which are those of smaller a. What States can receive together forms an
M-natural-convex set, as flows do, whatever leasts and mosts there are; what lies below it is a polymatroid, in which
taking steps in this order is the greedy algorithm. That reaches the vector that is lexicographically greatest, and the
greatest sum of any weights that fall in this order. So with such weights one flow finds all leximin vectors at once,
and its prices prove them. [1]_ The same goes for weights that fall only here and there (`thresholds`).

.. [1] A. Frank, K. Murota, *Decreasing minimization on M-convex sets*, Mathematical Programming 195 (2022).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.arrays import Ints


@dataclass(frozen=True)
class Weights:
    """The weights of the steps of States that ask for so many units each: whole and at least 1.

    The n-th step of a State that asks for a weighs ``(2 ** shift - (n - 1) * 2 ** shift // a) * 2 ** bits - a``, where
    every a is below ``2 ** bits``. Different shares differ by more than ``2 ** -shift``, so that rounding changes no
    order, and steps that weigh the same are from the same share to the same share.
    """

    asked: Ints

    @cached_property
    def bits(self) -> int:
        """How many bits the greatest number asked has."""
        return int(self.asked.max(initial=0)).bit_length()

    @property
    def shift(self) -> int:
        """How many binary places of a share count."""
        return 2 * self.bits + 1

    @property
    def greatest(self) -> int:
        """No step weighs more."""
        return 1 << self.shift + self.bits

    @cached_property
    def exact(self) -> Ints:
        """What is asked, in integers in which every weight can be worked out: of any size, where need be."""
        return self.asked.astype(np.int64 if self.shift + self.bits < 62 else object)

    def of(self, state: Ints, step: Ints) -> Ints:
        """The weight of the given steps, counted from 1, of States given by position."""
        asked = self.exact[state]
        weight: Ints = (((1 << self.shift) - self.share(state, step - 1)) << self.bits) - asked
        return weight

    def share(self, state: Ints, units: Ints) -> Ints:
        """What so many units are of all that States ask for, in parts of ``2 ** shift``, rounded down."""
        asked = self.exact[state]
        share: Ints = (units.astype(asked.dtype) << self.shift) // asked
        return share

    def below(self, state: Ints, share: int) -> Ints:
        """How many steps of States start below a share, in parts of ``2 ** shift``."""
        below: Ints = -((-share * self.exact[state]) >> self.shift)
        return below


def shares(asked: Sequence[int], served: Sequence[int]) -> tuple[int, ...]:
    """The ascending vector of served / asked of the States that ask, as whole numbers of one common fraction.

    That is 1 over the least common multiple of all that is asked, so vectors of one problem compare as they are.
    """
    pairs = [(units, of) for units, of in zip(served, asked, strict=True) if of]
    common = math.lcm(*(of for _, of in pairs))
    return tuple(sorted(units * (common // of) for units, of in pairs))
