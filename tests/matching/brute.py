"""The best of all allocations of a tiny model, found by looking at each: the oracle of the tests.

What an allocation may do and what it is worth is said one unit at a time, straight from the docstrings of
`matching.model`, and shares nothing with any solver.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from matching.model import NOBODY, Limits, Model

Units = dict[tuple[int, int], int]
"""Units of pairs (need, offer); pairs of none are left out."""

Value = tuple[Fraction | int, ...]
"""The levels of an objective, the most important first."""


@dataclass(frozen=True)
class Best:
    """The greatest objective, and one way to reach it."""

    objective: Value
    units: Units


class _Alike(NamedTuple):
    """What allocations have in common: units used of each offer, given to each State, to each need of a condition."""

    used: tuple[int, ...]
    given: tuple[int, ...]
    conditioned: tuple[int, ...]

    def with_need(self, model: Model, need: int, choice: dict[int, int]) -> "_Alike | None":
        """The same with one more need served; None where an offer has not that many units."""
        used = tuple(units + choice.get(offer, 0) for offer, units in enumerate(self.used))
        if any(units > most for units, most in zip(used, model.offers.units.tolist(), strict=True)):
            return None
        served, own = sum(choice.values()), model.needs.state[need]
        given = tuple(units + served * (state == own) for state, units in enumerate(self.given))
        return _Alike(used, given, (*self.conditioned, *[served] * (need in model.conditions.needs)))


def best(model: Model) -> Best | None:
    """The best of all allocations, or None where there is none. The work grows exponentially."""
    found: Best | None = None
    for units in allocations(model):
        worth = value(model, units)
        if found is None or worth > found.objective:
            found = Best(worth, units)
    return found


def allocations(model: Model) -> Iterator[Units]:
    """Every feasible allocation that can be best.

    Of those that take as much from each offer, give as much to each State and treat the needs of conditions alike, only
    one of most points is kept: nothing else about an allocation matters to what it may do or is worth.
    """
    kept = {_Alike((0,) * model.n_offers, (0,) * model.n_states, ()): (0, Units())}
    for need in range(model.n_needs):
        extended: dict[_Alike, tuple[int, Units]] = {}
        for alike, (worth, units) in kept.items():
            for choice in _choices(model, need):
                onward = alike.with_need(model, need, choice)
                points = worth + sum(number * _points(model, need, offer) for offer, number in choice.items())
                if onward is not None and (onward not in extended or points > extended[onward][0]):
                    extended[onward] = points, units | {(need, offer): number for offer, number in choice.items()}
        kept = extended
    return (units for _, units in kept.values() if feasible(model, units))


def feasible(model: Model, units: Units) -> bool:
    """Whether an allocation keeps every least, most and condition."""
    needs, offers = model.needs, model.offers
    served, used = served_units(model, units), used_units(model, units)
    by_state = [sum(n for i, n in enumerate(served) if needs.state[i] == state) for state in range(model.n_states)]
    by_group = [
        sum(n for state, n in enumerate(by_state) if model.states.group[state] == group)
        for group in range(len(model.groups.least))
    ]
    by_provider = [
        sum(n for j, n in enumerate(used) if offers.provider[j] == provider)
        for provider in range(len(model.providers.least))
    ]
    pairs = list(product(range(model.n_needs), range(model.n_offers)))
    return (
        all(low <= units.get(pair, 0) <= high for pair in pairs for low, high in [_bounds(model, *pair)])
        and all(low <= n <= high for n, low, high in zip(served, needs.least, needs.units, strict=True))
        and all(low <= n <= high for n, low, high in zip(used, offers.least, offers.units, strict=True))
        and _within(by_state, model.states.limits)
        and _within(by_group, model.groups)
        and _within(by_provider, model.providers)
        and _keeps_conditions(model, served)
    )


def value(model: Model, units: Units) -> Value:
    """What an allocation is worth."""
    points = sum(number * _points(model, *pair) for pair, number in units.items())
    by_state = [0] * model.n_states
    for (need, _), number in units.items():
        if model.needs.state[need] != NOBODY:
            by_state[model.needs.state[need]] += number
    if model.objective == "points":
        return (points,)
    if model.objective == "equal_treatment":
        return (points + _gain(model, by_state),)
    if model.objective == "most_needs_served":
        return (sum(units.values()), points)
    asking = [(n, asked) for n, asked in zip(by_state, model.asked.tolist(), strict=True) if asked]
    return (*sorted(Fraction(n, asked) for n, asked in asking), points)


def served_units(model: Model, units: Units) -> list[int]:
    """Units that each need receives."""
    return [sum(n for (need, _), n in units.items() if need == i) for i in range(model.n_needs)]


def used_units(model: Model, units: Units) -> list[int]:
    """Units that each offer gives."""
    return [sum(n for (_, offer), n in units.items() if offer == j) for j in range(model.n_offers)]


def _gain(model: Model, by_state: list[int]) -> int:
    """What fairness adds, unit by unit."""
    gain, of_states, of_groups = 0, model.fairness.state, model.fairness.group
    by_group = [0] * len(model.groups.least)
    for state, served in enumerate(by_state):
        if model.states.group[state] != NOBODY:
            by_group[model.states.group[state]] += served
        for n in range(1, served + 1):
            if of_states:
                gain += of_states[min(int(model.states.received[state]) + n - 1, len(of_states) - 1)]
    for group, served in enumerate(by_group):
        members = {s for s in range(model.n_states) if model.states.group[s] == group and model.asked[s] > 0}
        for n in range(1, served + 1):
            if of_groups:
                gain += of_groups[min(-(-n // len(members)) - 1, len(of_groups) - 1)]
    return gain


def _keeps_conditions(model: Model, served: list[int]) -> bool:
    for bundle in model.conditions.bundles:
        given, asked = [served[need] for need in bundle.needs], [int(model.needs.units[need]) for need in bundle.needs]
        in_full = sum(n == units for n, units in zip(given, asked, strict=True))
        whole = all(n in (0, units) for n, units in zip(given, asked, strict=True))
        if any(given) and not (whole and in_full >= bundle.least):
            return False
    return not any(served[national] and served[joint] for national, joint in model.conditions.substitutes)


def _within(totals: list[int], limits: Limits) -> bool:
    return all(low <= n <= high for n, low, high in zip(totals, limits.least, limits.most, strict=True))


def _choices(model: Model, need: int) -> Iterator[dict[int, int]]:
    """Ways to serve one need: units of each offer."""
    asked = int(model.needs.units[need])
    ranges = []
    for offer in range(model.n_offers):
        low, high = _bounds(model, need, offer)
        ranges.append(range(low, min(high, asked, int(model.offers.units[offer])) + 1))
    for numbers in product(*ranges):
        if model.needs.least[need] <= sum(numbers) <= asked:
            yield {offer: number for offer, number in enumerate(numbers) if number}


def _cell(model: Model, need: int, offer: int) -> int | None:
    profile = int(model.needs.profile[need])
    cells = range(int(model.profiles.start[profile]), int(model.profiles.start[profile + 1]))
    return next((cell for cell in cells if model.profiles.offer[cell] == offer), None)


def _bounds(model: Model, need: int, offer: int) -> tuple[int, int]:
    cell = _cell(model, need, offer)
    return (0, 0) if cell is None else (int(model.profiles.least[cell]), int(model.profiles.most[cell]))


def _points(model: Model, need: int, offer: int) -> int:
    cell = _cell(model, need, offer)
    assert cell is not None
    return int(model.needs.urgency[need] + model.profiles.affinity[cell])
