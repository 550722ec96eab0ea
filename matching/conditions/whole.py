"""HiGHS on a whole model: every pair a whole number, every condition a yes or no. Slow, and the last resort.

It shares nothing with the flows but the model, so it is what they are tested against. What it answers is whole, is
checked against every limit, and is priced, in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.conditions.program import Program
from matching.errors import TooLarge
from matching.model import UNLIMITED, Allocation, Model
from matching.time_limit import TimeLeft, unlimited

LARGEST_LEXIMIN = 2000
"""Units asked by States, in all, up to which shares are compared: each unit is a yes or no, each share a stage."""


@dataclass(frozen=True)
class Found:
    """What HiGHS found: an allocation, None where it has none, and whether it ended (then None means infeasible).

    ``stages`` are the values of what was maximised, in order: for most_needs_served units, then points; for leximin,
    for each share that a State could have but 1, ascending, how many States have more, then points; else one value.
    ``bound`` is what HiGHS claims that no stages exceed, in lexicographic order; both are empty without an allocation
    that ended the search.
    """

    allocation: Allocation | None
    stages: tuple[int, ...]
    bound: tuple[int, ...]
    finished: bool


def by_milp(model: Model, time_left: TimeLeft = unlimited) -> Found:
    """The best allocation of a model, conditions and quotas included, as HiGHS finds it with gap 0.

    Which one, where several tie, is HiGHS's own affair. Raises TooLarge where floats could not tell objectives apart,
    or where a leximin problem asks for more than LARGEST_LEXIMIN units; SolverFailed where HiGHS fails.
    """
    return Whole(model).best(time_left)


def shares_below_one(model: Model) -> list[Fraction]:
    """The shares that States could have of what they ask, but for all of it; ascending."""
    return sorted({Fraction(units, of) for of in np.unique(model.asked).tolist() for units in range(of)})


class _Stage(NamedTuple):
    """A sum to maximise: variables and their coefficients.

    Where it is ``nested`` it cannot exceed the sum of the stage before, and where it reaches that so did that one.
    """

    variable: Ints
    coefficient: Ints | int
    nested: bool = False

    def value(self, chosen: Ints) -> int:
        """What it is worth with some values of all variables."""
        return int((self.coefficient * chosen[self.variable]).sum())


class Whole:
    """A model as a program.

    ``pair`` has a variable for each need and each cell of its profile: its units. Further variables say which needs
    and bundles of the conditions are served, and count units of States and regional groups by what they earn.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.program = model, Program()
        profiles, needs, offers = model.profiles, model.needs, model.offers
        width = np.diff(profiles.start)[needs.profile]
        self.need = np.repeat(np.arange(model.n_needs, dtype=np.int64), width)
        within = np.arange(len(self.need)) - np.repeat(np.cumsum(width) - width, width)
        self.cell = profiles.start[needs.profile[self.need]] + within
        self.offer = profiles.offer[self.cell]
        most = np.minimum(np.minimum(profiles.most[self.cell], needs.units[self.need]), offers.units[self.offer])
        self.pair = self.program.add(profiles.least[self.cell], most)
        self._state = needs.state[self.need]
        self._group = np.append(model.states.group, -1)[self._state]
        self._limit_sums(self.need, needs.least, needs.units)
        self._limit_sums(self.offer, offers.least, offers.units)
        self._limit_sums(offers.provider[self.offer], model.providers.least, model.providers.most)
        self._limit_sums(self._state, model.states.limits.least, model.states.limits.most)
        self._limit_sums(self._group, model.groups.least, model.groups.most)
        self._lay_conditions()
        self._stages = self._lay_stages()

    def best(self, time_left: TimeLeft) -> Found:
        """What HiGHS finds stage by stage. Where that ends, the program admits only what is as good at every stage."""
        program, stages = self.program, self._stages
        greatest = [program.greatest(program.coefficients(stage.variable, stage.coefficient)) for stage in stages]
        chosen: Ints | None = None
        reached: list[int] = []
        for place, stage in enumerate(stages):
            most = min(greatest[place], reached[-1]) if stage.nested else greatest[place]
            is_open = chosen is None or stage.value(chosen) < most
            if place and (is_open or not stage.nested):
                self._hold(stages[place - 1], reached[-1])
            if is_open:
                answer = program.maximise(program.coefficients(stage.variable, stage.coefficient), time_left())
                if chosen is None and answer.chosen is None and answer.finished:
                    return Found(None, (), (), finished=True)
                chosen = _better(stage, chosen, answer.chosen)
                if not answer.finished:
                    bound = (*reached, min(answer.bound, most), *greatest[place + 1 :])
                    if chosen is None:
                        return Found(None, (), bound, finished=False)
                    values = tuple(of_stage.value(chosen) for of_stage in stages)
                    return Found(self.allocation(chosen), values, bound, finished=False)
            assert chosen is not None
            reached.append(stage.value(chosen))
        assert chosen is not None
        self._hold(stages[-1], reached[-1])
        return Found(self.allocation(chosen), tuple(reached), tuple(reached), finished=True)

    def drawn(self, lots: Ints, time_left: TimeLeft) -> Found:
        """What the program admits whose needs under conditions have the most lots, each counted for every unit served.

        The only stage is the sum of these lots. The allocation is None where there are several choices of needs to
        serve that have as many, or time runs out before it is clear that there are not.
        """
        of_pair = np.where(np.isin(self.need, self._conditioned), lots[self.need], 0)
        stage = self.program.coefficients(self.pair, of_pair)
        first = self.program.maximise(stage, time_left())
        if first.chosen is None or not first.finished:
            return Found(None, (), (first.bound,), first.finished)
        is_served = first.chosen[self._served] > 0
        others = self.program.copy()
        signs = np.where(is_served, -1, 1)
        others.limit(np.zeros(len(signs), dtype=np.int64), self._served, signs, 1 - int(is_served.sum()), UNLIMITED)
        second = others.maximise(stage, time_left())
        worth, finished = int(stage @ first.chosen), second.finished or second.bound < first.bound
        only = finished and (second.chosen is None or int(stage @ second.chosen) < worth)
        return Found(self.allocation(first.chosen) if only else None, (worth,), (worth,), finished)

    def _hold(self, stage: _Stage, value: int) -> None:
        """From now on a stage is worth exactly so much."""
        line, coefficient = np.zeros(len(stage.variable), dtype=np.int64), np.asarray(stage.coefficient)
        self.program.limit(line, stage.variable, np.broadcast_to(coefficient, line.shape), value, value)

    def _lay_stages(self) -> list[_Stage]:
        """What to maximise, in order. Lays the variables that the objective needs beside the pairs' units."""
        model = self.model
        points = model.points(self.need, self.cell)
        if model.objective == "leximin":
            counts = [_Stage(units, 1, nested=place > 0) for place, units in enumerate(self._lay_shares())]
            return [*counts, _Stage(self.pair, points)]
        if model.objective == "equal_treatment":
            variable, slope = self._lay_slopes()
            return [_Stage(np.append(self.pair, variable), np.append(points, slope))]
        stage = _Stage(self.pair, points)
        return [_Stage(self.pair, 1), stage] if model.objective == "most_needs_served" else [stage]

    def allocation(self, chosen: Ints) -> Allocation:
        """The pairs that have units, by need, then offer."""
        units = chosen[self.pair]
        used = np.flatnonzero(units)
        need, cell = self.need[used], self.cell[used]
        return Allocation(need, self.offer[used], units[used], self.model.points(need, cell))

    def _limit_sums(self, line: Ints, least: Ints, most: Ints) -> None:
        """At least and at most so many units of the pairs of each line; those of line -1 have no limit."""
        limited = line >= 0
        self.program.limit(line[limited], self.pair[limited], 1, least, most)

    def _lay_conditions(self) -> None:
        """A bundle's needs are served in full or not at all; of two substitutes one receives no units."""
        conditions, program, asked = self.model.conditions, self.program, self.model.needs.units
        needs = self._conditioned = np.array(sorted(conditions.needs), dtype=np.int64)
        served = self._served = program.add(np.zeros(len(needs), dtype=np.int64), np.ones(len(needs), dtype=np.int64))
        line_of = {need: line for line, need in enumerate(needs.tolist())}
        bundled = {need for bundle in conditions.bundles for need in bundle.needs}
        among = np.isin(self.need, needs)
        line = np.concatenate([np.searchsorted(needs, self.need[among]), np.arange(len(needs))])
        whole = np.array([need in bundled for need in needs.tolist()], dtype=bool)
        coefficient = np.concatenate([np.ones(int(among.sum()), dtype=np.int64), -asked[needs]])
        least = np.where(whole, 0, 1 - asked[needs])  # what is served receives one unit or more
        program.limit(line, np.concatenate([self.pair[among], served]), coefficient, least, 0)
        for bundle in conditions.bundles:
            members = served[[line_of[need] for need in bundle.needs]]
            started = program.add(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))
            self._limit_difference(np.repeat(started, len(members)), members)
            enough, signs = np.append(members, started), np.append(np.ones(len(members), dtype=np.int64), -bundle.least)
            program.limit(np.zeros(len(enough), dtype=np.int64), enough, signs, 0, UNLIMITED)
        for pair in conditions.substitutes:
            program.limit(np.zeros(2, dtype=np.int64), served[[line_of[need] for need in pair]], 1, 0, 1)

    def _limit_difference(self, more: Ints, less: Ints) -> None:
        """Each of the one variables is at least the other of its place."""
        signs = np.repeat(np.array([1, -1], dtype=np.int64), len(more))
        self.program.limit(np.tile(np.arange(len(more)), 2), np.concatenate([more, less]), signs, 0, UNLIMITED)

    def _lay_slopes(self) -> tuple[Ints, Ints]:
        """Lay units of States and regional groups by what they earn: variables, and the slope of each.

        Slopes never rise, so what is maximised takes them in their order.
        """
        model, fairness = self.model, self.model.fairness
        sums: list[tuple[Bools, list[tuple[int, int]]]] = []
        if fairness.state:
            received_asked = zip(model.states.received.tolist(), model.asked.tolist(), strict=True)
            for state, (received, asked) in enumerate(received_asked):
                sums.append((self._state == state, _pieces(fairness.state, received, 1, asked)))
        if fairness.group:
            for group, asking in enumerate(model.n_asking.tolist()):
                asked = int(model.asked[model.states.group == group].sum())
                sums.append((self._group == group, _pieces(fairness.group, 0, asking, asked)))
        laid = [self._lay_units(among, [length for length, _ in pieces]) for among, pieces in sums]
        slopes = [slope for _, pieces in sums for _, slope in pieces]
        return np.concatenate([*laid, np.zeros(0, dtype=np.int64)]), np.array(slopes, dtype=np.int64)

    def _lay_shares(self) -> list[Ints]:
        """Lay each unit of each State as a yes or no, in order; for each share, the units that lift a State above it.

        The ascending vector of shares is greatest if the fewest States have at most the least share that there could
        be, of these vectors the fewest at most the second least, and so on.
        """
        asked = self.model.asked
        if int(asked.sum()) > LARGEST_LEXIMIN:
            raise TooLarge(
                f"States ask for {asked.sum()} units; leximin with conditions takes {LARGEST_LEXIMIN} at most"
            )
        units: dict[int, Ints] = {}
        for state in np.flatnonzero(asked).tolist():
            units[state] = self._lay_units(self._state == state, [1] * int(asked[state]))
            self._limit_difference(units[state][:-1], units[state][1:])
        return [
            np.array([of[int(share * len(of))] for of in units.values()], dtype=np.int64)
            for share in shares_below_one(self.model)
        ]

    def _lay_units(self, among: Bools, lengths: Sequence[int]) -> Ints:
        """Lay variables that together hold the units of some pairs, each at most so many."""
        most = np.array(lengths, dtype=np.int64)
        laid = self.program.add(np.zeros(len(most), dtype=np.int64), most)
        variables = np.concatenate([laid, self.pair[among]])
        signs = np.repeat(np.array([1, -1], dtype=np.int64), [len(laid), len(variables) - len(laid)])
        self.program.limit(np.zeros(len(variables), dtype=np.int64), variables, signs, 0, 0)
        return laid


def _better(stage: _Stage, one: Ints | None, other: Ints | None) -> Ints | None:
    """The one that is worth more at a stage, the first if neither is."""
    if one is None or other is None:
        return other if one is None else one
    return other if stage.value(other) > stage.value(one) else one


def _pieces(slopes: Sequence[int], before: int, width: int, units: int) -> list[tuple[int, int]]:
    """Units in a row and what each earns, of so many units after those before; each slope lasts for ``width`` units."""
    pieces = []
    for position, slope in enumerate(slopes):
        end = units if position == len(slopes) - 1 else min((position + 1) * width - before, units)
        start = max(0, position * width - before)
        if end > start:
            pieces.append((end - start, slope))
    return pieces
