"""Needs under conditions: the best choice of all, the same from every solver, however the search gets there."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import get_args

import numpy as np
import pytest

from matching.conditions import choosing, leftover
from matching.conditions.choosing import LOT_BITS
from matching.conditions.search import best
from matching.conditions.whole import by_milp
from matching.model import Bundle, Conditions, Limits, Model, Objective, Outcome, States
from matching.optimum.flow import by_highs, by_lemon, by_networkx, by_ortools, minimum_cost_flow
from matching.optimum.network import FlowSolver
from matching.optimum.ties import scattered
from matching.optimum.worth import worth
from matching.time_limit import TimeLeft
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws
from tests.matching.plain_models import plain

OBJECTIVES: tuple[Objective, ...] = ("points", "equal_treatment", "most_needs_served")
CROWDED = Size(needs=8, offers=5, units=4)


def solved(model: Model, solver: FlowSolver = minimum_cost_flow) -> Outcome:
    """The outcome without a time limit."""
    return best(model, solver, lambda: None)


def by_highs_alone(model: Model) -> tuple[int, ...]:
    """The objective that HiGHS finds on the whole; empty where it finds nothing."""
    found = by_milp(model)
    return () if found.allocation is None else worth(model, found.allocation)


def exhaustive(model: Model) -> tuple[int, ...]:
    """The best objective of all allocations, shares as whole numbers as `worth` has them; empty if there is none."""
    every = brute.best(model)
    if every is None:
        return ()
    whole = lcm(*model.asked[model.asked > 0].tolist()) if model.objective == "leximin" else 1
    *shares, last = every.objective
    return *(int(Fraction(share) * whole) for share in shares), int(last)


def listed(outcome: Outcome) -> list[list[int]]:
    """The pairs and their units."""
    allocation = outcome.allocation
    pairs: list[list[int]] = np.stack([allocation.need, allocation.offer, allocation.units]).T.tolist()
    return pairs


def conditioned(seed: int, size: Size = CROWDED) -> Model | None:
    """The model of a seed, if it has conditions."""
    model = drawn_model(seed, OBJECTIVES, conditions=True, size=size)
    return model if model.conditions.needs else None


def out_of_time_after(looks: int) -> TimeLeft:
    """Time that is up once it has been looked at so often."""
    left = iter([1.0] * looks)
    return lambda: next(left, 0.0)


def of_states(model: Model, state: Sequence[int]) -> Model:
    """The model with each need asked by a State."""
    number = max(state) + 1
    states = States(np.full(number, -1), np.zeros(number, dtype=np.int64), Limits.none(number))
    return replace(model, needs=replace(model.needs, state=np.array(state)), states=states)


def test_it_agrees_with_exhaustive_search() -> None:
    for seed in range(draws(80)):
        model = drawn_model(seed, OBJECTIVES, conditions=True)
        assert solved(model).objective == exhaustive(model), seed


def test_it_agrees_with_highs_on_the_whole() -> None:
    for seed in range(draws(80)):
        if model := conditioned(seed):
            outcome = solved(model)
            assert outcome.objective == by_highs_alone(model), seed
            assert outcome.status == ("optimal" if outcome.objective else "infeasible")
            assert outcome.bound >= outcome.objective


@pytest.mark.parametrize("solver", [by_networkx, by_highs, by_ortools])
def test_every_solver_arrives_at_the_same_pairings(solver: FlowSolver) -> None:
    if solver is by_ortools:
        pytest.importorskip("ortools")
    for seed in range(draws(12)):
        if model := conditioned(seed):
            assert listed(solved(model, solver)) == listed(solved(model, by_lemon)), seed


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
    for seed in range(draws(60)):
        model = drawn_model(seed, ["leximin"], conditions=True)
        outcome = solved(model)
        assert outcome.objective == exhaustive(model), seed
        assert outcome.status == ("optimal" if outcome.objective else "infeasible")
        assert outcome.bound >= outcome.objective
        assert outcome.objective in (outcome.bound, outcome.solver_bound or ())


def test_a_state_counts_above_a_share_that_it_could_not_have_itself() -> None:
    """One unit is for a State that asks for 1, or for one that asks for 3: (0, 1) is fairer than (0, 1/3)."""
    model = of_states(plain([1, 3], [1], [[0], [1]], "leximin"), [0, 1])
    model = replace(model, conditions=Conditions((Bundle((0,), 1),), ((0, 1),)))
    assert solved(model).objective == (0, 3, 0)


def test_leximin_with_conditions_arrives_at_the_same_pairings_whichever_solver_it_uses() -> None:
    for seed in range(draws(20)):
        model = drawn_model(seed, ["leximin"], conditions=True, size=CROWDED)
        assert listed(solved(model, by_networkx)) == listed(solved(model, by_lemon)), seed


def bundled_by_lot(model: Model) -> frozenset[int] | None:
    """Needs of bundles served in the best choice of most lots, as drawn first; None if several are."""
    lots = (scattered(model.needs.lot, 0) >> np.uint64(64 - LOT_BITS)).tolist()
    found: dict[frozenset[int], tuple[brute.Value, int]] = {}
    for units in brute.allocations(model):
        served = brute.served_units(model, units)
        value = brute.value(model, units), sum((lots[need] + 1) * served[need] for need in model.conditions.needs)
        choice = frozenset(need for need in model.conditions.needs if served[need])
        found[choice] = max(found.get(choice, value), value)
    best_ones = [choice for choice, value in found.items() if value == max(found.values())]
    return best_ones[0] & bundled(model) if len(best_ones) == 1 else None


def bundled(model: Model) -> frozenset[int]:
    """Needs of bundles."""
    return frozenset(need for bundle in model.conditions.bundles for need in bundle.needs)


@pytest.mark.parametrize("objective", ["points", "leximin"])
def test_lots_decide_between_choices_that_are_worth_the_same(objective: Objective) -> None:
    decided = 0
    for seed in range(draws(50)):
        model = drawn_model(seed, [objective], conditions=True)
        outcome = solved(model)
        if outcome.solver_bound is not None and (by_lot := bundled_by_lot(model)) is not None:
            assert by_lot == bundled(model) & set(outcome.allocation.need.tolist()), seed
            decided += 1
    assert decided


def test_leximin_out_of_time_is_feasible_and_its_bounds_hold() -> None:
    stopped = 0
    for seed in range(draws(40)):
        model = drawn_model(seed, ["leximin"], conditions=True)
        for flows in range(3):
            outcome = best(model, minimum_cost_flow, out_of_time_after(flows))
            if outcome.status == "time_limit":
                stopped += 1
                assert outcome.solver_bound is not None
                assert outcome.objective <= exhaustive(model) <= min(outcome.bound, outcome.solver_bound), seed
    assert stopped


def test_a_bundle_of_fewer_needs_than_its_least_is_never_served() -> None:
    for objective in get_args(Objective):
        model = of_states(plain([1, 1], [2], [[3], [1]], objective), [0, 0])
        for bundles, served in [((Bundle((0,), 2),), [1]), ((Bundle((0, 1), 3),), [])]:
            outcome = solved(replace(model, conditions=Conditions(bundles)))
            assert outcome.status == "optimal"
            assert outcome.allocation.need.tolist() == served


def test_bundles_that_cannot_be_served_leave_the_best_of_the_rest() -> None:
    for seed in range(draws(40)):
        model = drawn_model(seed, conditions=True)
        conditions = model.conditions
        bundles = tuple(Bundle(bundle.needs, len(bundle.needs) + 1) for bundle in conditions.bundles[:1])
        model = replace(model, conditions=replace(conditions, bundles=bundles + conditions.bundles[1:]))
        assert solved(model).objective == exhaustive(model), seed


def test_substitutes_of_too_many_ways_to_be_kept_apart_are_kept_apart() -> None:
    row = 16
    points = [[(7 * need) % 5 + 1, (3 * need) % 7] for need in range(row)]
    model = plain([1] * row, [5, 5], points, "points")
    in_a_row = Conditions((), tuple((need, need + 1) for need in range(row - 1)))
    model = replace(model, conditions=in_a_row)
    assert solved(model).objective == by_highs_alone(model)


def test_a_shut_arc_that_ends_in_another_piece_disturbs_neither() -> None:
    model = conditioned(717)  # a need certain to be served, whose State's other needs are settled
    assert model is not None
    assert solved(model, by_networkx).objective == by_highs_alone(model)
