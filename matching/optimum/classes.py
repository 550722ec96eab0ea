"""Needs by class: of one profile, and counting for the same State; interchangeable but for urgency and place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.arrays import Bools, Ints
from matching.model import NOBODY, Model


@dataclass(frozen=True)
class Classes:
    """The classes of a model, by profile, then State.

    ``order`` lists all needs class by class, most urgent first, then by place; ``start`` says where each class begins
    in it, and ends with the number of needs. ``state`` is NOBODY where it makes no difference. A *step* is the needs of
    a class that are equally urgent: those are ``order[step_start[k]:step_start[k + 1]]``.
    """

    order: Ints
    start: Ints
    profile: Ints
    state: Ints
    step_start: Ints
    step_class: Ints
    step_urgency: Ints
    n_profiles: int

    @classmethod
    def of(cls, model: Model, by_state: Bools) -> "Classes":
        """The classes of a model where those States, and NOBODY at the end, are told apart."""
        needs = model.needs
        state = np.where(by_state[needs.state], needs.state, NOBODY)
        group = needs.profile * (model.n_states + 1) + state + 1
        order = _sorted(group, -needs.urgency, needs.place)
        group, urgency = group[order], needs.urgency[order]
        starts_class = np.diff(group, prepend=-1) != 0
        starts_step = starts_class | (np.diff(urgency, prepend=0) != 0)
        start, step_start = np.flatnonzero(starts_class), np.flatnonzero(starts_step)
        return cls(
            order=order,
            start=np.append(start, len(order)),
            profile=needs.profile[order[start]],
            state=state[order[start]],
            step_start=np.append(step_start, len(order)),
            step_class=np.cumsum(starts_class)[step_start] - 1,
            step_urgency=urgency[step_start],
            n_profiles=model.n_profiles,
        )

    @property
    def number(self) -> int:
        """How many classes there are."""
        return len(self.profile)

    @cached_property
    def first(self) -> Ints:
        """The first class of each profile; -1 of one that no need has."""
        first = np.full(self.n_profiles, -1, dtype=np.int64)
        first[self.profile[::-1]] = np.arange(self.number)[::-1]
        return first

    @cached_property
    def shared(self) -> Bools:
        """Which profiles have several classes."""
        return np.asarray(np.bincount(self.profile, minlength=self.n_profiles) > 1, dtype=bool)


def _sorted(group: Ints, second: Ints, third: Ints) -> Ints:
    """What sorts by three keys; the third, from 0, is never the same twice."""
    if len(group) == 0:
        return np.zeros(0, dtype=np.int64)
    low, width, length = int(second.min()), int(second.max()) - int(second.min()) + 1, len(third)
    if (int(group.max()) + 1) * width * length < 2**63:  # one sort instead of three
        return np.argsort((group * width + (second - low)) * length + third)
    return np.lexsort((third, second, group))
