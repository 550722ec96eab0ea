"""Arrays of whole numbers: their types, and sums at positions. Solvers and checkers alike rest on this."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def totals(position: Ints, units: Ints, number: int) -> Ints:
    """Sums of units at each position from 0 to ``number`` - 1; what is at -1 belongs to nobody and is left out."""
    total = np.zeros(number + 1, dtype=np.int64)
    np.add.at(total, position, units)
    return total[:-1]
