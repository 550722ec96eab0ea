"""Leximin as a sum: how much each unit that a State receives counts towards the fairest vector of shares.

The n-th unit of a State that asks for a takes it from the share (n - 1) / a to n / a. Leximin takes steps from a lower
share first and, of those, steps to a higher one: that is the order of their ranks, from 1 for the last. What States can
receive together is a set of such a kind (M-natural-convex, as always with flows) that an allocation has the
lexicographically greatest vector of shares if and only if the ranks of its steps have the greatest sum. [1]_

.. [1] A. Frank, K. Murota, *Decreasing minimization on M-convex sets*, Mathematical Programming 195 (2022).
"""

from collections.abc import Sequence


def ranks(asked: Sequence[int]) -> list[list[int]]:
    """The rank of each step of each State, its first unit first, given what each asks for."""
    # Shares of whole numbers below 2^26 that differ do so by more than floats round them; equal ones round alike.
    keys = [[(n / units, -(n + 1) / units) for n in range(units)] for units in asked]
    rank = {key: number for number, key in enumerate(sorted({key for row in keys for key in row}, reverse=True), 1)}
    return [[rank[key] for key in row] for row in keys]
