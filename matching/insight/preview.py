"""A preview: what the last run would be with one need or offer more, or another one in its place. Nothing is kept.

A previewed need waits behind all that are worth the same, as one submitted now would. What only a new solve can tell
(needs delivered per member; with `leximin`, any need of a State) raises NotWarm.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from matching.attributes.columns import NeedReader
from matching.attributes.eligibility import evaluate
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.attributes.profiles import Compiled
from matching.attributes.records import Offer
from matching.attributes.scoring import Scoring
from matching.documents import faults_of
from matching.errors import InvalidProblem
from matching.insight.edits import Edit, NeedUnits, NewNeed, NewOffer, NotWarm, OfferUnits
from matching.insight.warm import Effect, Warm
from matching.model import NOBODY

Json = dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """What would change: the gain of the optimum, level by level; pairings of the previewed record, as (need, member,
    offer, units), in which None stands for the record itself; and the units that needs of others would lose."""

    gain: tuple[int, ...]
    pairings: tuple[tuple[str | None, str | None, str | None, int], ...]
    displaced: dict[tuple[str, str | None], int]


class Previews:
    """Previews against one solved problem; not for several threads at once."""

    def __init__(self, compiled: Compiled, warm: Warm) -> None:
        self._compiled, self._problem, self._warm = compiled, compiled.judged.facts.problem, warm

    @property
    def conditions_kept(self) -> bool:
        """Whether needs of groups and substitutes are taken to stay as they are served."""
        return self._warm.conditions_kept

    def need(self, record: Mapping[str, Any]) -> Preview:
        """A need as a document has it; one with the id of a need of the problem stands in its place.

        Raises InvalidProblem for a record that is none, and NotWarm.
        """
        reader = NeedReader()
        needs = reader.read([record])
        if reader.faults:
            raise InvalidProblem(reader.faults)
        facts = Facts(excerpt(self._problem, needs, self._problem.offers))
        rows = facts.problem.rows
        if len(rows) != 1 or rows.delivered_per_member.any():
            raise NotWarm("members of a need are served together or not at all")
        offers = evaluate(facts).offers(0)
        points = Scoring(facts).points(np.zeros_like(offers), offers)
        replaced = [self._row(str(record["id"]))] if record["id"] in self._problem.need_of else []
        state = self._state(rows.sets[rows.set[0]][0]) if rows.counts_for_state[0] else NOBODY
        new = NewNeed(int(rows.units[0]), state, tuple(offers.tolist()), tuple(points.tolist()))
        return self._told(self._warm.effect(*(NeedUnits(row, 0) for row in replaced), new), replaced)

    def offer(self, record: Mapping[str, Any]) -> Preview:
        """An offer as a document has it; one with the id of an offer of the problem stands in its place.

        Raises InvalidProblem for a record that is none, and NotWarm.
        """
        try:
            offer = Offer.model_validate(dict(record))
        except ValidationError as error:
            raise InvalidProblem(faults_of(error, Offer)) from error
        facts = Facts(excerpt(self._problem, self._problem.needs, [offer]))
        eligibility = evaluate(facts)
        rows = np.flatnonzero(np.diff(eligibility.start)[eligibility.profile])
        points = Scoring(facts).points(rows, np.zeros_like(rows))
        edits: list[Edit] = []
        if offer.id in self._problem.offer_of:
            edits = [OfferUnits(self._problem.offer_of[offer.id], 0)]
        providers = list(self._compiled.providers)
        provider = providers.index(offer.provider) if offer.provider in providers else NOBODY
        edits.append(NewOffer(offer.units, tuple(rows.tolist()), tuple(points.tolist()), provider))
        return self._told(self._warm.effect(*edits), ())

    def _told(self, effect: Effect | None, replaced: Collection[int]) -> Preview:
        if effect is None:
            raise NotWarm("the leasts and mosts of the problem leave no room for this")
        model = self._compiled.model
        pairings = [
            (*self._name(need), self._problem.offers[offer].id if offer < model.n_offers else None, after)
            for (need, offer), (_, after) in effect.pairs.items()
            if (need >= model.n_needs or offer >= model.n_offers) and after
        ]
        displaced = {
            (str(name), member): units
            for need, units in effect.displaced.items()
            if need not in replaced
            for name, member in [self._name(need)]
        }
        return Preview(effect.gain, tuple(pairings), displaced)

    def _name(self, row: int) -> tuple[str | None, str | None]:
        if row >= self._compiled.model.n_needs:
            return None, None
        return self._problem.needs.ids[self._problem.rows.need[row]], self._problem.rows.member_of(row)

    def _row(self, reference: str) -> int:
        position = self._problem.position_of_need(reference)
        if self._problem.rows.delivered_per_member[position]:
            raise NotWarm("members of a need are served together or not at all")
        return int(self._problem.rows.first[position])

    def _state(self, code: str) -> int:
        return [state.id for state in self._problem.states].index(code)
