"""Equal treatment as a formula: what the n-th unit of a State, or of a regional group, earns beside its points.

A State that has received r units earns slope[r + 1] for its next one, slope[r + 2] for the one after, and so on; the
last slope repeats. The n-th unit of a regional group with m asking States earns slope[ceil(n / m)], so that a group is
not favoured for being small. Slopes never rise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from matching.problem import Problem
from matching.strategy import slopes_of


class Run(NamedTuple):
    """Units in a row that earn the same."""

    units: int
    slope: int


class Fairness:
    """The concave gains of one problem under its strategy."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._state, self._group = slopes_of(problem.strategy)
        self.matters = any(self._state) or any(self._group)
        self.steepest = self._state[0] + self._group[0]
        self.group_of = {code: problem.state_of[code].regional_group for code in problem.asking}
        self.n_asking: dict[str, int] = {}
        for group in self.group_of.values():
            self.n_asking[group] = self.n_asking.get(group, 0) + 1

    def state_runs(self, state: str, units: int) -> list[Run]:
        """What the first ``units`` units of this run earn for a State."""
        return list(_runs(self._state, self._problem.state_of[state].received, 1, units))

    def group_runs(self, group: str, units: int) -> list[Run]:
        """What the first ``units`` units of this run earn for a regional group."""
        return list(_runs(self._group, 0, self.n_asking[group], units))

    def gain(self, units: Mapping[str, int]) -> int:
        """What the objective gains beside points when each State receives so many units."""
        of_group: dict[str, int] = {}
        for state, served in units.items():
            of_group[self.group_of[state]] = of_group.get(self.group_of[state], 0) + served
        of_states = sum(_earned(self.state_runs(state, served)) for state, served in units.items())
        return of_states + sum(_earned(self.group_runs(group, served)) for group, served in of_group.items())


def _earned(runs: Iterable[Run]) -> int:
    return sum(run.units * run.slope for run in runs)


def _runs(slopes: Sequence[int], before: int, width: int, units: int) -> Iterator[Run]:
    """Slopes of the units after the first ``before``, each slope lasting for ``width`` units; equal ones joined."""
    slope, length = slopes[-1], 0
    position = before // width
    left_of_step = width - before % width
    while units > 0:
        value = slopes[min(position, len(slopes) - 1)]
        taken = units if position >= len(slopes) - 1 else min(units, left_of_step)
        if length and value != slope:
            yield Run(length, slope)
            length = 0
        slope, length = value, length + taken
        units, position, left_of_step = units - taken, position + 1, width
    if length:
        yield Run(length, slope)
