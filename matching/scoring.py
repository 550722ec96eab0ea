"""Soft preferences: whole points for each eligible pair, term by term.

Each term is rounded once, half to even, from exact decimals, in a table over the few cases that can occur; pairs
then look their case up. So sums are exact, terms explain the whole and every machine agrees.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from matching.codes import Term
from matching.facts import Bools, Facts, Ints, Overlap
from matching.records import State
from matching.strategy import CLOSENESS


class Scoring:
    """Points and terms of any pairs of one problem."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._problem = facts.problem
        self._urgency = facts.problem.strategy.urgency
        self._affinity = facts.problem.strategy.affinity

    def points(self, row: Ints, offer: Ints) -> Ints:
        """Whole points of the pairs of rows and offers at the given positions."""
        return sum(self.terms(row, offer).values(), np.zeros(row.shape, dtype=np.int64))

    def terms(self, row: Ints, offer: Ints) -> dict[Term, Ints]:
        """Every term of the given pairs; their sum is the points."""
        facts, affinity = self._facts, self._affinity
        of_set = facts.row_set[row]
        urgency = {term: values[row] for term, values in self._of_rows.items()}
        return urgency | {
            Term.DOMAIN: self._domain[facts.row_domain[row], facts.fit[1][facts.row_domain[row], offer]],
            Term.COVERAGE: self._coverage[of_set, offer],
            Term.MODALITY: self._modality[facts.modalities.row_set[row], facts.modalities.offer_set[offer]],
            Term.SCOPE: self._scope[facts.scopes.row_set[row], facts.scopes.offer_set[offer]],
            Term.LANGUAGE: self._language[facts.languages.row_set[row], facts.languages.offer_set[offer]],
            Term.PREFERRED_DOMAIN: round(affinity.preferred_domain.value)
            * self._preferred_domain[facts.row_domain[row], offer],
            Term.PREFERRED_STATE: self._preferred_state[of_set, offer],
            Term.RECORD: self._record[offer],
            Term.EARLIER: round(affinity.earlier.value) * facts.is_among(self._problem.record.earlier, row, offer),
        }

    @cached_property
    def urgency(self) -> Ints:
        """Points of each row that depend on its need alone."""
        return sum(self._of_rows.values(), np.zeros(self._facts.n_rows, dtype=np.int64))

    # Terms of rows

    @cached_property
    def _of_rows(self) -> dict[Term, Ints]:
        """Terms that depend on the need alone, for each row."""
        urgency, needs = self._urgency, self._problem.needs
        levels = [round(points) for points in urgency.priority.levels]
        per_quarter, cap = Fraction(urgency.waiting.per_quarter.value), urgency.waiting.cap.value
        waited = [min(self._quarters_waited(number), cap) for number in range(len(needs))]
        never_served, action_plan = round(urgency.never_served.value), round(urgency.action_plan.value)
        by_need: dict[Term, list[int]] = {
            Term.PRIORITY: [levels[need.priority - 1] for need in needs],
            Term.WAITING: [round(per_quarter * quarters) for quarters in waited],
            Term.NEVER_SERVED: [0 if need.served_before else never_served for need in needs],
            Term.ACTION_PLAN: [action_plan if need.action_plan else 0 for need in needs],
        }
        by_set = {
            Term.LDC: self._share_of_states(Fraction(urgency.ldc.value), [state.ldc for state in self._facts.states]),
            Term.LLDC: self._share_of_states(
                Fraction(urgency.lldc.value), [state.lldc for state in self._facts.states]
            ),
            Term.SIDS: self._share_of_states(
                Fraction(urgency.sids.value), [state.sids for state in self._facts.states]
            ),
        }
        of_rows = {term: _array(values)[self._facts.row_need] for term, values in by_need.items()}
        return of_rows | {term: _array(values)[self._facts.row_set] for term, values in by_set.items()}

    def _quarters_waited(self, need: int) -> int:
        """Calendar quarters from the one in which the need began to wait to the one of the run."""
        since = self._problem.needs[need].waiting_since
        if since is None:
            return 0
        year, quarter = self._problem.record.quarter.split("-Q")
        return max(0, (int(year) - since.year) * 4 + int(quarter) - 1 - (since.month - 1) // 3)

    def _share_of_states(self, points: Fraction, flagged: Sequence[bool]) -> list[int]:
        """Points times the share of each set of beneficiaries that is flagged."""
        shares = [
            Fraction(sum(flagged[state] for state in members), max(1, len(members)))
            for members in self._facts.set_states
        ]
        return [round(points * share) for share in shares]

    # Terms of pairs

    @cached_property
    def _domain(self) -> Ints:
        """Points by need domain and position in the values of relatedness."""
        points, weights = Fraction(self._affinity.domain.fit.value), self._affinity.domain.weights
        values, _ = self._facts.fit
        weight = [
            Fraction(weights[code].value) if code in weights else Fraction(1) for code in self._facts.domain_codes
        ]
        table = [[round(points * factor * Fraction(value)) for value in values] for factor in weight]
        return _array(table).reshape(len(weight), len(values))

    @cached_property
    def _coverage(self) -> Ints:
        """Points by set of beneficiaries and offer: the mean over the set of region weight times closeness, where a
        beneficiary whom the offer may not serve counts as nothing."""
        facts, coverage = self._facts, self._affinity.coverage
        closeness = [Fraction(0), *(Fraction(getattr(coverage, kind).value) for kind in CLOSENESS)]
        exact = [[self._region_weight(state) * points for points in closeness] for state in facts.states]
        scale = lcm(*(value.denominator for line in exact for value in line))
        scaled = np.array([[int(value * scale) for value in line] for line in exact], dtype=object)
        kind = np.where(facts.allowed, facts.kind, 0)
        table = np.zeros((len(facts.sets), facts.n_offers), dtype=np.int64)
        for number, members in enumerate(facts.set_states):
            total = sum((scaled[state][kind[state]] for state in members), np.zeros(facts.n_offers, dtype=object))
            whole = {value: round(Fraction(value, scale * max(1, len(members)))) for value in set(total.tolist())}
            table[number] = [whole[value] for value in total.tolist()]
        return table

    def _region_weight(self, state: State) -> Fraction:
        weights = self._affinity.coverage.region_weights
        return Fraction(weights[state.subregion].value) if state.subregion in weights else Fraction(1)

    @cached_property
    def _modality(self) -> Ints:
        return _share_met(self._facts.modalities, Fraction(self._affinity.modality.value))

    @cached_property
    def _scope(self) -> Ints:
        return _share_met(self._facts.scopes, Fraction(self._affinity.scope.value))

    @cached_property
    def _language(self) -> Ints:
        return np.where(self._facts.languages.shared > 0, round(self._affinity.language.value), 0)

    @cached_property
    def _preferred_domain(self) -> Bools:
        """Whether each offer prefers each need domain."""
        preferred = [set(offer.preferred_domains) for offer in self._problem.offers]
        codes = self._facts.domain_codes
        table = [[code in domains for domains in preferred] for code in codes]
        return np.array(table, dtype=bool).reshape(len(codes), self._facts.n_offers)

    @cached_property
    def _preferred_state(self) -> Ints:
        """Points by set of beneficiaries and offer: the share of the set that the provider prefers."""
        facts, points = self._facts, Fraction(self._affinity.preferred_state.value)
        preferred = [set(offer.preferred_states) for offer in self._problem.offers]
        table = [[state.id in states for states in preferred] for state in facts.states]
        count = facts.count(np.array(table, dtype=bool).reshape(len(facts.states), facts.n_offers))
        size = [max(1, len(members)) for members in facts.set_states]
        by_count = [_array([round(points * Fraction(n, of)) for n in range(of + 1)]) for of in size]
        return np.array([by_count[number][count[number]] for number in range(len(size))], dtype=np.int64).reshape(
            count.shape
        )

    @cached_property
    def _record(self) -> Ints:
        """Points of each offer: units delivered, over delivered, failed and one more: a short record weighs less."""
        points = Fraction(self._affinity.record.value)
        records = [offer.record for offer in self._problem.offers]
        return _array([round(points * Fraction(r.delivered, r.delivered + r.failed + 1)) for r in records])


def _share_met(overlap: Overlap, points: Fraction) -> Ints:
    """Points by set of the need and set of the offer: the share of what the need wants that the offer has."""
    table = np.zeros(overlap.shared.shape, dtype=np.int64)
    for number, wanted in enumerate(overlap.row_size.tolist()):
        by_count = _array([round(points * Fraction(n, max(1, wanted))) for n in range(wanted + 1)])
        table[number] = by_count[overlap.shared[number]]
    return table


def _array(values: Iterable[int] | Iterable[list[int]]) -> Ints:
    return np.array(list(values), dtype=np.int64)
