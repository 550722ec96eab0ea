"""The bound that prices prove, computed from the model alone, one thing at a time (the formula of `certificate`)."""

from collections.abc import Iterable, Sequence

from matching.model import NOBODY, UNLIMITED, Model, Prices


def bound(model: Model, prices: Prices) -> int:
    """What no allocation exceeds: units_weight x units + points_weight x (points and fairness)."""
    needs, offers, states = model.needs, model.offers, model.states
    total = 0
    for need in range(model.n_needs):
        state = int(needs.state[need])
        counts = 0 if state == NOBODY else prices.state[state]
        total += _need(model, prices, need, counts)
    for offer in range(model.n_offers):
        provider = int(offers.provider[offer])
        worth = prices.offer[offer] - (0 if provider == NOBODY else prices.provider[provider])
        total += _linear(worth, int(offers.least[offer]), int(offers.units[offer]))
    for provider, price in enumerate(prices.provider):
        total += _linear(price, int(model.providers.least[provider]), int(model.providers.most[provider]))
    fair = model.objective == "equal_treatment"
    asked_by_group = [0] * len(prices.group)
    for state in range(model.n_states):
        group, asked = int(states.group[state]), int(model.asked[state])
        if group != NOBODY:
            asked_by_group[group] += asked
        weight = (0 if group == NOBODY else prices.group[group]) - prices.state[state]
        slopes = model.fairness.state if fair else ()
        earned = _sums(slopes, (int(states.received[state]) + n for n in range(asked)))
        total += _most(prices, earned, weight, int(states.limits.least[state]), int(states.limits.most[state]))
    for group, price in enumerate(prices.group):
        slopes = model.fairness.group if fair else ()
        members = max(int(model.n_asking[group]), 1)
        earned = _sums(slopes, (n // members for n in range(asked_by_group[group])))
        total += _most(prices, earned, -price, int(model.groups.least[group]), int(model.groups.most[group]))
    return total


def _need(model: Model, prices: Prices, need: int, counts: int) -> int:
    """The most that a need's units could be worth if each cost its offer's price."""
    profiles, left = model.profiles, int(model.needs.units[need])
    profile = int(model.needs.profile[need])
    total, units = 0, []
    for cell in range(int(profiles.start[profile]), int(profiles.start[profile + 1])):
        points = int(model.needs.urgency[need]) + int(profiles.affinity[cell])
        worth = prices.units_weight + prices.points_weight * points + counts - prices.offer[profiles.offer[cell]]
        least = int(profiles.least[cell])
        total, left = total + worth * least, left - least
        units += [worth] * min(int(profiles.most[cell]) - least, int(model.needs.units[need]))
    needed = int(model.needs.least[need]) - (int(model.needs.units[need]) - left)
    for number, worth in enumerate(sorted(units, reverse=True)[:left]):
        if worth > 0 or number < needed:
            total += worth
    return total


def _linear(worth: int, least: int, most: int) -> int:
    assert worth <= 0 or most < UNLIMITED, "a price that earns without limit bounds nothing"
    return worth * (most if worth > 0 else least)


def _sums(slopes: Sequence[int], positions: Iterable[int]) -> list[int]:
    """What the first 0, 1, 2, … units earn together."""
    sums = [0]
    for position in positions:
        sums.append(sums[-1] + (slopes[min(position, len(slopes) - 1)] if slopes else 0))
    return sums


def _most(prices: Prices, earned: Sequence[int], weight: int, least: int, most: int) -> int:
    allowed = range(least, min(most, len(earned) - 1) + 1)
    return max(prices.points_weight * earned[n] + n * weight for n in allowed)
