"""A preview: what the last run would be with one need or offer more, or another one in its place. Nothing is kept.

Each is the edits of a model that make it, tried on the warm optimum: every answer is that of a new solve, or is none.
Only a new solve (`anew`) can tell of needs that are delivered per member, of a need or an offer that a quota, a pin or
a substitute speaks of and, under ``leximin``, of what changes how much a State asks for: then NotWarm is raised.

Needs that are served together, and substitutes, are let go first. Where the optimum keeps their conditions all the same
it is the optimum under them, as a new solve would find; where it does not, NotWarm is raised.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from matching.arrays import Ints
from matching.attributes.profiles import Compiled
from matching.insight.edits import NotWarm
from matching.insight.record_edits import Record, RecordEdits, Records
from matching.insight.warm import Effect, Warm
from matching.model import Conditions
from matching.optimise import optimise

Part = tuple[str, str | None]
"""A need, and a member of it where it is met member by member."""

Pairing = tuple[str | None, str | None, str | None, int]
"""Need, member, offer and units of the previewed record, for which None stands."""


@dataclass(frozen=True)
class Preview:
    """What would change.

    ``objective`` is the new optimum, ``gain`` how much better it is than the present one, as `gained` says.
    ``pairings`` are those of the previewed record. ``changes`` are the units before and after of other needs that would
    have more or fewer. All of it is what a new solve says, but for which of several offers that tie serves a need.
    """

    objective: tuple[int, ...]
    gain: tuple[int, ...]
    pairings: tuple[Pairing, ...]
    changes: dict[Part, tuple[int, int]]

    @property
    def displaced(self) -> dict[Part, int]:
        """Units lost by each other need that would have fewer."""
        return {part: before - after for part, (before, after) in self.changes.items() if after < before}

    @property
    def helped(self) -> dict[Part, int]:
        """Units won by each other need that would have more."""
        return {part: after - before for part, (before, after) in self.changes.items() if after > before}


class Previews:
    """Previews against one solved problem; not for several threads at once."""

    def __init__(self, compiled: Compiled, warm: Warm) -> None:
        self._compiled, self._problem, self._warm = compiled, compiled.judged.facts.problem, warm
        self._records = Records(compiled)

    def need(self, record: Record) -> Preview:
        """A need as a document has it; one with the id of a need of the problem stands in its place.

        Raises InvalidProblem for a record that is none, and NotWarm.
        """
        return self._told(self._records.need(record))

    def offer(self, record: Record) -> Preview:
        """An offer as a document has it; one with the id of an offer of the problem stands in its place.

        Raises InvalidProblem for a record that is none, and NotWarm.
        """
        return self._told(self._records.offer(record))

    def _told(self, tried: RecordEdits) -> Preview:
        effect = self._free.effect(*tried.edits)
        if effect is None:
            raise NotWarm("the leasts and mosts of the problem leave no room for this")
        model, before = self._compiled.model, self._served
        after = self._freely_served.copy()
        for need, (_, units) in effect.served.items():
            if need < model.n_needs:
                after[need] = units
        if not model.conditions.kept_by(after, model.needs.units):
            raise NotWarm("needs are served together or in each other's place, and would not be any more")
        changed = [need for need in np.flatnonzero(before != after).tolist() if need != tried.replaced_need]
        return Preview(
            effect.objective,
            gained(model.objective, self._warm.outcome.objective, effect.objective),
            tuple(self._pairings(tried, effect)),
            {self._part(need): (int(before[need]), int(after[need])) for need in changed},
        )

    @cached_property
    def _free(self) -> Warm:
        """The optimum of the model without conditions."""
        model = self._compiled.model
        if not model.conditions.needs:
            return self._warm
        free = replace(model, conditions=Conditions())
        return Warm(free, optimise(free))

    @cached_property
    def _served(self) -> Ints:
        return self._warm.outcome.allocation.of_needs(self._compiled.model.n_needs)

    @cached_property
    def _freely_served(self) -> Ints:
        return self._free.outcome.allocation.of_needs(self._compiled.model.n_needs)

    def _pairings(self, tried: RecordEdits, effect: Effect) -> Iterator[Pairing]:
        allocation = self._free.outcome.allocation
        known, position = (allocation.offer, tried.offer) if tried.need is None else (allocation.need, tried.need)
        here = np.flatnonzero(known == position)
        columns = (part[here].tolist() for part in (allocation.need, allocation.offer, allocation.units))
        pairs = {(need, offer): units for need, offer, units in zip(*columns, strict=True)}
        pairs |= {pair: after for pair, (_, after) in effect.pairs.items()}
        for (need, offer), units in sorted(pairs.items()):
            if units and need == tried.need:
                yield None, None, self._problem.offers[offer].id, units
            elif units and offer == tried.offer:
                yield *self._part(need), None, units

    def _part(self, row: int) -> Part:
        return self._problem.needs.ids[self._problem.rows.need[row]], self._problem.rows.member_of(row)


def gained(objective: str, before: Sequence[Any], after: Sequence[Any]) -> tuple[int, ...]:
    """How much better one optimum is than another, level by level of the objective.

    Of leximin the first level says whether the shares are fairer (1), the same (0) or less fair (-1); ``before`` and
    ``after`` are then shares of one common fraction, ascending, and points.
    """
    if objective == "leximin":
        shares_before, shares_after = tuple(before[:-1]), tuple(after[:-1])
        fairer = (shares_after > shares_before) - (shares_after < shares_before)
        return fairer, after[-1] - before[-1]
    return tuple(now - then for then, now in zip(before, after, strict=True))
