"""HiGHS on whole models: what it finds is the best there is, and it says so where it cannot tell."""

from dataclasses import replace
from fractions import Fraction
from math import lcm

import numpy as np
import pytest

from matching.conditions.whole import by_milp
from matching.errors import TooLarge
from matching.model import Fairness, Model, Objective
from matching.optimum.worth import worth
from tests.matching import brute
from tests.matching.model_draws import drawn_model, draws

pytestmark = pytest.mark.once


def exhaustive(model: Model) -> tuple[int, ...] | None:
    """The best objective of all allocations, shares as whole numbers as `worth` has them."""
    best = brute.best(model)
    if best is None:
        return None
    whole = lcm(*(asked for asked in model.asked.tolist() if asked)) if model.objective == "leximin" else 1
    *shares, last = best.objective
    return *(int(Fraction(share) * whole) for share in shares), int(last)


@pytest.mark.parametrize("objective", ["points", "equal_treatment", "most_needs_served", "leximin"])
def test_it_agrees_with_exhaustive_search(objective: Objective) -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, [objective], conditions=True)
        found = by_milp(model)
        assert found.finished
        assert (None if found.allocation is None else worth(model, found.allocation)) == exhaustive(model), seed
        assert found.bound == found.stages


def test_out_of_time_its_bound_still_holds() -> None:
    for seed in range(20):
        model = drawn_model(seed, ["points", "most_needs_served"], conditions=True)
        best, found = exhaustive(model), by_milp(model, lambda: 0.0)
        assert best is None or found.bound >= best, seed
        assert not found.finished or found.bound == (best or ())


def test_points_that_floats_cannot_tell_apart_are_refused() -> None:
    model = drawn_model(3, ["points"], quotas=False)
    large = replace(model, profiles=replace(model.profiles, affinity=model.profiles.affinity * 2**52 + 2**52))
    with pytest.raises(TooLarge, match="HiGHS does not tell them apart"):
        by_milp(large)


def test_leximin_of_too_many_units_is_refused() -> None:
    model = next(m for m in (drawn_model(seed, ["leximin"]) for seed in range(20)) if m.asked.any())
    large = replace(model, needs=replace(model.needs, units=model.needs.units * 10_000))
    with pytest.raises(TooLarge, match="leximin with conditions"):
        by_milp(large)


def test_slopes_are_earned_in_order() -> None:
    model = drawn_model(5, ["equal_treatment"], quotas=False)
    assert np.count_nonzero(model.asked)
    for slopes in ((3, 0), (7, 7, 1)):
        sloping = replace(model, fairness=Fairness(slopes, ()))
        found = by_milp(sloping)
        assert found.allocation is not None
        assert found.stages == worth(sloping, found.allocation)
