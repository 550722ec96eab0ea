"""What stands between a need and each offer, all of it: which changes would make a pair eligible.

The rules stop at the first one that a pair fails; this looks at every fact on its own, so that it can tell pairs that
one change would mend from those that need two or that none would.
"""

from collections.abc import Callable

import numpy as np

from matching.arrays import Bools, Ints
from matching.attributes.eligibility import RULES
from matching.attributes.facts import Facts, shared
from matching.attributes.problem import Problem
from matching.attributes.records import UNSPECIFIC, Offer
from matching.attributes.relatedness import Relatedness
from matching.codes import Rule
from matching.insight.remedies import Change, Remedy

HOPELESS = -(2**62)
"""No change of the list would do."""


class Obstacles:
    """Obstacles between rows of a problem and its offers; a row is a need, or a member's part of one."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.facts = problem, Facts(problem)
        self._related = Relatedness(problem)
        self.offered = sorted({code for offer in problem.offers for code in offer.domains} - {UNSPECIFIC})
        self._unfit_for: dict[str, Ints] = {}
        self._masks: dict[int, Ints] = {}

    def changes(self, row: int, domain: str) -> list[tuple[int, tuple[Change, ...]]]:
        """Offers that one or two changes would make eligible for a row, or none, with those changes.

        The row's need is taken to name ``domain``.
        """
        masks = self._without_domain(row) | self._unfit(domain)
        found = []
        for offer in np.flatnonzero((masks >= 0) & (np.bitwise_count(masks & ~HOPELESS) <= 2)).tolist():
            wanted = int(masks[offer])
            remedies = [remedy for remedy in Remedy if wanted >> _BIT[remedy] & 1] if wanted else []
            changes = (self._change(remedy, row, domain, self.problem.offers[offer]) for remedy in remedies)
            found.append((offer, tuple(changes)))
        return found

    def _unfit(self, domain: str) -> Ints:
        """A bit for each offer that is for no subject near enough."""
        if domain not in self._unfit_for:
            near = {code for code in self.offered if self._related.between(domain, code) > 0}
            fits = [not near.isdisjoint(offer.domains) for offer in self.problem.offers]
            self._unfit_for[domain] = np.where(np.array(fits, dtype=np.bool_), 0, 1 << _BIT[Remedy.ADD_DOMAIN])
        return self._unfit_for[domain]

    def _without_domain(self, row: int) -> Ints:
        """For each offer a bit for every remedy that is called for, whatever the subject, or HOPELESS."""
        if row not in self._masks:
            self._masks[row] = self._judged(row)
        return self._masks[row]

    def _judged(self, row: int) -> Ints:
        facts, problem = self.facts, self.problem
        offers = np.arange(facts.n_offers, dtype=np.int64)
        rows = np.full(facts.n_offers, row, dtype=np.int64)
        masks = np.zeros(facts.n_offers, dtype=np.int64)

        def call_for(remedy: Remedy, failing: Bools) -> None:
            masks[failing] |= 1 << _BIT[remedy]

        def failing(rule: Rule) -> Bools:
            if not problem.strategy.applies(rule):
                return np.zeros(facts.n_offers, dtype=bool)
            return ~np.broadcast_to(RULES[rule].passes(facts, rows, offers), offers.shape)

        for rule, remedy in _REMEDY_OF.items():
            call_for(remedy, failing(rule))
        self._call_for_dates(row, call_for)
        hopeless = failing(Rule.FORBIDDEN) | self._kept_apart(row, call_for)
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

    def _change(self, remedy: Remedy, row: int, domain: str, offer: Offer) -> Change:
        need = self.problem.needs.ids[self.problem.rows.need[row]]
        match remedy:
            case Remedy.ADD_LANGUAGE:
                return Change(remedy, need, offer.languages[0])
            case Remedy.ADD_MODALITY:
                return Change(remedy, need, offer.modalities[0])
            case Remedy.ADD_SCOPE:
                return Change(remedy, need, offer.scopes[0])
            case Remedy.WIDEN_DATES:
                return Change(remedy, need)
            case Remedy.ALLOW_DECLINED:
                return Change(remedy, need, offer.id)
            case Remedy.ADD_DOMAIN:
                return Change(remedy, offer.id, domain)
            case Remedy.EXTEND_COVERAGE:
                state = self.problem.state_of[self.problem.rows[row].beneficiaries[0]]
                return Change(remedy, offer.id, state.subregion)
            case _:
                return Change(remedy, offer.id)


_BIT = {remedy: number for number, remedy in enumerate(Remedy)}
_REMEDY_OF = {
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
