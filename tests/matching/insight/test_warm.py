"""A warm model answers as a new solve of the edited model would, and remembers nothing."""

import random
from dataclasses import replace

import numpy as np
import pytest

from matching.errors import SolverFailed
from matching.insight.editing import edited
from matching.insight.edits import Edit, NeedUnits, NewNeed, NewOffer, NotWarm, OfferUnits
from matching.insight.warm import Effect, Warm
from matching.model import NOBODY, Allocation, Bundle, Conditions, Model, Objective, Outcome
from matching.optimise import flow_outcome, optimise
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.layers import NO_TERMS, Layers
from matching.optimum.network import NoFlow
from tests.matching.edit_draws import drawn_edit, drawn_edits, drawn_replacement
from tests.matching.model_draws import TINY, Size, drawn_model, draws
from tests.matching.plain_models import plain

pytestmark = pytest.mark.once

SINGLE_FLOWS: tuple[Objective, ...] = ("points", "equal_treatment", "most_needs_served")
SMALL = Size(needs=25, offers=12, units=5, states=6, groups=3, providers=3)


def solved(model: Model) -> Outcome | None:
    """The canonical optimum, or None where there is none."""
    if (model.profiles.least > model.profiles.most).any():
        return None
    try:
        return flow_outcome(Layers(model), NO_TERMS, minimum_cost_flow)
    except NoFlow:
        return None


def served(model: Model, outcome: Outcome) -> list[int]:
    units = np.zeros(model.n_needs, dtype=np.int64)
    np.add.at(units, outcome.allocation.need, outcome.allocation.units)
    return list(units.tolist())


def assert_as_solved_anew(model: Model, outcome: Outcome, edits: list[Edit], effect: Effect | None) -> None:
    changed = edited(model, edits)
    anew = solved(changed)
    if effect is None:
        # Of edits in order each has to be possible, which a new solve of all of them does not ask.
        assert anew is None or len(edits) > 1
        return
    assert anew is not None
    before = served(model, outcome) + [0] * (changed.n_needs - model.n_needs)
    after = served(changed, anew)
    assert effect.objective == anew.objective
    assert effect.served == {
        n: (was, is_) for n, (was, is_) in enumerate(zip(before, after, strict=True)) if was != is_
    }
    moved = dict.fromkeys(effect.served, 0)
    for (need, _), (was, is_) in effect.pairs.items():
        moved[need] = moved.get(need, 0) + is_ - was
    assert {need: units for need, units in moved.items() if units} == {
        need: is_ - was for need, (was, is_) in effect.served.items()
    }


@pytest.mark.parametrize("size", [TINY, SMALL], ids=["tiny", "small"])
def test_every_edit_gives_the_value_and_the_needs_served_of_a_new_solve(size: Size) -> None:
    answered = 0
    for seed in range(draws(45)):
        model = drawn_model(seed, objectives=SINGLE_FLOWS, quotas=seed % 2 == 0, size=size)
        outcome = solved(model)
        if outcome is None:
            continue
        warm, draw = Warm(model, outcome), random.Random(seed)
        for _ in range(3):
            edits = drawn_edits(draw, model, draw.choice([1, 1, 2]))
            assert_as_solved_anew(model, outcome, edits, warm.effect(*edits))
            answered += 1
    assert answered > draws(45)


def test_a_question_leaves_no_trace() -> None:
    model = drawn_model(8, objectives=("equal_treatment",), quotas=False, size=SMALL)
    outcome = solved(model)
    assert outcome is not None
    warm, draw = Warm(model, outcome), random.Random(8)
    first = warm.effect(OfferUnits(0, 5))
    for _ in range(20):
        warm.effect(*drawn_edits(draw, model, 2))
    assert warm.effect(OfferUnits(0, 5)) == first
    unchanged = warm.effect()
    assert unchanged is not None
    assert (unchanged.objective, unchanged.served, unchanged.pairs) == (outcome.objective, {}, {})


def test_who_is_displaced_is_told() -> None:
    model = plain(units=[1], offers=[1], points=[[3]])
    effect = Warm(model, optimise(model)).effect(NewNeed(1, NOBODY, (0,), (5,)))
    assert effect is not None
    assert effect.gain == (2,)
    assert effect.displaced == {0: 1}
    assert effect.pairs == {(0, 0): (1, 0), (1, 0): (0, 1)}


def test_points_beyond_two_to_the_53_stay_exact() -> None:
    model = plain(units=[2, 1], offers=[2], points=[[2**53], [2**53 - 1]])
    effect = Warm(model, optimise(model)).effect(OfferUnits(0, 3))
    assert effect is not None
    assert effect.objective == (3 * 2**53 - 1,)


def test_many_units_move_at_once() -> None:
    model = plain(units=[10**9], offers=[10], points=[[1]])
    effect = Warm(model, optimise(model)).effect(OfferUnits(0, 10**9))
    assert effect is not None
    assert effect.served == {0: (10, 10**9)}


def test_needs_of_bundles_stay_as_they_are_served() -> None:
    model = plain(units=[1, 1, 1], offers=[2], points=[[5], [5], [4]])
    bound = replace(model, conditions=Conditions(bundles=(Bundle((0, 1), 2),)))
    outcome = Outcome(
        "optimal", Allocation(*(np.array(part) for part in ([0, 1], [0, 0], [1, 1], [5, 5]))), (10,), (10,)
    )
    warm = Warm(bound, outcome)
    assert warm.conditions_kept
    assert warm.effect(OfferUnits(0, 1)) is None
    more = warm.effect(NewNeed(1, NOBODY, (0,), (9,)))
    assert more is not None
    assert more.served == {}


def test_leximin_is_solved_again_where_a_state_asks_otherwise() -> None:
    model = drawn_model(3, objectives=("leximin",), quotas=False)
    asking = next(need for need, state in enumerate(model.needs.state.tolist()) if state != NOBODY)
    with pytest.raises(NotWarm):
        Warm(model, optimise(model)).effect(NeedUnits(asking, 9))


def test_leximin_answers_what_leaves_the_shares_asked_alone() -> None:
    answered = 0
    for seed in range(draws(40)):
        model = drawn_model(seed, objectives=("leximin",), quotas=seed % 2 == 0)
        outcome = solved(model)
        if outcome is None:
            continue
        draw = random.Random(seed)
        edits = [drawn_edit(draw, model, asks=False)] if seed % 3 else drawn_replacement(draw, model)
        assert_as_solved_anew(model, outcome, edits, Warm(model, outcome).effect(*edits))
        answered += 1
    assert answered > draws(40) // 3


def test_a_new_need_comes_in_its_place_among_equals() -> None:
    model = plain(units=[1, 1], offers=[1], points=[[3], [3]])
    warm = Warm(model, optimise(model))
    for before, served in ((0, {0: (1, 0), 2: (0, 1)}), (1, {}), (None, {})):
        effect = warm.effect(NewNeed(1, NOBODY, (0,), (3,), before))
        assert effect is not None
        assert effect.served == served
    with pytest.raises(NotWarm):
        warm.effect(NewNeed(1, NOBODY, (0,), (3,), 0), NewNeed(1, NOBODY, (0,), (3,), 0))


def test_a_new_offer_parts_needs_that_share_a_profile() -> None:
    answered = 0
    for seed in range(draws(45)):
        model = drawn_model(seed, objectives=SINGLE_FLOWS, quotas=False, size=SMALL)
        outcome, draw = solved(model), random.Random(seed)
        assert outcome is not None
        some = tuple(sorted(draw.sample(range(model.n_needs), draw.randint(0, model.n_needs))))
        points = tuple(int(model.needs.urgency[need]) + draw.choice([0, 1, 4]) for need in some)
        edits: list[Edit] = [NewOffer(draw.randint(1, 9), some, points)]
        effect = Warm(model, outcome).effect(*edits)
        assert_as_solved_anew(model, outcome, edits, effect)
        answered += effect is not None and bool(effect.served)
    assert answered > draws(45) // 4


def test_what_is_no_optimum_is_refused() -> None:
    model = plain(units=[1], offers=[1], points=[[3]])
    with pytest.raises(SolverFailed):
        Warm(model, Outcome("optimal", Allocation.none(), (0,), (0,)))
