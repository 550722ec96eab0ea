"""Who was next in line for each pairing: offers for its need, needs for its offer, and who could take it over."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.insight.alternates import alternates
from matching.insight.regrets import Regret, Regrets
from matching.insight.warm import Warm

Json = dict[str, Any]

SHOWN = 5
"""Runner-ups, rivals and alternates written at most for each pairing."""


@dataclass(frozen=True)
class Called:
    """What the positions of a model are called: a need by one or more names, an offer by its id."""

    need: Callable[[int], Json]
    offers: Sequence[str]


def next_in_line(warm: Warm, called: Called) -> Iterator[Json]:
    """What there is to say of each pairing. Raises NotWarm for a problem too large for a table of all losses."""
    regrets, allocation = Regrets(warm), warm.outcome.allocation
    for need, offer in zip(allocation.need.tolist(), allocation.offer.tolist(), strict=True):
        yield _pairing(regrets, called, need, offer)


def _pairing(regrets: Regrets, called: Called, need: int, offer: int) -> Json:
    return {
        **called.need(need),
        "offer": called.offers[offer],
        "runner_ups": [
            {"offer": called.offers[other], **_lost(called, regret)}
            for other, regret in regrets.runner_ups(need)[:SHOWN]
        ],
        "rivals": [{**called.need(other), **_lost(called, regret)} for other, regret in regrets.rivals(offer)[:SHOWN]],
        "alternates": [
            {"offer": called.offers[each.offer], "free": each.free, **_lost(called, each.regret)}
            for each in alternates(regrets, need, offer)[:SHOWN]
        ],
    }


def _lost(called: Called, regret: Regret) -> Json:
    return {"loss": list(regret.loss), "losers": _losers(called, regret.losers)}


def _losers(called: Called, losers: Mapping[int, int]) -> list[Json]:
    return [{**called.need(need), "units": units} for need, units in sorted(losers.items())]
