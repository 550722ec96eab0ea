"""Edits drawn at random for a model, of every kind."""

import random
from dataclasses import replace

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
            NewNeed(
                draw.randint(1, 3),
                state,
                offers,
                tuple(draw.choice([0, 1, 2, 5, 8]) for _ in offers),
                draw.choice([None, *range(model.n_needs + 1)]),
            ),
            NeedUnits(need, draw.randint(0, 4)),
        ]
    return draw.choice(edits)


def drawn_edits(draw: random.Random, model: Model, number: int) -> list[Edit]:
    """Some edits of any kinds, of which one new need at most has a place among others."""
    edits = [drawn_edit(draw, model) for _ in range(number)]
    new = [at for at, edit in enumerate(edits) if isinstance(edit, NewNeed)]
    return [
        replace(edit, before=None) if isinstance(edit, NewNeed) and at in new[1:] else edit
        for at, edit in enumerate(edits)
    ]


def drawn_replacement(draw: random.Random, model: Model) -> list[Edit]:
    """A need that is asked otherwise, for as many units and the same State."""
    need = draw.randrange(model.n_needs)
    offers = tuple(sorted(draw.sample(range(model.n_offers), draw.randint(0, min(5, model.n_offers)))))
    points = tuple(draw.choice([0, 1, 2, 5, 8]) for _ in offers)
    place = draw.choice([None, *range(model.n_needs + 1)])
    new = NewNeed(int(model.needs.units[need]), int(model.needs.state[need]), offers, points, place)
    return [NeedUnits(need, 0), new]
