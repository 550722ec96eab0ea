"""The bound that prices prove (`certificate`), by arrays, of models whose pairs have no limit of their own."""

import numpy as np

from matching.arrays import Ints, totals
from matching.model import NOBODY, Limits, Model, Prices
from matching.optimum.exact import product


def bound(model: Model, prices: Prices) -> int:
    """What no allocation of a model without leasts exceeds, in points and fairness."""
    needs, offers = model.needs, model.offers
    offer, provider, state, group = (
        np.append(np.array(each, dtype=np.int64), 0)  # the last one is NOBODY's
        for each in (prices.offer, prices.provider, prices.state, prices.group)
    )
    a_unit = needs.urgency + _best_cells(model, offer) + state[needs.state]
    total = product(np.maximum(a_unit, 0), needs.units)
    total += product(np.maximum(offer[:-1] - provider[offers.provider], 0), offers.units)
    total += product(provider[:-1][provider[:-1] > 0], model.providers.most[provider[:-1] > 0])
    of_group = np.where(model.states.group == NOBODY, 0, group[model.states.group])
    asked_of_group = totals(model.states.group, model.asked, len(group) - 1)
    fairness = model.fairness
    for place, asked in enumerate(model.asked.tolist()):
        received = int(model.states.received[place])
        price = int(of_group[place] - state[place])
        total += _most(_earned(fairness.state, received + np.arange(asked)), price, model.states.limits, place)
    for place, asked in enumerate(asked_of_group.tolist()):
        turn = np.arange(asked) // max(int(model.n_asking[place]), 1)
        total += _most(_earned(fairness.group, turn), -int(group[place]), model.groups, place)
    return total


def _best_cells(model: Model, price: Ints) -> Ints:
    """The best of what each need's cells earn beside its urgency, far below nothing where it has none."""
    profiles = model.profiles
    worth = np.append(profiles.affinity - price[profiles.offer], 0)
    filled = np.diff(profiles.start) > 0
    best = np.full(model.n_profiles, -(2**61))
    best[filled] = np.maximum.reduceat(worth, profiles.start[:-1][filled])
    best[np.flatnonzero(filled)[-1:]] = worth[profiles.start[:-1][filled][-1:].max(initial=0) : -1].max(
        initial=-(2**61)
    )
    return np.asarray(best[model.needs.profile], dtype=np.int64)


def _earned(slopes: tuple[int, ...], turn: Ints) -> Ints:
    """What the unit of each turn earns by itself."""
    if not slopes:
        return np.zeros(len(turn), dtype=np.int64)
    return np.array(slopes, dtype=np.int64)[np.minimum(turn, len(slopes) - 1)]


def _most(earned: Ints, price: int, limits: Limits, place: int) -> int:
    """The most that some units can earn, of which each costs as much less as its price says."""
    earning = earned[: int(limits.most[place])] + price
    return int(np.maximum(earning, 0).sum())  # what units earn never rises
