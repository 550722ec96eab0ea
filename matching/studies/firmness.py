"""How firm pairings are: the share of drawn settings of a strategy's weights under which each of them stays.

The design is deterministic, so that anybody can repeat it. In setting ``k`` (from 1) every weight is multiplied by
1 - spread + 2·spread·u, where u is the first 64 bits of SHA-256("quarter|k|place of the weight") over 2⁶⁴ - 1, and
rounded half to even: slopes to whole points, the others to hundredths. None goes beyond the most that a strategy may
say. All weights are varied independently; where the strategy's own rules order them, the order is restored: a closer
kind of coverage earns at least as much as a wider one, and a slope at most as much as the one before. Thresholds,
relatedness and weights that need a decision of the Committee stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from matching.attributes.strategy import CLOSENESS, MOST_WEIGHT, Points, Settled, Slopes, Strategy, Weight
from matching.documents import MOST_POINTS
from matching.optimum.ties import drawn
from matching.studies.changes import Pair, Pairings
from matching.studies.weights import Number, Path, numbers, replaced

#: Settings that are drawn unless told otherwise.
SETTINGS = 64
#: How far a weight is moved at most, as a share of it.
SPREAD = Fraction(1, 5)
#: A pairing that stays under a smaller share of the settings is fragile.
FRAGILE_BELOW = Fraction(3, 4)
#: Kinds of numbers that are varied, and the most that a strategy may say of each, of either sign.
VARIED: Mapping[type[Settled], int] = {Points: MOST_POINTS, Weight: MOST_WEIGHT, Slopes: MOST_POINTS}


@dataclass(frozen=True)
class Firmness:
    """Under how many of the settings a pairing stays, with no fewer units."""

    pair: Pair
    units: int
    stays: int
    settings: int

    @property
    def share(self) -> Fraction | None:
        """Share of the settings; None where none was solved."""
        return Fraction(self.stays, self.settings) if self.settings else None

    @property
    def fragile(self) -> bool:
        """Whether the share is below `FRAGILE_BELOW`."""
        return self.share is not None and self.share < FRAGILE_BELOW


def settings(strategy: Strategy, quarter: str, n: int = SETTINGS, spread: Fraction = SPREAD) -> list[Strategy]:
    """The ``n`` drawn settings of a strategy."""
    varied = [number for number in numbers(strategy) if number.kind in VARIED and not number.held]
    return [_setting(strategy, quarter, k, varied, spread) for k in range(1, n + 1)]


def firmness(pairings: Pairings, under: Iterable[Pairings]) -> list[Firmness]:
    """How firm each of ``pairings`` is, given what is proposed ``under`` each setting; by pair."""
    stays, n_settings = dict.fromkeys(pairings, 0), 0
    for proposed in under:
        n_settings += 1
        for pair, units in pairings.items():
            stays[pair] += proposed.get(pair, 0) >= units
    return [Firmness(pair, units, stays[pair], n_settings) for pair, units in sorted(pairings.items())]


def _setting(strategy: Strategy, quarter: str, k: int, varied: Sequence[Number], spread: Fraction) -> Strategy:
    lots = drawn(quarter, (f"{k}|{number.name}" for number in varied)).tolist()
    values: dict[Path, Any] = {}
    for number, lot in zip(varied, lots, strict=True):
        most = Fraction(VARIED[number.kind])
        value = Fraction(number.value) * (1 - spread + 2 * spread * Fraction(lot, 2**64 - 1))
        value = max(-most, min(value, most))
        values[number.path] = round(value) if number.kind is Slopes else _hundredths(value)
    document = replaced(strategy.document, values)
    _restore_order(document)
    return Strategy.from_document(document)


def _hundredths(value: Fraction) -> Decimal:
    return Decimal(round(value * 100)).scaleb(-2)


def _restore_order(document: dict[str, Any]) -> None:
    coverage = document["affinity"]["coverage"]
    for wider, closer in pairwise(CLOSENESS):
        coverage[closer]["value"] = max(coverage[wider]["value"], coverage[closer]["value"], key=Decimal)
    for slopes in document["fairness"].values():
        for position in range(1, len(slopes["value"])):
            slopes["value"][position] = min(slopes["value"][position - 1 : position + 1])
