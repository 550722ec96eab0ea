"""Needs under conditions: the best choice of all, the same from every solver, however the search gets there."""

from dataclasses import replace

import numpy as np
import pytest

from matching import choosing, leftover
from matching.conditions import best
from matching.flow import FlowSolver, by_highs, by_lemon, by_networkx, minimum_cost_flow
from matching.model import Model, Objective, Outcome
from matching.whole import by_milp
from matching.worth import worth
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws

OBJECTIVES: tuple[Objective, ...] = ("points", "equal_treatment", "most_needs_served")
CROWDED = Size(needs=8, offers=5, units=4)


def solved(model: Model, solver: FlowSolver = minimum_cost_flow) -> Outcome:
    """The outcome without a time limit."""
    return best(model, solver, lambda: None)


def by_highs_alone(model: Model) -> tuple[int, ...]:
    """The objective that HiGHS finds on the whole; empty where it finds nothing."""
    found = by_milp(model)
    return () if found.allocation is None else worth(model, found.allocation)


def listed(outcome: Outcome) -> list[list[int]]:
    """The pairs and their units."""
    allocation = outcome.allocation
    pairs: list[list[int]] = np.stack([allocation.need, allocation.offer, allocation.units]).T.tolist()
    return pairs


def conditioned(seed: int, size: Size = CROWDED) -> Model | None:
    """The model of a seed, if it has conditions."""
    model = drawn_model(seed, OBJECTIVES, conditions=True, size=size)
    return model if model.conditions.needs else None


def test_it_agrees_with_exhaustive_search() -> None:
    for seed in range(draws(80)):
        model = drawn_model(seed, OBJECTIVES, conditions=True)
        every = brute.best(model)
        assert solved(model).objective == (() if every is None else every.objective), seed


def test_it_agrees_with_highs_on_the_whole() -> None:
    for seed in range(draws(80)):
        if model := conditioned(seed):
            outcome = solved(model)
            assert outcome.objective == by_highs_alone(model), seed
            assert outcome.status == ("optimal" if outcome.objective else "infeasible")
            assert outcome.bound >= outcome.objective


def test_every_solver_arrives_at_the_same_pairings() -> None:
    for seed in range(draws(25)):
        if model := conditioned(seed):
            assert listed(solved(model, by_networkx)) == listed(solved(model, by_lemon)), seed
            assert listed(solved(model, by_highs)) == listed(solved(model, by_lemon)), seed


@pytest.mark.parametrize("rounds", [0, 4])
def test_highs_chooses_as_the_search_does(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    models = [model for seed in range(draws(60)) if (model := conditioned(seed))]
    searched = [listed(solved(model)) for model in models]
    monkeypatch.setattr(choosing, "MOST_ROUNDS", rounds)
    monkeypatch.setattr(choosing, "MOST_NODES", 0)
    assert [listed(solved(model)) for model in models] == searched


def test_where_floats_fail_flows_choose_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    models = [model for seed in range(draws(60)) if (model := conditioned(seed))]
    searched = [listed(solved(model)) for model in models]
    monkeypatch.setattr(leftover, "LARGEST_EXACT", -1)
    monkeypatch.setattr(choosing, "MOST_NODES", 0)
    assert [listed(solved(model)) for model in models] == searched


def test_points_beyond_64_bits_change_nothing_but_their_size() -> None:
    for seed in range(draws(40)):
        model = drawn_model(seed, ["points"], conditions=True)
        needs, profiles = model.needs, model.profiles
        large = replace(
            model,
            needs=replace(needs, urgency=needs.urgency * 2**50),
            profiles=replace(profiles, affinity=profiles.affinity * 2**50),
        )
        outcome, small = solved(large), solved(model)
        assert outcome.objective == tuple(value * 2**50 for value in small.objective), seed
        assert listed(outcome) == listed(small), seed


def test_out_of_time_what_is_known_is_feasible_and_the_bounds_hold() -> None:
    stopped = 0
    for seed in range(draws(80)):
        if model := conditioned(seed, Size()):
            outcome, whole = best(model, minimum_cost_flow, lambda: 0.0), solved(model)
            if outcome.status != "time_limit":
                assert outcome.objective == whole.objective, seed
                continue
            stopped += 1
            assert outcome.bound >= whole.objective, seed
            assert outcome.solver_bound is not None and outcome.solver_bound >= whole.objective, seed
            allocation = outcome.allocation
            pairs = zip(allocation.need.tolist(), allocation.offer.tolist(), allocation.units.tolist(), strict=True)
            units = {(need, offer): number for need, offer, number in pairs}
            if outcome.objective:
                assert brute.feasible(model, units), seed
                assert brute.value(model, units) == outcome.objective <= whole.objective, seed
    assert stopped


def test_leximin_with_conditions_is_the_fairest_of_all_allocations() -> None:
    for seed in range(draws(40)):
        model = drawn_model(seed, ["leximin"], conditions=True)
        outcome, every = solved(model), brute.best(model)
        assert outcome.status == ("infeasible" if every is None else "optimal")
        if every is not None:
            *shares, points = every.objective
            assert outcome.objective[-1] == points, seed
            assert len(outcome.objective) == len(shares) + 1, seed


def test_a_shut_arc_that_ends_in_another_piece_disturbs_neither() -> None:
    model = conditioned(717)  # a need certain to be served, whose State's other needs are settled
    assert model is not None
    assert solved(model, by_networkx).objective == by_highs_alone(model)
