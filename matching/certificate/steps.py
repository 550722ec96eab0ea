"""Leximin as a sum: how much each unit that a State receives counts towards the fairest vector of shares.

The n-th unit of a State that asks for a takes it from the share (n - 1) / a to n / a. Leximin takes steps from a lower
share first and, of those, steps to a higher one. What States can receive together is a set of such a kind
(M-natural-convex, as always with flows) that an allocation has the lexicographically greatest vector of shares if and
only if its steps weigh most in all, by any weights that fall in this order. [1]_

.. [1] A. Frank, K. Murota, *Decreasing minimization on M-convex sets*, Mathematical Programming 195 (2022).
"""

from collections.abc import Sequence


class Steps:
    """The weights of the steps of States, given what each asks for.

    The n-th step of a State that asks for a weighs ``(2 ** p - (n - 1) * 2 ** p // a) * 2 ** b - a``, where b is the
    number of bits of the greatest a and p is 2 b + 1: places enough to tell all shares apart.
    """

    def __init__(self, asked: Sequence[int]) -> None:
        self.asked = asked
        self._bits = max(asked, default=0).bit_length()
        self._places = 2 * self._bits + 1

    def weight(self, state: int, step: int) -> int:
        """The weight of a State's step, counted from 1."""
        asked = self.asked[state]
        return (((1 << self._places) - ((step - 1) << self._places) // asked) << self._bits) - asked

    def together(self, state: int, number: int) -> int:
        """The weight of a State's first so many steps."""
        if not number:
            return 0
        asked = self.asked[state]
        shares = _sum_of_floors(number, 1 << self._places, asked)
        return (((number << self._places) - shares) << self._bits) - number * asked


def _sum_of_floors(number: int, times: int, divisor: int) -> int:
    """The sum of ``i * times // divisor`` over i from 0, so many of them; in as many steps as Euclid's algorithm."""
    total = offset = 0
    while number > 0:
        whole, times = divmod(times, divisor)
        more, offset = divmod(offset, divisor)
        total += whole * number * (number - 1) // 2 + more * number
        # What is left of each is below 1: count the whole numbers passed instead, by the other axis.
        passed, rest = divmod(times * number + offset, divisor)
        if not passed:
            return total
        number, times, divisor, offset = passed, divisor, times, rest
    return total
