"""The best prices for a bound: no bound is wrong, and few are closer."""

from dataclasses import replace

import numpy as np
import pytest

from matching.conditions import choosing
from matching.conditions.choosing import chosen
from matching.conditions.conditioned import Priced
from matching.conditions.fractional import sharpened
from matching.conditions.scalar import Scalar
from matching.conditions.search import best
from matching.errors import TooLarge
from matching.model import Bundle, Conditions, Model, Objective, Outcome
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.layers import NO_TERMS, Layers
from matching.optimum.network import NoFlow
from tests.matching.model_draws import Size, drawn_model, draws
from tests.matching.plain_models import plain

pytestmark = pytest.mark.once

OBJECTIVES: tuple[Objective, ...] = ("points", "equal_treatment", "most_needs_served")


def relaxed(model: Model) -> Priced | None:
    """The flow without conditions, if there is one."""
    layers = Layers(model)
    try:
        return Scalar(layers, layers.optimum(NO_TERMS, minimum_cost_flow)).relaxed
    except NoFlow:
        return None


def drawn(seed: int) -> Model:
    """The model of a seed, with conditions that bind now and then."""
    return drawn_model(seed, OBJECTIVES, conditions=True, size=Size(needs=8, offers=5, units=4))


def listed(outcome: Outcome) -> list[list[int]]:
    """The pairs and their units."""
    allocation = outcome.allocation
    pairs: list[list[int]] = np.stack([allocation.need, allocation.offer, allocation.units]).T.tolist()
    return pairs


def test_best_prices_bound_what_is_best_and_closer_than_those_of_the_flow() -> None:
    closer = 0
    for seed in range(draws(60)):
        model = drawn(seed)
        flow = relaxed(model)
        outcome = best(model, minimum_cost_flow, lambda: None)
        if flow is not None and outcome.objective and model.conditions.needs:
            priced = sharpened(flow, lambda: None)
            assert priced is not None
            cost = chosen(flow, model.needs, minimum_cost_flow, lambda: None).bound
            assert priced.bound({}) <= cost, seed
            closer += flow.bound({}) < priced.bound({})
    assert closer


def test_best_prices_lie_between_those_that_one_need_alone_would_set() -> None:
    """One unit is worth 6 to one need and 2 to the other, and both are served or none: a price of 4 bounds best."""
    model = plain([1, 1], [1], [[6], [2]])
    flow = relaxed(replace(model, conditions=Conditions((Bundle((0, 1), 2),))))
    assert flow is not None
    priced = sharpened(flow, lambda: None)
    assert priced is not None
    assert flow.bound({}) == flow.cost
    assert priced.bound({}) == flow.cost + 2


def test_choices_are_the_same_with_best_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [drawn(seed) for seed in range(draws(60))]
    before = [best(model, minimum_cost_flow, lambda: None) for model in models]
    monkeypatch.setattr(choosing, "FEW_ARCS", -1)
    for seed, (model, known) in enumerate(zip(models, before, strict=True)):
        outcome = best(model, minimum_cost_flow, lambda: None)
        assert outcome.objective == known.objective, seed
        assert listed(outcome) == listed(known), seed


def test_without_time_no_prices_are_found() -> None:
    flow = relaxed(replace(plain([1, 1], [1], [[6], [6]]), conditions=Conditions((Bundle((0, 1), 2),))))
    assert flow is not None
    assert sharpened(flow, lambda: 0.0) is None


def test_costs_that_floats_cannot_tell_apart_are_refused() -> None:
    flow = relaxed(replace(plain([1, 1], [1], [[2**51], [1]]), conditions=Conditions((Bundle((0, 1), 2),))))
    assert flow is not None
    with pytest.raises(TooLarge, match="HiGHS does not tell sums apart"):
        sharpened(flow, lambda: None)
