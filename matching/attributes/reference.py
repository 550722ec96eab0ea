"""Slow exhaustive solver: every way to use the units of a small problem. The oracle of the tests.

It shares rules and points with the engine, and nothing of how the engine finds an optimum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from matching.attributes.eligibility import evaluate
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins, obstacle
from matching.attributes.problem import Problem
from matching.attributes.scoring import Scoring
from matching.attributes.strategy import slopes_of

Units = tuple[int, ...]


@dataclass(frozen=True)
class Best:
    """The greatest objective, and one way to reach it: units by row and offer positions."""

    objective: int
    units: dict[tuple[int, int], int]


def best(problem: Problem) -> Best | None:
    """The best of all pairings of a problem, or None where the pins cannot be kept.

    The work grows exponentially: meant for a handful of rows, offers and units.
    """
    facts = Facts(problem)
    pins = Pins.of(facts)
    if obstacle(facts, pins) is not None:
        return None
    return _Exhaustive(facts, pins).best()


class _Exhaustive:
    def __init__(self, facts: Facts, pins: Pins) -> None:
        self._facts, self._problem = facts, facts.problem
        eligible = evaluate(facts)
        points = Scoring(facts).points(eligible.row, eligible.offer)
        self._points = {
            (row, offer): worth
            for row, offer, worth in zip(eligible.row.tolist(), eligible.offer.tolist(), points.tolist(), strict=True)
        }
        self._pinned = {
            (row, offer): units
            for row, offer, units in zip(pins.row.tolist(), pins.offer.tolist(), pins.units.tolist(), strict=True)
        }
        self._asking = sorted(self._problem.asking)

    def best(self) -> Best | None:
        """Decide row after row; what is left of the offers, and what States have so far, is all that matters next."""

        @cache
        def onward(row: int, left: Units, served: Units, members: int) -> tuple[int, tuple[Units, ...]] | None:
            if row == self._facts.n_rows:
                return self._gain(served), ()
            found: tuple[int, tuple[Units, ...]] | None = None
            for use in self._uses(row, left):
                so_far = members + int(self._problem.rows[row].member is not None and any(use))
                if self._is_last_member(row):
                    if 0 < so_far < self._problem.least_members(self._problem.rows[row].need):
                        continue
                    so_far = 0
                rest = onward(
                    row + 1, tuple(np.subtract(left, use).tolist()), self._with(served, row, sum(use)), so_far
                )
                if rest is None:
                    continue
                worth = sum(units * self._points[row, offer] for offer, units in enumerate(use) if units) + rest[0]
                if found is None or worth > found[0]:
                    found = worth, (use, *rest[1])
            return found

        start = tuple(self._facts.offer_units.tolist())
        found = onward(0, start, (0,) * len(self._asking), 0)
        if found is None:
            return None
        uses = enumerate(found[1])
        units = {(row, offer): number for row, use in uses for offer, number in enumerate(use) if number}
        return Best(found[0], units)

    def _uses(self, row: int, left: Units) -> Iterator[Units]:
        """Ways to serve a row: units of each offer, pinned ones kept; a member in full or not at all."""
        asked, whole = self._problem.rows[row].units, self._problem.rows[row].member is not None

        def extend(offer: int, free: int) -> Iterator[Units]:
            if offer == len(left):
                if free in (0, asked) or not whole:
                    yield ()
                return
            least = self._pinned.get((row, offer), 0)
            most = min(free, left[offer]) if (row, offer) in self._points else 0
            for units in range(least, most + 1):
                for rest in extend(offer + 1, free - units):
                    yield (units, *rest)

        yield from extend(0, asked)

    def _is_last_member(self, row: int) -> bool:
        record = self._problem.rows[row]
        return record.member is not None and row == self._problem.members_of[record.need][-1]

    def _with(self, served: Units, row: int, units: int) -> Units:
        record = self._problem.rows[row]
        if not units or not self._problem.counts_for_state(record):
            return served
        place = self._asking.index(record.beneficiaries[0])
        return (*served[:place], served[place] + units, *served[place + 1 :])

    def _gain(self, served: Units) -> int:
        """What equal treatment adds, unit by unit."""
        of_states, of_groups = slopes_of(self._problem.strategy)
        state_of = self._problem.state_of
        gain = 0
        groups: dict[str, int] = {}
        for state, units in zip(self._asking, served, strict=True):
            received = state_of[state].received
            gain += sum(of_states[min(received + n, len(of_states) - 1)] for n in range(units))
            group = state_of[state].regional_group
            groups[group] = groups.get(group, 0) + units
        for group, units in groups.items():
            asking = len([state for state in self._asking if state_of[state].regional_group == group])
            gain += sum(of_groups[min(n // asking, len(of_groups) - 1)] for n in range(units))
        return gain
