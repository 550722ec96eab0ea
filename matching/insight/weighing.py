"""Levels of an objective as one whole number, so that shortest paths compare them all at once.

The levels are what an objective counts first (units, or how even the shares of States are), then points and fairness,
then the places of the needs served, which decide among equals. Each level is weighed so that no simple cycle of a
network can make up for one unit of the level above it; numbers that outgrow 64 bits become integers of any size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.arrays import Ints
from matching.model import Model
from matching.optimum.concave import Steps

SAFE = 2**56
"""Weights below this can be added along some paths before anyone has to look whether 64 bits still do."""

LEAST_GREATEST = 1000
"""Points that an added pair may always have, however few those of the model are worth."""


@dataclass(frozen=True)
class Scale:
    """What one unit of the first level and one point weigh, beside a place, which weighs 2."""

    first: int
    point: int
    greatest: int

    @classmethod
    def of(cls, model: Model, n_nodes: int) -> "Scale":
        """The scale under which a better cycle of the model's network weighs more, whatever it does further down.

        It holds as long as no pair that is added earns more than ``greatest`` either way.
        """
        # Twice what there is: needs and pairs that are added must find room.
        point = 8 * (n_nodes + 1) * (model.n_needs + 2) + 1
        slopes = (abs(slope) for slope in (*model.fairness.state, *model.fairness.group, 0))
        greatest = 2 * max(_greatest(model.needs.urgency) + _greatest(model.profiles.affinity), *slopes, LEAST_GREATEST)
        first = (2 * (n_nodes + 1) * greatest + 1) * point
        return cls(first if model.objective in ("most_needs_served", "leximin") else 0, point, greatest)

    def levels(self, weight: int) -> tuple[int, ...]:
        """The levels of what one simple cycle weighs, places left out."""
        rest = weight
        first = 0
        if self.first:
            first = (weight + self.first // 2) // self.first
            rest = weight - first * self.first
        points = (rest + self.point // 2) // self.point
        return (first, points) if self.first else (points,)


@dataclass(frozen=True)
class Weights:
    """What one more unit weighs on each need and each cell; the same dtype throughout, int64 where that is safe.

    ``served`` is what any unit weighs as such, where units come first.
    """

    scale: Scale
    need: Ints
    cell: Ints
    served: int

    @classmethod
    def of(cls, model: Model, n_nodes: int) -> "Weights":
        """The weights of a model's needs and cells, whose network has so many nodes."""
        scale = Scale.of(model, n_nodes)
        most = 1 << (3 * ladder_bits(model.asked) + 1) if model.objective == "leximin" else 1
        safe = scale.first * most + 2 * scale.greatest * scale.point < SAFE
        kind = np.int64 if safe else object
        served = scale.first if model.objective == "most_needs_served" else 0
        places = 2 * (model.needs.place.astype(kind) + 1)
        need = model.needs.urgency.astype(kind) * scale.point + served - places
        return cls(scale, need, model.profiles.affinity.astype(kind) * scale.point, served)

    def of_new(self, number: int, before: int | None) -> int:
        """What a unit weighs on a need that is the model's ``number``-th, beside its points.

        Its place is odd, so between two others, where it comes before one of them.
        """
        return self.served - (2 * (number + 1) if before is None else 2 * before + 1)


class Curve:
    """What the n-th unit of each of some owners weighs: it never rises with n.

    ``runs`` of equal weight are told apart, so that several units move at once.
    """

    def __init__(self, steps: Steps, before: Ints, width: Ints, weight: int) -> None:
        self._slope = [int(slope) * weight for slope in steps.slope.tolist()]
        self._until = steps.until.tolist()
        self._before, self._width = before.tolist(), np.maximum(width, 1).tolist()

    def at(self, owner: int, n: int) -> int:
        """The weight of the owner's n-th unit."""
        return self._slope[self._step(owner, n)]

    def more(self, owner: int, n: int) -> int:
        """How many units after the n-th weigh what the next one does."""
        step = self._step(owner, n + 1)
        return int(self._until[step] * self._width[owner] - self._before[owner] - n)

    def less(self, owner: int, n: int) -> int:
        """How many units up to the n-th weigh what that one does."""
        step = self._step(owner, n)
        earlier = self._until[step - 1] if step else 0
        return int(n - max(earlier * self._width[owner] - self._before[owner], 0))

    def worth(self, owner: int, n: int) -> int:
        """The weight of the owner's first n units together."""
        total = 0
        while n:
            alike = self.less(owner, n)
            total += alike * self.at(owner, n)
            n -= alike
        return total

    def widen(self, owner: int, width: int) -> int:
        """Let each slope of an owner last for so many units; for how many it did."""
        before, self._width[owner] = self._width[owner], width
        return int(before)

    def _step(self, owner: int, n: int) -> int:
        reached = -(-(self._before[owner] + n) // self._width[owner])
        return next(step for step, until in enumerate(self._until) if reached <= until)


class Ladder(Curve):
    """What the n-th unit of each State weighs under `leximin`: more from a lower share, then to a higher one.

    Any weights that fall in this order have the same optima; these are told from what one State asks alone.
    """

    def __init__(self, asked: Ints, weight: int) -> None:
        self._asked, self._weight = asked.tolist(), weight
        self._bits = ladder_bits(asked)

    def at(self, owner: int, n: int) -> int:
        """The weight of the owner's n-th unit; nothing beyond what it asks."""
        asked = self._asked[owner]
        if n > asked:
            return 0
        # Different shares differ by more than the last of so many binary places.
        places = 2 * self._bits + 1
        left = (1 << places) - ((n - 1) << places) // asked
        return int(((left << self._bits) - asked) * self._weight)

    def more(self, owner: int, n: int) -> int:
        """One unit at a time."""
        return 1

    def less(self, owner: int, n: int) -> int:
        """One unit at a time."""
        return 1


def ladder_bits(asked: Ints) -> int:
    """How many bits the most that a State asks for has."""
    return int(asked.max(initial=0)).bit_length()


def _greatest(values: Ints | Sequence[int]) -> int:
    return int(np.abs(np.asarray(values)).max(initial=0))
