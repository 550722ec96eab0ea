"""Why units are left unserved, and which facts that nobody stated a pairing rests on: as data, with codes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matching.codes import Reason, Rule, Term
from matching.eligibility import RULES, Eligibility
from matching.facts import Facts, Ints, totals
from matching.records import UNSPECIFIC, Need, Offer
from matching.scoring import Scoring

TAKERS_SHOWN = 20
"""Pairings listed at most for one unmatched need; `takers` counts them all."""


@dataclass(frozen=True)
class Pairings:
    """Proposed pairs: positions of rows and offers, units (at least 1) and points of each unit."""

    row: Ints
    offer: Ints
    units: Ints
    points: Ints


class Unmatched:
    """Explains every row that is not served in full."""

    def __init__(self, facts: Facts, eligibility: Eligibility, scoring: Scoring, pairings: Pairings) -> None:
        self._facts, self._eligibility, self._scoring, self._pairings = facts, eligibility, scoring, pairings
        self._served = totals(pairings.row, pairings.units, facts.n_rows)
        self._left = facts.offer_units - totals(pairings.offer, pairings.units, facts.n_offers)
        self._first = np.searchsorted(eligibility.row, np.arange(facts.n_rows + 1))

    def entries(self) -> Iterator[dict[str, Any]]:
        """One entry for each row with units left unserved, in the order of rows."""
        problem = self._facts.problem
        for row in np.flatnonzero(self._served < self._facts.row_units).tolist():
            eligible = self._eligibility.offer[self._first[row] : self._first[row + 1]]
            reason = self._reason(row, eligible)
            takers = self._takers(row, eligible)
            yield {
                "need": problem.needs[problem.rows[row].need].id,
                "member": problem.rows[row].member,
                "units": int(self._facts.row_units[row] - self._served[row]),
                "code": str(reason),
                "rules": self._rules(row),
                "eligible": len(eligible),
                "takers": len(takers),
                "taken_by": [self._taker(number) for number in takers[:TAKERS_SHOWN]],
            }

    def _reason(self, row: int, eligible: Ints) -> Reason:
        record = self._facts.problem.rows[row]
        need = self._facts.problem.needs[record.need]
        left = int(self._left[eligible].sum())
        conditions = {
            Reason.NOT_SPECIFIC: need.domain == UNSPECIFIC,
            Reason.REQUESTER_NOT_NAMED: not need.named,
            Reason.NO_CONFIRMED_BENEFICIARY: not record.beneficiaries,
            Reason.NO_ELIGIBLE_OFFER: not len(eligible),
            Reason.LEAST_NOT_REACHED: record.member is not None and record.need not in self._served_needs,
            Reason.NOT_WHOLE: record.member is not None and 0 < left < record.units,
            Reason.NO_GAIN: left > 0,
            Reason.PARTLY_SERVED: self._served[row] > 0,
        }
        return next((reason for reason, holds in conditions.items() if holds), Reason.OUTBID)

    @cached_property
    def _served_needs(self) -> set[int]:
        return set(self._facts.row_need[self._pairings.row].tolist())

    def _rules(self, row: int) -> dict[str, int]:
        removed = zip(RULES, self._eligibility.removed[row].tolist(), strict=True)
        return {str(rule): number for rule, number in removed if number}

    def _takers(self, row: int, eligible: Ints) -> list[int]:
        """Pairings that hold units of the row's eligible offers: those of the offers worth most to it first."""
        worth = self._scoring.points(np.full(len(eligible), row, dtype=np.int64), eligible)
        best_first = eligible[np.lexsort((eligible, -worth))]
        return [
            number
            for offer in best_first.tolist()
            for number in self._holders.get(offer, ())
            if self._pairings.row[number] != row
        ]

    @cached_property
    def _holders(self) -> dict[int, list[int]]:
        """Pairings of each offer."""
        holders: dict[int, list[int]] = {}
        for number, offer in enumerate(self._pairings.offer.tolist()):
            holders.setdefault(offer, []).append(number)
        return holders

    def _taker(self, number: int) -> dict[str, Any]:
        problem, pairings = self._facts.problem, self._pairings
        record = problem.rows[pairings.row[number]]
        return {
            "offer": problem.offers[pairings.offer[number]].id,
            "need": problem.needs[record.need].id,
            "member": record.member,
            "units": int(pairings.units[number]),
            "points": int(pairings.points[number]),
        }


def rests_on(need: Need, offer: Offer, rules: Sequence[Rule], terms: Collection[str]) -> list[dict[str, str]]:
    """Facts behind a pairing that its records do not state, with what they are instead.

    Languages count only where the offer insists on them, a set of codes only where the strategy applies its rule, the
    priority only where it earned points, and the delivery only where the need is for several.
    """
    idle = {
        "languages": Rule.LANGUAGE not in rules or not offer.language_required,
        "modalities": Rule.MODALITY not in rules,
        "scopes": Rule.SCOPE not in rules,
        "priority": Term.PRIORITY not in terms,
        "delivery": len(need.states) == 1,
    }
    return [
        {"record": record, "fact": fact, "basis": basis}
        for record, facts in (("need", need.basis), ("offer", offer.basis))
        for fact, basis in sorted(facts.items())
        if not idle.get(fact, False)
    ]
