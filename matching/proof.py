"""Prices written down: the certificate that stands with an answer or a result, by ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matching.model import Outcome, Prices

FORMAT = "matching-certificate/1"


@dataclass(frozen=True)
class Ids:
    """What the positions of a model's prices stand for; None where something has no part in the proof."""

    offers: Sequence[str]
    providers: Sequence[str]
    states: Sequence[str | None]
    groups: Sequence[str | None]


def certificate(outcome: Outcome, ids: Ids) -> dict[str, Any] | None:
    """The prices that prove a bound; None where there is nothing to prove."""
    if not outcome.proof:
        return None
    return {"format": FORMAT, "levels": [_level(prices, ids) for prices in outcome.proof]}


def _level(prices: Prices, ids: Ids) -> dict[str, Any]:
    return {
        "weights": [prices.units_weight, prices.points_weight],
        "offers": _priced(ids.offers, prices.offer),
        "providers": _priced(ids.providers, prices.provider),
        "states": _priced(ids.states, prices.state),
        "groups": _priced(ids.groups, prices.group),
    }


def _priced(ids: Sequence[str | None], prices: Sequence[int]) -> dict[str, int]:
    """Prices by id; those of nothing are left out."""
    return {name: int(price) for name, price in zip(ids, prices, strict=True) if price and name is not None}
