"""Soft preferences: whole points for each eligible pair, term by term.

Each term is rounded once, half to even, from exact decimals, in a table over the few cases that can occur; pairs
then look their case up. So sums are exact, terms explain the whole and every machine agrees.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import lcm

import numpy as np

from matching.arrays import Bools, Ints
from matching.attributes.facts import Facts, Overlap, shared
from matching.attributes.kinds import alike
from matching.attributes.strategy import CLOSENESS
from matching.codes import Term

CELLS_AT_ONCE = 200_000
"""Cells scored together."""


class Scoring:
    """Points and terms of any pairs of one problem."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._problem = facts.problem
        self._urgency = facts.problem.strategy.urgency
        self._affinity = facts.problem.strategy.affinity

    def of(self, facts: Facts) -> "Scoring":
        """The scores of rows with these offers whose tables are those of these facts (`further`)."""
        scoring = Scoring(facts)
        for name in ("_by_domain", "_by_set", "_modality", "_scope", "_language", "_of_sets"):
            setattr(scoring, name, getattr(self, name))
        return scoring

    def points(self, row: Ints, offer: Ints) -> Ints:
        """Whole points of the pairs of rows and offers at the given positions."""
        return self.urgency[row] + self.affinity(row, offer)

    def affinity(self, row: Ints, offer: Ints) -> Ints:
        """Points of the pairs beside the urgency of their rows."""
        facts = self._facts
        worth = self._by_domain[facts.row_domain[row], offer] + self._by_set[facts.row_set[row], offer]
        for table, overlap in self._by_overlap:
            worth += table[overlap.row_set[row], overlap.offer_set[offer]]
        return worth + self._earlier(row, offer)

    def of_cells(self, row: Ints, size: Ints, offer: Ints) -> Ints:
        """The affinities of rows with many offers each: of ``row[i]`` with the next ``size[i]`` of ``offer``."""
        ends = np.cumsum(size)
        parts = [np.zeros(0, dtype=np.int64)]
        # Batches that fit into a processor's cache.
        bounds = np.unique(np.append(np.searchsorted(ends, np.arange(0, len(offer), CELLS_AT_ONCE)), len(row)))
        for first, last in pairwise(bounds.tolist()):
            cells = slice(int(ends[first - 1]) if first else 0, int(ends[last - 1]))
            parts.append(self.affinity(np.repeat(row[first:last], size[first:last]), offer[cells]))
        return np.concatenate(parts)

    def terms(self, row: Ints, offer: Ints) -> dict[Term, Ints]:
        """Every term of the given pairs; their sum is the points."""
        return {term: values[row] for term, values in self._of_rows.items()} | self._of_pairs(row, offer)

    def _of_pairs(self, row: Ints, offer: Ints) -> dict[Term, Ints]:
        facts, affinity = self._facts, self._affinity
        of_set, domain = facts.row_set[row], facts.row_domain[row]
        return {
            Term.DOMAIN: self._domain[domain, facts.fit[1][domain, offer]],
            Term.COVERAGE: self._coverage[of_set, offer],
            Term.MODALITY: self._modality[facts.modalities.row_set[row], facts.modalities.offer_set[offer]],
            Term.SCOPE: self._scope[facts.scopes.row_set[row], facts.scopes.offer_set[offer]],
            Term.LANGUAGE: self._language[facts.languages.row_set[row], facts.languages.offer_set[offer]],
            Term.PREFERRED_DOMAIN: round(affinity.preferred_domain.value) * self._preferred_domain[domain, offer],
            Term.PREFERRED_STATE: self._preferred_state[of_set, offer],
            Term.RECORD: self._record[offer],
            Term.EARLIER: self._earlier(row, offer),
        }

    def _earlier(self, row: Ints, offer: Ints) -> Ints:
        return round(self._affinity.earlier.value) * self._facts.is_among("earlier", row, offer)

    @cached_property
    def _by_domain(self) -> Ints:
        """Points by need domain and offer, of all terms that look at nothing else."""
        domain = np.arange(len(self._facts.domain_codes))[:, np.newaxis]
        preferred = round(self._affinity.preferred_domain.value) * self._preferred_domain
        return self._domain[domain, self._facts.fit[1]] + preferred + self._record

    @cached_property
    def _by_set(self) -> Ints:
        """Points by set of beneficiaries and offer, of all terms that look at nothing else."""
        return self._coverage + self._preferred_state

    @cached_property
    def _by_overlap(self) -> list[tuple[Ints, Overlap]]:
        """Points by set of the need and set of the offer, of the terms that earn any."""
        facts = self._facts
        terms = ((self._modality, facts.modalities), (self._scope, facts.scopes), (self._language, facts.languages))
        return [(table, overlap) for table, overlap in terms if table.any()]

    @property
    def kinds(self) -> list[Ints]:
        """Whole numbers of rows; those alike in all of them, and of which no list speaks, have the same affinities."""
        facts = self._facts
        by_overlap = (alike(table)[overlap.row_set] for table, overlap in self._by_overlap)
        return [facts.row_domain, alike(self._by_set)[facts.row_set], *by_overlap]

    @cached_property
    def urgency(self) -> Ints:
        """Points of each row that depend on its need alone."""
        return sum(self._of_rows.values(), np.zeros(self._facts.n_rows, dtype=np.int64))

    # Terms of rows

    @cached_property
    def _of_rows(self) -> dict[Term, Ints]:
        """Terms that depend on the need alone, for each row."""
        urgency, needs, row_need = self._urgency, self._problem.needs, self._facts.row_need
        levels = [round(points) for points in urgency.priority.levels]
        never_served, action_plan = round(urgency.never_served.value), round(urgency.action_plan.value)
        by_need = {
            Term.PRIORITY: needs.column("priority").numbers(lambda level: levels[level - 1]),
            Term.WAITING: needs.column("waiting_since").numbers(self._for_waiting),
            Term.NEVER_SERVED: needs.column("served_before").numbers(lambda served: 0 if served else never_served),
            Term.ACTION_PLAN: needs.column("action_plan").numbers(lambda planned: action_plan if planned else 0),
        }
        of_rows = {term: values[row_need] for term, values in by_need.items()}
        return of_rows | {term: values[self._facts.row_set] for term, values in self._of_sets.items()}

    @cached_property
    def _of_sets(self) -> dict[Term, Ints]:
        """Terms that depend on the beneficiaries alone, for each set of them."""
        urgency, states = self._urgency, self._facts.states
        flagged = {
            Term.LDC: (urgency.ldc, [state.ldc for state in states]),
            Term.LLDC: (urgency.lldc, [state.lldc for state in states]),
            Term.SIDS: (urgency.sids, [state.sids for state in states]),
        }
        return {
            term: _array(self._share_of_states(Fraction(points.value), flags))
            for term, (points, flags) in flagged.items()
        }

    def _for_waiting(self, since: date | None) -> int:
        """Points for the calendar quarters from the one in which a need began to wait to the one of the run."""
        if since is None:
            return 0
        waiting = self._urgency.waiting
        year, quarter = self._problem.record.quarter.split("-Q")
        waited = max(0, (int(year) - since.year) * 4 + int(quarter) - 1 - (since.month - 1) // 3)
        return round(Fraction(waiting.per_quarter.value) * min(waited, waiting.cap.value))

    def _share_of_states(self, points: Fraction, flagged: Sequence[bool]) -> list[int]:
        """Points times the share of each set of beneficiaries that is flagged."""
        shares = [
            (sum(flagged[state] for state in members.tolist()), max(1, len(members)))
            for members in self._facts.set_states
        ]
        rounded = {share: round(points * Fraction(*share)) for share in set(shares)}
        return [rounded[share] for share in shares]

    # Terms of pairs

    @cached_property
    def _domain(self) -> Ints:
        """Points by need domain and position in the values of relatedness."""
        points, weights = Fraction(self._affinity.domain.fit.value), self._affinity.domain.weights
        values, _ = self._facts.fit
        weight = [
            Fraction(weights[code].value) if code in weights else Fraction(1) for code in self._facts.domain_codes
        ]
        line = {factor: [round(points * factor * Fraction(value)) for value in values] for factor in set(weight)}
        return _array([line[factor] for factor in weight]).reshape(len(weight), len(values))

    @cached_property
    def _coverage(self) -> Ints:
        """Points by set of beneficiaries and offer: the mean over the set of region weight times closeness, where a
        beneficiary whom the offer may not serve counts as nothing."""
        facts, coverage = self._facts, self._affinity.coverage
        closeness = [Fraction(0), *(Fraction(getattr(coverage, kind).value) for kind in CLOSENESS)]
        by_subregion = {code: Fraction(weight.value) for code, weight in coverage.region_weights.items()}
        weights = [by_subregion.get(state.subregion, Fraction(1)) for state in facts.states]
        exact = {weight: [weight * points for points in closeness] for weight in set(weights)}
        scale = lcm(*(value.denominator for line in exact.values() for value in line))
        whole_of = {weight: [int(value * scale) for value in line] for weight, line in exact.items()}
        rounded_of = {weight: [round(points) for points in line] for weight, line in exact.items()}
        whole = [whole_of[weight] for weight in weights]
        # Sums over a set are exact in either kind of number; whole numbers of any size are the slower one.
        small = max((abs(value) for line in whole for value in line), default=0) * (1 + len(facts.states)) < 2**62
        scaled = np.array(whole, dtype=np.int64 if small else object).reshape(len(whole), len(closeness))
        kind = np.where(facts.allowed, facts.kind, 0)
        table = np.zeros((len(facts.sets), facts.n_offers), dtype=np.int64)
        one, of_one = facts.sets_of_one
        alone = _array([rounded_of[weight] for weight in weights]).reshape(len(weights), len(closeness))
        table[one] = alone[of_one[:, np.newaxis], kind[of_one]]
        for number, members in enumerate(facts.set_states):
            if len(members) == 1:
                continue
            total = sum((scaled[state][kind[state]] for state in members), np.zeros(facts.n_offers, dtype=scaled.dtype))
            values, of_offer = np.unique(total, return_inverse=True)
            rounded = [round(Fraction(value, scale * max(1, len(members)))) for value in values.tolist()]
            table[number] = np.array(rounded, dtype=np.int64)[of_offer]
        return table

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
        preferred = [offer.preferred_domains for offer in self._problem.offers]
        return shared([(code,) for code in self._facts.domain_codes], preferred) > 0

    @cached_property
    def _preferred_state(self) -> Ints:
        """Points by set of beneficiaries and offer: the share of the set that the provider prefers."""
        facts, points = self._facts, Fraction(self._affinity.preferred_state.value)
        preferred = [offer.preferred_states for offer in self._problem.offers]
        count = facts.count(shared([(state.id,) for state in facts.states], preferred) > 0)
        size = [max(1, len(members)) for members in facts.set_states]
        by_count = {of: _array([round(points * Fraction(n, of)) for n in range(of + 1)]) for of in set(size)}
        table = np.zeros(count.shape, dtype=np.int64)
        for number, of in enumerate(size):
            table[number] = by_count[of][count[number]]
        return table

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
