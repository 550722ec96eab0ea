"""Models in a few words: every need has a profile of its own, and everything not said is the plainest there is."""

from collections.abc import Sequence

import numpy as np

from matching.model import NOBODY, UNLIMITED, Limits, Model, Needs, Objective, Offers, Profiles, States


def plain(
    units: Sequence[int],
    offers: Sequence[int],
    points: Sequence[Sequence[int | None]],
    objective: Objective = "points",
) -> Model:
    """Needs and offers of so many units, and the points of each pair: None where it is not eligible."""
    pairs = [
        (need, offer, worth) for need, row in enumerate(points) for offer, worth in enumerate(row) if worth is not None
    ]
    need, offer, worth = np.array(pairs, dtype=np.int64).reshape(-1, 3).T.copy()
    n, m = len(units), len(offers)
    nothing = np.zeros(n, dtype=np.int64)
    return Model(
        objective=objective,
        needs=Needs(
            units=np.array(units, dtype=np.int64),
            least=nothing,
            state=np.full(n, NOBODY),
            profile=np.arange(n),
            urgency=nothing,
            place=np.arange(n),
            lot=np.arange(n, dtype=np.uint64),
        ),
        profiles=Profiles(
            start=np.searchsorted(need, np.arange(n + 1)),
            offer=offer,
            affinity=worth,
            least=np.zeros(len(pairs), dtype=np.int64),
            most=np.full(len(pairs), UNLIMITED),
        ),
        offers=Offers(
            units=np.array(offers, dtype=np.int64),
            least=np.zeros(m, dtype=np.int64),
            provider=np.full(m, NOBODY),
            lot=np.arange(m, dtype=np.uint64),
        ),
        states=States(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), Limits.none(0)),
        groups=Limits.none(0),
        providers=Limits.none(0),
    )
