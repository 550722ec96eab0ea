"""Edits of a model that put a need or an offer of a document into its problem, or in the place of that with its id."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matching.arrays import Ints
from matching.attributes import replaced
from matching.attributes.eligibility import allowed
from matching.attributes.further import beside_needs, beside_offers
from matching.attributes.profiles import Compiled, days
from matching.attributes.scoring import Scoring
from matching.insight.edits import Edit, NeedUnits, NewNeed, NewOffer, NotWarm, OfferUnits
from matching.model import NOBODY, Lots
from matching.optimum.ties import drawn

Record = Mapping[str, Any]


@dataclass(frozen=True)
class RecordEdits:
    """Edits that make a record part of a model; the positions that it has in the model then, and had before if any."""

    edits: tuple[Edit, ...]
    need: int | None = None
    offer: int | None = None
    replaced_need: int | None = None


class Records:
    """Records beside one compiled problem, as edits. Raises NotWarm for those that edits cannot tell of."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled, self._problem = compiled, compiled.judged.facts.problem

    def need(self, record: Record) -> RecordEdits:
        """The edits for a need; raises InvalidProblem for a record that is none, and NotWarm."""
        needs = replaced.need_of(self._problem, record)
        number, old = self._compiled.model.n_needs, self._row(needs.ids[0])
        if old is not None:
            before = self._problem.needs[int(self._problem.rows.need[old])]
            if needs[0].model_copy(update={"units": before.units}) == before:
                return RecordEdits((NeedUnits(old, needs[0].units),), need=old, replaced_need=old)
        judged = self._compiled.judged
        facts, scoring = beside_offers(judged.facts, judged.scoring, needs)
        rows = facts.problem.rows
        if rows.delivered_per_member.any():
            raise NotWarm("members of a need are served together or not at all")
        offers = np.arange(facts.n_offers, dtype=np.int64)
        offers = allowed(facts, np.zeros_like(offers), offers)
        points = scoring.points(np.zeros_like(offers), offers)
        state = self._state(rows.sets[rows.set[0]][0]) if rows.counts_for_state[0] else NOBODY
        place = self._place(int(scoring.urgency[0]), int(days(facts)[0]), needs.ids[0])
        new = NewNeed(int(rows.units[0]), state, tuple(offers.tolist()), tuple(points.tolist()), place)
        withdrawn = () if old is None else (NeedUnits(old, 0),)
        return RecordEdits((*withdrawn, new), need=number, replaced_need=old)

    def offer(self, record: Record) -> RecordEdits:
        """The edits for an offer; raises InvalidProblem for a record that is none, and NotWarm."""
        new = replaced.offer_of(self._problem, record)
        self._refuse_decided("offer", new.id)
        old = self._problem.offer_of.get(new.id)
        if old is not None:
            before = self._problem.offers[old]
            if before.units and new.model_copy(update={"units": before.units}) == before:
                return RecordEdits((OfferUnits(old, new.units),), offer=old)
        facts = beside_needs(self._compiled.judged.facts, new)
        rows = np.flatnonzero(~facts.never_served)
        rows = rows[allowed(facts, rows, np.zeros_like(rows))]
        urgency = self._compiled.judged.scoring.urgency[rows]
        points = urgency + Scoring(facts).affinity(rows, np.zeros_like(rows))
        providers = list(self._compiled.providers)
        provider = providers.index(new.provider) if new.provider in providers else NOBODY
        added = NewOffer(new.units, tuple(rows.tolist()), tuple(points.tolist()), provider)
        # What the old one gave is taken over before it goes.
        withdrawn = () if old is None else (OfferUnits(old, 0),)
        return RecordEdits((added, *withdrawn), offer=self._compiled.model.n_offers)

    def _row(self, reference: str) -> int | None:
        """The row that a need of this id has, if there is one."""
        try:
            position = self._problem.position_of_need(reference)
        except KeyError:
            return None
        self._refuse_decided("need", reference)
        rows = self._problem.rows
        if rows.delivered_per_member[position]:
            raise NotWarm("members of a need are served together or not at all")
        row = int(rows.first[position])
        if row in self._compiled.model.conditions.needs:
            raise NotWarm(f"{reference} is served in the place of another need, or another in its place")
        return row

    def _refuse_decided(self, kind: str, reference: str) -> None:
        """Raise NotWarm where a quota or a pin speaks of a need or an offer."""
        if any(quota.kind == kind and quota.id == reference for quota in self._problem.strategy.quotas):
            raise NotWarm(f"there is a quota for {reference}")
        if any(getattr(pin, kind) == reference for pin in self._problem.record.pinned):
            raise NotWarm(f"units of {reference} are pinned")

    @cached_property
    def _order(self) -> tuple[Ints, Ints, Lots]:
        """What places of rows go by: how little urgent they are, how old, and their lots."""
        judged = self._compiled.judged
        return -judged.scoring.urgency, days(judged.facts), self._compiled.model.needs.lot

    def _place(self, urgency: int, day: int, reference: str) -> int:
        """The place of the first row that comes after a need."""
        placid, age, lots = self._order
        lot = drawn(self._problem.record.quarter, [reference])[0]
        as_urgent = placid == -urgency
        earlier = (placid < -urgency) | (as_urgent & ((age < day) | ((age == day) & (lots < lot))))
        return int(np.count_nonzero(earlier))

    def _state(self, code: str) -> int:
        return [state.id for state in self._problem.states].index(code)
