"""Why units are left unserved, and which facts that nobody stated a pairing rests on: as data, with codes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from matching.arrays import Bools, Ints, totals
from matching.attributes.eligibility import RULES, Eligibility
from matching.attributes.facts import Facts
from matching.attributes.records import UNSPECIFIC, Need, Offer
from matching.attributes.scoring import Scoring
from matching.codes import Reason, Rule, Term

TAKERS_SHOWN = 20
"""Pairings listed at most for one unmatched need; `takers` counts them all."""


@dataclass(frozen=True)
class Pairings:
    """Proposed pairs: positions of rows and offers, units (at least 1) and points of each unit."""

    row: Ints
    offer: Ints
    units: Ints
    points: Ints


@dataclass(frozen=True)
class _OfProfile:
    """What the unserved needs of one profile have in common: ``takers`` are the first of all that hold their units."""

    rules: dict[str, int]
    takers: list[int]


class Unmatched:
    """Explains every row that is not served in full; what rows of a profile share is worked out once."""

    def __init__(self, facts: Facts, eligibility: Eligibility, scoring: Scoring, pairings: Pairings) -> None:
        self._facts, self._eligibility, self._scoring, self._pairings = facts, eligibility, scoring, pairings
        self._served = totals(pairings.row, pairings.units, facts.n_rows)
        n_offers = facts.n_offers
        left = facts.offer_units - totals(pairings.offer, pairings.units, n_offers)
        holders = totals(pairings.offer, np.ones_like(pairings.offer), n_offers)
        self._n_eligible = np.diff(eligibility.start)
        self._left, self._n_holders = (self._over_cells(of) for of in (left, holders))
        self._n_own = totals(pairings.row, np.ones_like(pairings.row), facts.n_rows)
        self._of_profile, self._taker = cache(self._common), cache(self._told)

    def _over_cells(self, of_offer: Ints) -> Ints:
        """The sum over each profile's eligible offers of a number of each offer."""
        sums = np.append(0, np.cumsum(of_offer[self._eligibility.cell_offer]))
        return np.diff(sums[self._eligibility.start])

    def entries(self) -> Iterator[dict[str, Any]]:
        """One entry for each row with units left unserved, in the order of rows."""
        rows = self._facts.problem.rows
        unserved = self._facts.row_units - self._served
        listed = np.flatnonzero(unserved > 0)
        profiles = self._eligibility.profile[listed]
        for row, profile, units in zip(listed.tolist(), profiles.tolist(), unserved[listed].tolist(), strict=True):
            common = self._of_profile(profile)
            others = [number for number in common.takers if self._rows[number] != row][:TAKERS_SHOWN]
            yield {
                "need": self._facts.problem.needs.ids[rows.need[row]],
                "member": rows.member_of(row),
                "units": units,
                "code": str(self._reason(row, profile)),
                "rules": common.rules,
                "eligible": int(self._n_eligible[profile]),
                "takers": int(self._n_holders[profile] - self._n_own[row]),
                "taken_by": [self._taker(number) for number in others],
            }

    def _reason(self, row: int, profile: int) -> Reason:
        flags, left = self._flags, int(self._left[profile])
        member = self._facts.problem.rows.member[row] >= 0
        conditions = {
            Reason.NOT_SPECIFIC: flags[Reason.NOT_SPECIFIC][row],
            Reason.REQUESTER_NOT_NAMED: flags[Reason.REQUESTER_NOT_NAMED][row],
            Reason.NO_CONFIRMED_BENEFICIARY: not self._facts.sets[self._facts.row_set[row]],
            Reason.NO_ELIGIBLE_OFFER: not self._n_eligible[profile],
            Reason.LEAST_NOT_REACHED: member and int(self._facts.row_need[row]) not in self._served_needs,
            Reason.NOT_WHOLE: member and 0 < left < self._facts.row_units[row],
            Reason.NO_GAIN: left > 0,
            Reason.PARTLY_SERVED: self._served[row] > 0,
        }
        return next((reason for reason, holds in conditions.items() if holds), Reason.OUTBID)

    @cached_property
    def _flags(self) -> dict[Reason, Sequence[bool]]:
        """Reasons that need nothing but a field of the need."""
        needs, of_row = self._facts.problem.needs, self._facts.row_need
        return {
            Reason.NOT_SPECIFIC: needs.column("domain").which(lambda code: code == UNSPECIFIC)[of_row].tolist(),
            Reason.REQUESTER_NOT_NAMED: needs.column("named").which(lambda named: not named)[of_row].tolist(),
        }

    @cached_property
    def _served_needs(self) -> set[int]:
        return set(self._facts.row_need[self._pairings.row].tolist())

    def _common(self, profile: int) -> _OfProfile:
        removed = zip(RULES, self._eligibility.failing[profile].tolist(), strict=True)
        return _OfProfile({str(rule): number for rule, number in removed if number}, self._takers(profile))

    def _takers(self, profile: int) -> list[int]:
        """Pairings that hold units of a profile's offers, of those worth most to it first: enough of them that, one
        need's own left out, as many are left as are shown."""
        eligibility = self._eligibility
        eligible = eligibility.cell_offer[eligibility.start[profile] : eligibility.start[profile + 1]]
        held = eligible[self._is_held[eligible]]
        worth = self._scoring.affinity(np.full(len(held), eligibility.of[profile], dtype=np.int64), held)
        best_first = held[np.lexsort((held, -worth))]
        most = TAKERS_SHOWN + self._most_own
        takers: list[int] = []
        for offer in best_first.tolist():
            takers += self._holders[offer]
            if len(takers) >= most:
                break
        return takers[:most]

    @cached_property
    def _most_own(self) -> int:
        """The most pairings that one row has."""
        return int(self._n_own.max(initial=0))

    @cached_property
    def _is_held(self) -> Bools:
        held = np.zeros(self._facts.n_offers, dtype=bool)
        held[self._pairings.offer] = True
        return held

    @cached_property
    def _rows(self) -> list[int]:
        rows: list[int] = self._pairings.row.tolist()
        return rows

    @cached_property
    def _holders(self) -> dict[int, list[int]]:
        """Pairings of each offer."""
        holders: dict[int, list[int]] = {}
        for number, offer in enumerate(self._pairings.offer.tolist()):
            holders.setdefault(offer, []).append(number)
        return holders

    def _told(self, number: int) -> dict[str, Any]:
        """A pairing as it is told of a need that it keeps from units: one object, however many needs there are."""
        problem, pairings = self._facts.problem, self._pairings
        row = int(pairings.row[number])
        return {
            "offer": problem.offers[pairings.offer[number]].id,
            "need": problem.needs.ids[problem.rows.need[row]],
            "member": problem.rows.member_of(row),
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
