"""What each row of a problem does best at given prices: its part of the bound that a certificate proves.

Rows are judged and scored some at a time, by the rules and the points alone, so memory is bounded whatever the size of
the problem. Rows that are alike in every fact that rules and terms look at are judged once.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Ints
from matching.attributes.eligibility import PAIRS_AT_ONCE, RULES
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins
from matching.attributes.scoring import Scoring
from matching.certificate.bound import Prices, Worth, free_reply, held_reply
from matching.certificate.reading import Reading

SMALL = 2**61
"""Prices up to this leave the differences of 64-bit numbers exact, as points are at most 2^53."""


class RowReplies:
    """The rows of one problem. Called with the worth of things and the prices, it yields the best of row after row.

    Rows come in no particular order, and many as one number: only their sum matters. ``reading`` has the limits of its
    rows and offers; its pairs are not looked at.
    """

    def __init__(self, facts: Facts, scoring: Scoring, reading: Reading) -> None:
        self._facts, self._scoring = facts, scoring
        self._units, self._offer_units = (
            np.array(things.most, dtype=np.int64) for things in (reading.needs, reading.offers)
        )
        self._pinned = _by_row(Pins.of(facts))
        self._least = {row: least for row, least in enumerate(reading.needs.least) if least}
        self._first, self._groups = self._alike()

    def __call__(self, worth: Worth, prices: Prices) -> Iterator[int | None]:
        for kind, offer, affinity in self._rows():
            surplus = self._surplus(affinity, offer, worth, prices)
            for start, end in pairwise(np.flatnonzero(np.diff(kind, prepend=-1, append=-1)).tolist()):
                yield from self._replies(int(kind[start]), offer[start:end], surplus[start:end], worth, prices)

    def _alike(self) -> tuple[Ints, Sequence[Ints]]:
        """The first row of each kind, and all rows of it."""
        facts = self._facts
        record = facts.problem.record
        named = {pair.need for pairs in (record.declined, record.earlier, record.forbidden) for pair in pairs}
        alone = np.isin(facts.row_need, [facts.problem.position_of_need(name) for name in named])
        alone[[*self._pinned, *self._least]] = True
        seen = [facts.row_set, facts.row_least, facts.row_domain, facts.parties[1], *facts.row_days]
        seen += [overlap.row_set for overlap in (facts.modalities, facts.scopes, facts.languages)]
        keys = np.stack([*seen, np.where(alone, np.arange(1, facts.n_rows + 1), 0)], axis=1)
        _, first, kind = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(kind.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(kind.ravel(), minlength=len(first)))
        return first.astype(np.int64), np.split(order, ends[:-1])

    def _rows(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Eligible pairs of the kinds, some kinds at a time: number of the kind, offer, points beside the urgency."""
        facts, strategy = self._facts, self._facts.problem.strategy
        rules = [rule for code, rule in RULES.items() if strategy.applies(code)]
        step = max(1, PAIRS_AT_ONCE // max(1, facts.n_offers))
        for start in range(0, len(self._first), step):
            number = np.arange(start, min(start + step, len(self._first)), dtype=np.int64)
            kind = np.repeat(number, facts.n_offers)
            offer = np.tile(np.arange(facts.n_offers, dtype=np.int64), len(number))
            for rule in rules:
                passing = np.broadcast_to(rule.passes(facts, self._first[kind], offer), kind.shape)
                kind, offer = kind[passing], offer[passing]
            passing = self._offer_units[offer] > 0
            kind, offer = kind[passing], offer[passing]
            row = self._first[kind]
            yield kind, offer, self._scoring.points(row, offer) - self._scoring.urgency[row]

    @staticmethod
    def _surplus(affinity: Ints, offer: Ints, worth: Worth, prices: Prices) -> NDArray[Any]:
        """What a unit of each pair is worth beside what its row adds, less its offer's price; exact."""
        kind = np.int64 if max(map(abs, prices.offer), default=0) < SMALL and abs(worth.points) <= 1 else object
        surplus: NDArray[Any] = affinity.astype(kind) * worth.points - np.array(prices.offer, dtype=kind)[offer]
        return surplus

    def _replies(
        self, number: int, offer: Ints, surplus: NDArray[Any], worth: Worth, prices: Prices
    ) -> Iterator[int | None]:
        """The best of all rows of a kind together."""
        rows = self._groups[number]
        rows = rows[~self._facts.never_served[rows]]
        if not len(rows):
            return
        one = int(rows[0])
        is_held = one in self._pinned or one in self._least
        order = np.argsort(-surplus, kind="stable")
        if not is_held:
            # Each pair gives a unit at least, so no row takes more pairs than it asks units.
            order = order[: int(self._units[rows].max())]
        offer, gains = offer[order], surplus[order].tolist()
        asks = np.stack([self._units[rows], self._facts.row_asking[rows], self._scoring.urgency[rows]], axis=1)
        told, times = np.unique(asks, axis=0, return_counts=True)
        for (units, asking, urgency), count in zip(told.tolist(), times.tolist(), strict=True):
            always = worth.units + worth.points * urgency + (prices.state[asking] if asking >= 0 else 0)
            most = np.minimum(self._offer_units[offer], units).tolist()
            own = [gain + always for gain in gains]
            if is_held:
                pinned = [self._pinned.get(one, {}).get(column, 0) for column in offer.tolist()]
                yield held_reply(own, pinned, most, self._least.get(one, 0), units)
            else:
                yield count * free_reply(own, most, units)


def _by_row(pins: Pins) -> Mapping[int, Mapping[int, int]]:
    """Pinned units by row, then offer."""
    found: dict[int, dict[int, int]] = {}
    for row, offer, units in zip(pins.row.tolist(), pins.offer.tolist(), pins.units.tolist(), strict=True):
        found.setdefault(row, {})[offer] = units
    return found
