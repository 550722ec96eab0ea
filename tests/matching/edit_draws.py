"""Edits drawn at random for a model, of every kind."""

import random

from matching.insight.edits import (
    Edit,
    Imposed,
    NeedUnits,
    NewNeed,
    NewOffer,
    NoPair,
    OfferPairs,
    OfferUnits,
    PairPoints,
)
from matching.model import NOBODY, Model


def drawn_edit(draw: random.Random, model: Model, *, asks: bool = True) -> Edit:
    """An edit of any kind; where ``asks`` is False, none that changes what a State asks for."""
    need, offer = draw.randrange(model.n_needs), draw.randrange(model.n_offers)
    points = int(model.needs.urgency[need]) + draw.choice([-1, 0, 1, 2, 4])
    edits: list[Edit] = [
        NewOffer(
            draw.randint(1, 3),
            needs := tuple(sorted(draw.sample(range(model.n_needs), draw.randint(0, min(6, model.n_needs))))),
            tuple(int(model.needs.urgency[each]) + draw.choice([0, 1, 2]) for each in needs),
        ),
        OfferPairs(
            offer,
            named := tuple(sorted(draw.sample(range(model.n_needs), draw.randint(0, min(6, model.n_needs))))),
            tuple(int(model.needs.urgency[each]) + draw.choice([0, 1, 3]) for each in named),
        ),
        OfferUnits(offer, draw.randint(0, 4)),
        PairPoints(need, offer, points, draw.choice([1, 2, 9])),
        NoPair(need, offer),
        Imposed(need, offer, draw.choice([1, 1, 2])),
    ]
    if asks:
        offers = tuple(sorted(draw.sample(range(model.n_offers), draw.randint(0, min(5, model.n_offers)))))
        state = draw.choice([NOBODY, *range(model.n_states)])
        edits += [
            NewNeed(draw.randint(1, 3), state, offers, tuple(draw.choice([0, 1, 2, 5, 8]) for _ in offers)),
            NeedUnits(need, draw.randint(0, 4)),
        ]
    return draw.choice(edits)
