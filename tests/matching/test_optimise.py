"""The optimum of drawn models: that of exhaustive search, proved by its prices, the same from every solver."""

from dataclasses import replace

import numpy as np
import pytest

from matching.model import Allocation, Model, Objective
from matching.optimise import flow_outcome, optimise
from matching.optimum.flow import by_highs, by_lemon, by_networkx
from matching.optimum.layers import NO_TERMS, Layers, Terms
from matching.optimum.network import Flow, Network, NoFlow
from tests.matching import brute
from tests.matching.lagrangian import bound
from tests.matching.model_draws import Size, drawn_model, draws

FLOWS: list[Objective] = ["points", "equal_treatment", "most_needs_served"]
LARGER = Size(needs=12, offers=6, units=4)


@pytest.mark.parametrize("objective", FLOWS)
def test_the_objective_is_that_of_exhaustive_search(objective: Objective) -> None:
    for seed in range(draws(80)):
        model = drawn_model(seed, [objective])
        best, found = brute.best(model), optimise(model)
        assert (best is None) == (found.status == "infeasible")
        if best is not None:
            assert found.objective == found.bound == tuple(best.objective)
            assert brute.feasible(model, as_dict(found.allocation))


def as_dict(allocation: Allocation) -> dict[tuple[int, int], int]:
    """Units by need and offer."""
    pairs = zip(allocation.need.tolist(), allocation.offer.tolist(), strict=True)
    return dict(zip(pairs, allocation.units.tolist(), strict=True))


@pytest.mark.parametrize("objective", FLOWS)
def test_prices_prove_the_objective_from_the_model_alone(objective: Objective) -> None:
    proved = 0
    for seed in range(draws(120)):
        model = drawn_model(seed, [objective], quotas=seed % 3 > 0, size=LARGER)
        for solver in (by_lemon, by_networkx):
            outcome = optimise(model, solver=solver)
            if outcome.status == "infeasible":
                continue
            proved += 1
            for prices in outcome.proof:
                assert bound(model, prices) == weighed(prices.units_weight, prices.points_weight, outcome.objective)
    assert proved > 100


def weighed(units_weight: int, points_weight: int, objective: tuple[int, ...]) -> int:
    """Units and points of an objective, weighed."""
    units, points = objective if len(objective) == 2 else (0, objective[0])
    return units_weight * units + points_weight * points


def tie_heavy(model: Model, seed: int) -> Model:
    """The same model with points of 0 and 1 only."""
    draw = np.random.default_rng(seed)
    needs = replace(model.needs, urgency=draw.integers(0, 2, model.n_needs))
    return replace(model, needs=needs, profiles=replace(model.profiles, affinity=model.profiles.affinity * 0))


@pytest.mark.parametrize("objective", [*FLOWS, "leximin"])
def test_all_solvers_give_the_same_allocation_where_nearly_all_is_tied(objective: Objective) -> None:
    for seed in range(draws(40)):
        model = tie_heavy(drawn_model(seed, [objective], quotas=seed % 2 == 0, size=LARGER), seed)
        one, *others = (optimise(model, solver=solver) for solver in (by_lemon, by_networkx, by_highs))
        for other in others:
            assert as_dict(other.allocation) == as_dict(one.allocation)


@pytest.mark.parametrize("objective", FLOWS)
def test_levels_solved_at_once_end_where_one_level_after_the_other_does(objective: Objective) -> None:
    def without_potentials(network: Network) -> Flow:
        return Flow(by_lemon(network).units)

    for seed in range(draws(12)):
        model = drawn_model(seed, [objective], quotas=seed % 2 == 0, size=Size(needs=150, offers=40, units=4, states=9))
        layers = Layers(tie_heavy(model, seed) if seed % 3 else model)
        try:
            at_once = layers.canonical(NO_TERMS, by_lemon)
        except NoFlow:
            continue
        assert np.array_equal(at_once.units, layers.canonical(NO_TERMS, without_potentials).units)


def test_points_of_2_to_the_53_are_exact() -> None:
    for seed in range(draws(30)):
        model = drawn_model(seed, FLOWS)
        profiles = replace(model.profiles, affinity=model.profiles.affinity + 2**53)
        huge = replace(model, profiles=profiles)
        best, found = brute.best(huge), optimise(huge)
        assert (found.objective or None) == (tuple(best.objective) if best else None)
        assert all(
            bound(huge, prices) == weighed(prices.units_weight, prices.points_weight, found.objective)
            for prices in found.proof
        )


def test_terms_serve_needs_in_full_or_not_at_all() -> None:
    kept = 0
    for seed in range(draws(120)):
        model = drawn_model(seed, FLOWS, size=LARGER)
        alone = np.flatnonzero(model.alone[model.needs.profile]).tolist()
        if len(alone) < 2:
            continue
        full, out = alone[0], alone[-1]
        try:
            found = flow_outcome(Layers(model), Terms(frozenset({full}), frozenset({out})), by_lemon)
        except NoFlow:
            continue
        kept += 1
        served = np.bincount(found.allocation.need, found.allocation.units, model.n_needs)
        assert served[full] == model.needs.units[full] and served[out] == 0
    assert kept > 10


def test_what_a_flow_is_worth_is_what_its_allocation_is_worth() -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, FLOWS, size=LARGER)
        layers = Layers(model)
        try:
            optimum = layers.optimum(NO_TERMS, by_lemon)
        except NoFlow:
            continue
        outcome = flow_outcome(layers, NO_TERMS, by_lemon)
        assert layers.worth(optimum.units) == outcome.objective


def test_of_equal_needs_those_by_the_best_places_are_served() -> None:
    for seed in range(draws(60)):
        model = drawn_model(seed, ["points"], quotas=False, size=LARGER)
        served = np.zeros(model.n_needs, dtype=np.int64)
        allocation = optimise(model).allocation
        np.add.at(served, allocation.need, allocation.units)
        for first in range(model.n_needs):
            for second in range(model.n_needs):
                equal = all(
                    facts[first] == facts[second]
                    for facts in (model.needs.profile, model.needs.state, model.needs.urgency)
                )
                if equal and model.needs.place[first] < model.needs.place[second]:
                    assert served[second] == 0 or served[first] == model.needs.units[first]
