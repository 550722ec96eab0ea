"""Slopes as runs of units: what the n-th unit of a State, or of a regional group, earns beside its points.

Slopes never rise, so what units earn together is concave, and giving units up costs the least for the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.arrays import Ints
from matching.model import UNLIMITED


@dataclass(frozen=True)
class Steps:
    """Slopes, equal ones joined: units up to ``until[k]`` (exclusive of those before) earn ``slope[k]`` each.

    ``until`` rises and ends UNLIMITED: the last slope repeats.
    """

    slope: Ints
    until: Ints

    @classmethod
    def of(cls, slopes: Sequence[int]) -> "Steps":
        """The steps of slopes given for each unit; of none, a single step that earns nothing."""
        slope = np.array(slopes or (0,), dtype=np.int64)
        last = np.append(np.flatnonzero(np.diff(slope)), len(slope) - 1)
        until = last + 1
        until[-1] = UNLIMITED
        return cls(slope[last], until)

    @property
    def matter(self) -> bool:
        """Whether any unit earns anything."""
        return bool(self.slope.any())

    @property
    def constant(self) -> int:
        """What makes every slope at least 0 if it is added to each."""
        return max(0, -int(self.slope[-1]))

    def runs(self, before: Ints, width: Ints, units: Ints) -> Ints:
        """How many of the next units of each owner fall on each step: shape (owners, steps).

        Owners have had ``before`` units, and each slope lasts them for ``width`` units.
        """
        # No step is longer than what any owner can reach; cut there, the product stays within 64 bits.
        reach = int((before + units).max(initial=0)) + 1
        until = np.minimum(self.until, reach)[None, :] * np.maximum(width, 1)[:, None]
        until[:, -1] = UNLIMITED
        reached = np.minimum(until, (before + units)[:, None])
        earlier = np.concatenate([np.zeros((len(units), 1), dtype=np.int64), until[:, :-1]], axis=1)
        runs: Ints = np.maximum(reached - np.maximum(earlier, before[:, None]), 0)
        return runs
