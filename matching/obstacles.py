"""What stands between a need and each offer, all of it: which changes would make a pair eligible.

The rules stop at the first one that a pair fails; this looks at every fact on its own, so that it can tell pairs that
one change would mend from those that need two or that none would.
"""

from collections.abc import Callable

import numpy as np

from matching.codes import Rule
from matching.eligibility import RULES
from matching.facts import Bools, Facts, Ints, shared
from matching.problem import Problem
from matching.records import UNSPECIFIC, Offer
from matching.remedies import Change, Remedy

HOPELESS = -1
"""No change of the list would do."""


class Obstacles:
    """Obstacles between rows of a problem and its offers; a row is a need, or a member's part of one."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.facts = problem, Facts(problem)

    def changes(self, row: int) -> list[tuple[int, tuple[Change, ...]]]:
        """Offers that one or two changes would make eligible for a row, or none, with those changes."""
        masks = self._masks(row)
        found = []
        for offer in np.flatnonzero((masks != HOPELESS) & (np.bitwise_count(np.maximum(masks, 0)) <= 2)).tolist():
            wanted = [remedy for remedy in Remedy if masks[offer] >> _BIT[remedy] & 1]
            changes = [self._change(remedy, row, self.problem.offers[offer]) for remedy in wanted]
            found.append((offer, tuple(change for change in changes if change)))
        return found

    def _masks(self, row: int) -> Ints:
        """For each offer a bit for every remedy that is called for, or HOPELESS."""
        facts, problem = self.facts, self.problem
        offers = np.arange(facts.n_offers, dtype=np.int64)
        rows = np.full(facts.n_offers, row, dtype=np.int64)
        masks = np.zeros(facts.n_offers, dtype=np.int64)

        def call_for(remedy: Remedy, failing: Bools) -> None:
            masks[failing] |= 1 << _BIT[remedy]

        def failing(rule: Rule) -> Bools:
            if not problem.strategy.applies(rule):
                return np.zeros(facts.n_offers, dtype=bool)
            judge = RULES[rule]
            return ~np.broadcast_to(judge.passes(facts, rows, offers), offers.shape)

        for rule, remedy in _REMEDY_OF.items():
            call_for(remedy, failing(rule))
        call_for(Remedy.ADD_DOMAIN, failing(Rule.OFFER_NOT_SPECIFIC))
        self._call_for_dates(row, call_for)
        hopeless = failing(Rule.FORBIDDEN) | self._kept_apart(row, call_for)
        if problem.needs[problem.rows[row].need].domain == UNSPECIFIC:
            hopeless |= True
        return np.where(hopeless, HOPELESS, masks)

    def _call_for_dates(self, row: int, call_for: Callable[[Remedy, Bools], None]) -> None:
        facts, delivery = self.facts, self.problem.record.delivery
        wanted_first, wanted_last = (int(days[row]) for days in facts.row_days)
        first, last = facts.offer_days
        lapsed = first > last
        opening, closing = (
            np.where(lapsed, delivery.first.toordinal(), first),
            np.where(lapsed, delivery.last.toordinal(), last),
        )
        call_for(Remedy.EXTEND_VALIDITY, lapsed)
        call_for(Remedy.WIDEN_DATES, np.maximum(opening, wanted_first) > np.minimum(closing, wanted_last))

    def _kept_apart(self, row: int, call_for: Callable[[Remedy, Bools], None]) -> Bools:
        """Offers that nothing brings to the beneficiaries; and what would bring others to them, if there is but one."""
        facts, problem = self.facts, self.problem
        states = [problem.state_of[code] for code in problem.rows[row].beneficiaries]
        if not states:
            return np.ones(facts.n_offers, dtype=bool)
        if len(states) > 1:
            rows, offers = np.full(facts.n_offers, row, dtype=np.int64), np.arange(facts.n_offers, dtype=np.int64)
            beyond = np.zeros(facts.n_offers, dtype=bool)
            for rule in _OF_BENEFICIARIES:
                beyond |= ~np.broadcast_to(RULES[rule].passes(facts, rows, offers), offers.shape)
            return beyond
        (state,) = states
        place = facts.states.index(state)
        call_for(Remedy.EXTEND_COVERAGE, ~facts.covered[place])
        required = [offer.requires_groups for offer in problem.offers]
        call_for(Remedy.DROP_CONDITION, shared([state.groups], required)[0] < [len(groups) for groups in required])
        party, requester = f"state:{state.id}", problem.needs[problem.rows[row].need].requester
        hopeless = [offer.provider in (party, requester) or state.id in offer.except_states for offer in problem.offers]
        apart = facts.excluded([party, requester]).any(axis=0)
        return np.asarray(np.array(hopeless, dtype=np.bool_) | apart, dtype=bool)

    def _change(self, remedy: Remedy, row: int, offer: Offer) -> Change:
        need = self.problem.needs[self.problem.rows[row].need]
        match remedy:
            case Remedy.ADD_LANGUAGE:
                return Change(remedy, need.id, offer.languages[0])
            case Remedy.ADD_MODALITY:
                return Change(remedy, need.id, offer.modalities[0])
            case Remedy.ADD_SCOPE:
                return Change(remedy, need.id, offer.scopes[0])
            case Remedy.WIDEN_DATES:
                return Change(remedy, need.id)
            case Remedy.ALLOW_DECLINED:
                return Change(remedy, need.id, offer.id)
            case Remedy.ADD_DOMAIN:
                return Change(remedy, offer.id, need.domain)
            case Remedy.EXTEND_COVERAGE:
                state = self.problem.state_of[self.problem.rows[row].beneficiaries[0]]
                return Change(remedy, offer.id, state.subregion)
            case _:
                return Change(remedy, offer.id)


_BIT = {remedy: number for number, remedy in enumerate(Remedy)}
_REMEDY_OF = {
    Rule.DOMAIN: Remedy.ADD_DOMAIN,
    Rule.MODALITY: Remedy.ADD_MODALITY,
    Rule.SCOPE: Remedy.ADD_SCOPE,
    Rule.LANGUAGE: Remedy.ADD_LANGUAGE,
    Rule.DECLINED: Remedy.ALLOW_DECLINED,
    Rule.CAPACITY: Remedy.ONE_MORE_UNIT,
}
_OF_BENEFICIARIES = (
    Rule.COVERAGE_NOT_STATED,
    Rule.COVERAGE,
    Rule.PROVIDER_IS_REQUESTER,
    Rule.CONDITION,
    Rule.EXCLUSION,
)
