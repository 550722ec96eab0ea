"""What is answered before any search: the pins, if they may stand alone, and a bound that holds in any case."""

from fractions import Fraction
from math import lcm

import pytest

from matching.model import Model, Objective, Outcome
from matching.outset import outset
from tests.matching import brute, lagrangian
from tests.matching.model_draws import OBJECTIVES, drawn_model, draws


def pins(model: Model) -> brute.Units:
    """The least units of each pair, by need and offer."""
    profiles = model.profiles
    return {
        (need, int(profiles.offer[cell])): int(profiles.least[cell])
        for need, profile in enumerate(model.needs.profile.tolist())
        for cell in range(int(profiles.start[profile]), int(profiles.start[profile + 1]))
        if profiles.least[cell]
    }


def in_whole_numbers(model: Model, value: brute.Value) -> tuple[int, ...]:
    """An objective as outcomes have it: shares of leximin in units of which every share is a whole number."""
    if model.objective != "leximin":
        return tuple(map(int, value))
    unit = lcm(*(asked for asked in model.asked.tolist() if asked))
    return (*(int(Fraction(share) * unit) for share in value[:-1]), int(value[-1]))


def proved(model: Model, outcome: Outcome) -> tuple[int, ...]:
    """What the prices of an outcome prove, level by level."""
    return tuple(lagrangian.bound(model, prices) for prices in outcome.proof)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_pins_that_may_stand_alone_are_the_answer_and_no_other_is_one(objective: Objective) -> None:
    standing = 0
    for seed in range(draws(60)):
        model = drawn_model(seed, [objective], conditions=True)
        found, alone = outset(model), pins(model)
        assert found.status == "time_limit"
        if not brute.feasible(model, alone):
            assert (found.objective, found.bound, found.allocation.units.tolist()) == ((), (), []), seed
            continue
        standing += 1
        taken = found.allocation
        pairs = list(zip(taken.need.tolist(), taken.offer.tolist(), strict=True))
        assert dict(zip(pairs, taken.units.tolist(), strict=True)) == alone, seed
        assert pairs == sorted(pairs)
        assert found.objective == in_whole_numbers(model, brute.value(model, alone)), seed
    assert standing


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_nothing_exceeds_the_bound_and_prices_prove_as_much(objective: Objective) -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, [objective], conditions=True)
        found, best = outset(model), brute.best(model)
        if found.objective:
            assert best is not None
            assert found.bound >= in_whole_numbers(model, best.objective), seed
            assert all(proof <= bound for proof, bound in zip(proved(model, found), found.bound, strict=False)), seed


@pytest.mark.parametrize("objective", ["points", "equal_treatment"])
def test_without_quotas_prices_prove_the_very_bound(objective: Objective) -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, [objective], quotas=False)
        found = outset(model)
        assert proved(model, found) == found.bound, seed


def test_no_more_units_are_served_than_asked_for_or_offered() -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, ["most_needs_served"], quotas=False)
        assert outset(model).bound[0] == min(model.needs.units.sum(), model.offers.units.sum()), seed


def test_by_leximin_all_that_is_asked_bounds_every_share() -> None:
    model = drawn_model(0, ["leximin"], quotas=False)
    unit = lcm(*(asked for asked in model.asked.tolist() if asked))
    *shares, points = outset(model).bound
    assert shares == [unit] * int((model.asked > 0).sum())
    assert points >= 0
