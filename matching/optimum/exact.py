"""Sums of products in integers of any size, by 64-bit arithmetic where it cannot overflow."""

import numpy as np

from matching.arrays import Ints


def product(values: Ints, units: Ints) -> int:
    """The sum of values times units."""
    used = np.flatnonzero(units)
    values, units = values[used], units[used]
    if int(np.abs(values).max(initial=0)) * int(np.abs(units).max(initial=0)) * len(used) < 2**63:
        return int(values @ units)
    return sum(value * number for value, number in zip(values.tolist(), units.tolist(), strict=True))
