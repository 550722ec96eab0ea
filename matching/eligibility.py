"""Hard rules: which pairs are allowed at all, and the code of the first rule that forbids one.

To add a rule, write a function that says which of the given pairs pass, and give it its place in RULES and in
`codes.Rule`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.codes import Rule
from matching.facts import Bools, Facts, Ints, Overlap

PAIRS_AT_ONCE = 2_000_000
"""Pairs judged together: bounds memory whatever the size of the problem."""

Test = Callable[[Facts, Ints, Ints], Bools]
"""Given positions of rows and of offers (equal lengths), which pairs pass."""


@dataclass(frozen=True)
class Eligibility:
    """Outcome of the rules on all rows x offers pairs.

    ``row`` and ``offer`` are positions of the eligible pairs, sorted by row, then offer. ``removed[i, k]`` offers fail
    rule ``k`` first for row ``i``; together with its eligible offers they make up all offers.
    """

    row: Ints
    offer: Ints
    removed: NDArray[np.int64]


def _offer_specific(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.specific[offer]


def _domain(facts: Facts, row: Ints, offer: Ints) -> Bools:
    _, fit = facts.fit
    return fit[facts.row_domain[row], offer] > 0


def _coverage_stated(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.coverage_stated[offer]


def _coverage(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.n_covered[facts.row_set[row], offer] >= facts.row_least[row]


def _provider_is_another(facts: Facts, row: Ints, offer: Ints) -> Bools:
    _, requester, provider = facts.parties
    enough = facts.n_helped[facts.row_set[row], offer] >= facts.row_least[row]
    return enough & np.not_equal(requester[row], provider[offer])


def _overlaps(overlap: Overlap, row: Ints, offer: Ints) -> Bools:
    """Pairs that share a code, or where a side states none: what is not stated rules nothing out."""
    of_row, of_offer = overlap.row_set[row], overlap.offer_set[offer]
    stated = (overlap.row_size[of_row] > 0) & (overlap.offer_size[of_offer] > 0)
    return ~stated | (overlap.shared[of_row, of_offer] > 0)


def _modality(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return _overlaps(facts.modalities, row, offer)


def _scope(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return _overlaps(facts.scopes, row, offer)


def _language(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return ~facts.language_required[offer] | _overlaps(facts.languages, row, offer)


def _validity(facts: Facts, row: Ints, offer: Ints) -> Bools:
    wanted_first, wanted_last = facts.row_days
    valid_first, valid_last = facts.offer_days
    return np.maximum(wanted_first[row], valid_first[offer]) <= np.minimum(wanted_last[row], valid_last[offer])


def _condition(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.n_meeting[facts.row_set[row], offer] >= facts.row_least[row]


def _not_excluded(facts: Facts, row: Ints, offer: Ints) -> Bools:
    _, requester, _ = facts.parties
    enough = facts.n_allowed[facts.row_set[row], offer] >= facts.row_least[row]
    return enough & ~facts.requester_excluded[requester[row], offer]


def _not_declined(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return ~facts.is_among(facts.problem.record.declined, row, offer)


def _not_forbidden(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return ~facts.is_among(facts.problem.record.forbidden, row, offer)


def _capacity(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.offer_units[offer] > 0


RULES: dict[Rule, Test] = {
    Rule.OFFER_NOT_SPECIFIC: _offer_specific,
    Rule.DOMAIN: _domain,
    Rule.COVERAGE_NOT_STATED: _coverage_stated,
    Rule.COVERAGE: _coverage,
    Rule.PROVIDER_IS_REQUESTER: _provider_is_another,
    Rule.MODALITY: _modality,
    Rule.SCOPE: _scope,
    Rule.LANGUAGE: _language,
    Rule.VALIDITY: _validity,
    Rule.CONDITION: _condition,
    Rule.EXCLUSION: _not_excluded,
    Rule.DECLINED: _not_declined,
    Rule.FORBIDDEN: _not_forbidden,
    Rule.CAPACITY: _capacity,
}


def evaluate(facts: Facts) -> Eligibility:
    """Judge every pair by every rule that the strategy applies, in the order of RULES."""
    removed = np.zeros((facts.n_rows, len(RULES)), dtype=np.int64)
    rows, offers = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for row, offer in _in_chunks(facts.n_rows, facts.n_offers):
        for position, test in _applied(facts):
            passing = test(facts, row, offer)
            removed[:, position] += np.bincount(row[~passing], minlength=facts.n_rows)
            row, offer = row[passing], offer[passing]
        rows.append(row)
        offers.append(offer)
    return Eligibility(np.concatenate(rows), np.concatenate(offers), removed)


def first_failing(facts: Facts, row: int, offer: int) -> Rule | None:
    """The first rule that one pair fails, if any."""
    one_row, one_offer = np.array([row], dtype=np.int64), np.array([offer], dtype=np.int64)
    for position, test in _applied(facts):
        if not test(facts, one_row, one_offer)[0]:
            return list(RULES)[position]
    return None


def _applied(facts: Facts) -> Iterator[tuple[int, Test]]:
    for position, (rule, test) in enumerate(RULES.items()):
        if facts.problem.strategy.applies(rule):
            yield position, test


def _in_chunks(n_rows: int, n_offers: int) -> Iterator[tuple[Ints, Ints]]:
    """All pairs in order, some rows at a time."""
    if n_offers == 0:
        return
    step = max(1, PAIRS_AT_ONCE // n_offers)
    for start in range(0, n_rows, step):
        row = np.arange(start, min(start + step, n_rows), dtype=np.int64)
        yield np.repeat(row, n_offers), np.tile(np.arange(n_offers, dtype=np.int64), len(row))
