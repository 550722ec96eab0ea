"""Hard rules: which pairs are allowed at all, and the code of the first rule that forbids one.

Rows that are alike in everything a rule looks at pass it with the same offers, so a rule is judged once for each kind
of row, and what it leaves is held as bits. To add a rule, write a function that says which of the given pairs pass, and
list it in RULES, in the place that `codes.Rule` gives it, with the facts of rows that it looks at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Bools, Ints
from matching.attributes.facts import Facts, Overlap
from matching.attributes.kinds import Bits, joined, packed, positions
from matching.codes import Rule

PAIRS_AT_ONCE = 2_000_000
"""Pairs judged together: bounds memory whatever the size of the problem."""

Test = Callable[[Facts, Ints, Ints], Bools]
"""Given positions of rows and of offers (shapes that broadcast), which pairs pass."""

Looks = Callable[[Facts], Sequence[Ints]]
"""Facts of each row, as whole numbers."""


@dataclass(frozen=True)
class Seen:
    """A rule that looks at facts of rows: those alike in all of ``at`` pass it with the same offers."""

    at: Looks
    passes: Test


@dataclass(frozen=True)
class Listed:
    """A rule that the pairs in one of the problem's lists fail."""

    name: str

    def passes(self, facts: Facts, row: Ints, offer: Ints) -> Bools:
        """Which of the given pairs pass."""
        return ~facts.is_among(self.name, row, offer)


@dataclass(frozen=True)
class Eligibility:
    """Outcome of the rules on all rows x offers pairs.

    Rows that no rule tells apart share a profile: ``profile`` is each row's, ``of`` the first row of each profile.
    Offers eligible for profile ``p`` are ``cell_offer[start[p]:start[p + 1]]``, ascending. Of the others,
    ``failing[p, k]`` fail rule ``k`` first.
    """

    profile: Ints
    of: Ints
    start: Ints
    cell_offer: Ints
    failing: NDArray[np.int32]

    @property
    def n_pairs(self) -> int:
        """How many pairs are eligible."""
        return int(self.n_rows @ np.diff(self.start))

    @cached_property
    def n_rows(self) -> Ints:
        """How many rows each profile has."""
        return np.bincount(self.profile, minlength=len(self.of)).astype(np.int64)

    @cached_property
    def cell_profile(self) -> Ints:
        """The profile of each cell of ``cell_offer``."""
        return np.repeat(np.arange(len(self.of), dtype=np.int64), np.diff(self.start))

    def removed_pairs(self) -> Ints:
        """How many pairs fail each rule first."""
        return self.n_rows @ self.failing.astype(np.int64)

    def offers(self, row: int) -> Ints:
        """Offers eligible for a row."""
        profile = self.profile[row]
        return self.cell_offer[self.start[profile] : self.start[profile + 1]]

    # Pair by pair, for problems small enough

    @cached_property
    def row(self) -> Ints:
        """The row of each eligible pair; pairs are sorted by row, then offer."""
        return np.repeat(np.arange(len(self.profile), dtype=np.int64), np.diff(self.start)[self.profile])

    @cached_property
    def offer(self) -> Ints:
        """The offer of each eligible pair."""
        if not len(self.profile):
            return np.zeros(0, dtype=np.int64)
        return np.concatenate([self.offers(row) for row in range(len(self.profile))])

    @property
    def removed(self) -> Ints:
        """How many offers fail each rule first, for each row."""
        return self.failing.astype(np.int64)[self.profile]


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


def _capacity(facts: Facts, row: Ints, offer: Ints) -> Bools:
    return facts.offer_units[offer] > 0


def _nothing(facts: Facts) -> Sequence[Ints]:
    return ()


RULES: dict[Rule, Seen | Listed] = {
    Rule.OFFER_NOT_SPECIFIC: Seen(_nothing, _offer_specific),
    Rule.DOMAIN: Seen(lambda facts: [facts.row_domain], _domain),
    Rule.COVERAGE_NOT_STATED: Seen(_nothing, _coverage_stated),
    Rule.COVERAGE: Seen(lambda facts: [facts.alike_covered, facts.row_least], _coverage),
    Rule.PROVIDER_IS_REQUESTER: Seen(
        lambda facts: [facts.alike_helped, facts.row_least, facts.row_providing], _provider_is_another
    ),
    Rule.MODALITY: Seen(lambda facts: [facts.modalities.row_set], _modality),
    Rule.SCOPE: Seen(lambda facts: [facts.scopes.row_set], _scope),
    Rule.LANGUAGE: Seen(lambda facts: [facts.languages.row_set], _language),
    Rule.VALIDITY: Seen(lambda facts: facts.row_days, _validity),
    Rule.CONDITION: Seen(lambda facts: [facts.alike_meeting, facts.row_least], _condition),
    Rule.EXCLUSION: Seen(lambda facts: [facts.alike_allowed, facts.row_least, facts.alike_excluded], _not_excluded),
    Rule.DECLINED: Listed("declined"),
    Rule.FORBIDDEN: Listed("forbidden"),
    Rule.CAPACITY: Seen(_nothing, _capacity),
}


def evaluate(facts: Facts, apart: Sequence[Ints] = ()) -> Eligibility:
    """Judge every pair by every rule that the strategy applies, in the order of RULES.

    Rows that differ in one of the whole numbers of ``apart`` share no profile, whatever the rules say.
    """
    seen = [array for _, rule in _applied(facts) if isinstance(rule, Seen) for array in rule.at(facts)]
    different = {id(array): array for array in (*seen, *apart)}
    profile, of = joined([*different.values(), facts.row_alone], facts.n_rows)
    n_leading, kind = _leading(facts, of)
    order = np.argsort(kind, kind="stable")
    place = np.empty(len(of), dtype=np.int64)
    place[order] = np.arange(len(of))
    # What is judged at once anyway is not judged kind by kind: each batch takes a time of its own.
    together = len(of) * facts.n_offers <= TOGETHER
    judge = _Judge(facts, place[profile], of[order], 0 if together else n_leading)
    ends = np.cumsum(np.bincount(kind)).tolist() if len(of) else []
    for start, end in pairwise([0, *(ends[-1:] if together else ends)]):
        judge.batch(start, end)
    return judge.outcome()


TOGETHER = 100_000
"""So many pairs at most are judged in one batch by all the rules, the leading ones too."""

FEW = 256
"""So many kinds of rows at most are judged by the leading rules one kind at a time."""


def _leading(facts: Facts, of: Ints) -> tuple[int, Ints]:
    """How many of the first rules tell few kinds of rows apart; and the kind of each of the given rows.

    What these rules leave of the offers is little, so that the others have little to judge.
    """
    kind = np.zeros(len(of), dtype=np.int64)
    for number, (_, rule) in enumerate(_applied(facts)):
        if isinstance(rule, Listed):
            return number, kind
        finer, different = joined([kind, *(array[of] for array in rule.at(facts))], len(of))
        if len(different) > FEW:
            return number, kind
        kind = finer
    return len(RULES), kind


class _Judge:
    """Judges profiles in batches that are alike in what the leading rules look at."""

    def __init__(self, facts: Facts, profile: Ints, of: Ints, n_leading: int) -> None:
        self._facts, self._profile, self._of = facts, profile, of
        rules = list(_applied(facts))
        self._leading, self._others = rules[:n_leading], rules[n_leading:]
        self._failing = np.zeros((len(of), len(RULES)), dtype=np.int32)
        self._sizes, self._offers = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        self._listed = {rule.name: self._of_profiles(rule) for _, rule in rules if isinstance(rule, Listed)}

    def outcome(self) -> Eligibility:
        """What was judged."""
        start = np.cumsum(np.concatenate(self._sizes))
        return Eligibility(self._profile, self._of, start, np.concatenate(self._offers), self._failing)

    def batch(self, start: int, end: int) -> None:
        """Judge the profiles from ``start`` to before ``end``, which the leading rules do not tell apart."""
        offers = np.arange(self._facts.n_offers, dtype=np.int64)
        one = self._of[start : start + 1]
        for place, rule in self._leading:
            passing = np.broadcast_to(rule.passes(self._facts, one, offers), offers.shape)
            self._failing[start:end, place] = len(offers) - np.count_nonzero(passing)
            offers = offers[passing]
        step = max(1, PAIRS_AT_ONCE // max(1, len(offers)))
        for first in range(start, end, step):
            self._judge(first, min(first + step, end), offers)

    def _judge(self, start: int, end: int, offers: Ints) -> None:
        """Judge profiles by the other rules and the offers that are left, as bits."""
        of = self._of[start:end]
        left = np.repeat(packed(np.ones((1, len(offers)), dtype=bool)), len(of), axis=0)
        counted = np.full(len(of), len(offers), dtype=np.int64)
        for place, rule in self._others:
            if isinstance(rule, Seen):
                left &= self._passing(rule, of, offers)
            else:
                self._strike(rule, start, offers, left)
            passing = np.bitwise_count(left).sum(axis=1, dtype=np.int64)
            self._failing[start:end, place] = counted - passing
            counted = passing
        self._sizes.append(counted)
        self._offers.append(offers[positions(left)])

    def _passing(self, rule: Seen, of: Ints, offers: Ints) -> Bits:
        """With which of the offers each of the rows passes; judged once for each kind of row."""
        kind, first = joined([array[of] for array in rule.at(self._facts)], len(of))
        passing = rule.passes(self._facts, of[first][:, np.newaxis], offers[np.newaxis])
        bits: Bits = packed(np.broadcast_to(passing, (len(first), len(offers))))[kind]
        return bits

    def _of_profiles(self, rule: Listed) -> tuple[Ints, Ints]:
        """Profiles and offers of the listed pairs, by profile: a profile that a pair names has no other need."""
        need, offer = np.divmod(self._facts.listed(rule.name), max(1, self._facts.n_offers))
        first = self._facts.problem.rows.first
        n_rows = np.diff(np.append(first, self._facts.n_rows))[need]
        row = np.repeat(first[need] - np.cumsum(n_rows) + n_rows, n_rows) + np.arange(n_rows.sum())
        profile, offer = self._profile[row], np.repeat(offer, n_rows)
        order = np.argsort(profile, kind="stable")
        return profile[order], offer[order]

    def _strike(self, rule: Listed, start: int, offers: Ints, left: Bits) -> None:
        """Take the listed pairs from what is left to the profiles from ``start`` on."""
        profile, offer = self._listed[rule.name]
        here = slice(*np.searchsorted(profile, [start, start + len(left)]))
        among = np.isin(offer[here], offers)
        line, column = profile[here][among] - start, np.searchsorted(offers, offer[here][among])
        kept = ~np.right_shift(0x80, column & 7).astype(np.uint8)
        np.bitwise_and.at(left, (line, column >> 3), kept)


def removed_from(facts: Facts, eligibility: Eligibility, offers: Ints) -> NDArray[np.int64]:
    """How many rows fail each rule first with each of the given offers: (len(offers), number of rules)."""
    removed = np.zeros((len(offers), len(RULES)), dtype=np.int64)
    step = max(1, PAIRS_AT_ONCE // max(1, len(offers)))
    for start in range(0, len(eligibility.of), step):
        of, n_rows = eligibility.of[start : start + step], eligibility.n_rows[start : start + step]
        left = np.ones((len(of), len(offers)), dtype=bool)
        counted = n_rows @ left
        for place, rule in _applied(facts):
            left &= rule.passes(facts, of[:, np.newaxis], offers[np.newaxis])
            passing = n_rows @ left
            removed[:, place] += counted - passing
            counted = passing
    return removed


def allowed(facts: Facts, row: Ints, offer: Ints) -> Ints:
    """Which of the given pairs (two arrays of one length) pass all rules: their places, ascending."""
    left = np.arange(len(row), dtype=np.int64)
    for _, rule in _applied(facts):
        left = left[np.broadcast_to(rule.passes(facts, row[left], offer[left]), left.shape)]
    return left


def first_failing(facts: Facts, row: int, offer: int) -> Rule | None:
    """The first rule that one pair fails, if any."""
    one_row, one_offer = np.array([row], dtype=np.int64), np.array([offer], dtype=np.int64)
    for place, rule in _applied(facts):
        if not rule.passes(facts, one_row, one_offer)[0]:
            return list(RULES)[place]
    return None


def _applied(facts: Facts) -> Iterator[tuple[int, Seen | Listed]]:
    for place, (code, rule) in enumerate(RULES.items()):
        if facts.problem.strategy.applies(code):
            yield place, rule
