"""Losses of pairs that are not proposed, and alternates of those that are, equal what new solves say."""

import random

import pytest

from matching.insight.alternates import alternates
from matching.insight.editing import edited
from matching.insight.edits import Imposed, NoPair
from matching.insight.regrets import Regrets
from matching.insight.warm import Warm
from matching.model import UNLIMITED, Model, Outcome
from matching.optimise import optimise
from tests.matching.insight.test_warm import SINGLE_FLOWS, solved
from tests.matching.model_draws import Size, drawn_model, draws
from tests.matching.plain_models import plain

pytestmark = pytest.mark.once

SMALL = Size(needs=8, offers=6, units=3, states=3)
SINGLES = Size(needs=8, offers=6, units=1, states=3)


def proposed(outcome: Outcome) -> dict[tuple[int, int], int]:
    allocation = outcome.allocation
    columns = (allocation.need.tolist(), allocation.offer.tolist(), allocation.units.tolist())
    return {(need, offer): units for need, offer, units in zip(*columns, strict=True)}


def eligible(model: Model) -> list[tuple[int, int]]:
    return [
        (need, offer)
        for need, profile in enumerate(model.needs.profile.tolist())
        for offer in model.profiles.offer[model.profiles.start[profile] : model.profiles.start[profile + 1]].tolist()
    ]


def loss(before: Outcome, after: Outcome) -> tuple[int, ...]:
    return tuple(was - now for was, now in zip(before.objective, after.objective, strict=True))


def test_every_regret_is_what_a_solve_with_the_pair_imposed_loses() -> None:
    asked = 0
    for seed in range(draws(25)):
        model = drawn_model(seed, objectives=SINGLE_FLOWS, quotas=seed % 2 == 0, size=SMALL)
        outcome = solved(model)
        if outcome is None:
            continue
        regrets, pairs = Regrets(Warm(model, outcome)), proposed(outcome)
        left = [pair for pair in eligible(model) if pair not in pairs]
        for need, offer in random.Random(seed).sample(left, min(4, len(left))):
            regret = regrets.of(need, offer)
            imposed = solved(edited(model, [Imposed(need, offer)]))
            assert (regret is None) == (imposed is None)
            if regret is not None and imposed is not None:
                assert regret.loss == loss(outcome, imposed)
            asked += 1
    assert asked > draws(25)


def test_a_disturbing_alternate_loses_what_refusing_the_pair_and_imposing_the_other_loses() -> None:
    asked = 0
    for seed in range(draws(30)):
        model = drawn_model(
            seed, objectives=SINGLE_FLOWS, quotas=False, size=Size(needs=8, offers=6, units=1, states=3)
        )
        outcome = solved(model)
        assert outcome is not None
        regrets = Regrets(Warm(model, outcome))
        for (need, offer), _ in list(proposed(outcome).items())[:3]:
            for alternate in alternates(regrets, need, offer)[:3]:
                anew = solved(edited(model, [NoPair(need, offer), Imposed(need, alternate.offer)]))
                assert anew is not None
                if alternate.free:
                    assert alternate.regret.loss >= loss(outcome, anew)
                else:
                    assert alternate.regret.loss == loss(outcome, anew)
                asked += 1
    assert asked > draws(30)


def test_a_free_alternate_costs_the_difference_in_points_and_nobody_anything() -> None:
    model = plain(units=[1, 1], offers=[1, 1, 1], points=[[9, 7, 4], [None, 8, None]])
    regrets = Regrets(Warm(model, optimise(model)))
    found = alternates(regrets, 0, 0)
    assert [(each.offer, each.free, each.regret.loss, each.regret.losers) for each in found] == [
        (2, True, (5,), {}),
        (1, False, (10,), {1: 1}),
    ]


def test_runner_ups_and_rivals_come_least_loss_first() -> None:
    model = plain(units=[1, 1, 1], offers=[1, 1], points=[[9, 7], [5, None], [8, None]])
    regrets = Regrets(Warm(model, optimise(model)))
    assert [(offer, each.loss) for offer, each in regrets.runner_ups(2)] == []
    assert [(offer, each.loss) for offer, each in regrets.runner_ups(0)] == [(0, (6,))]
    assert [(need, each.loss, each.losers) for need, each in regrets.rivals(0)] == [(1, (3,), {2: 1})]


def test_prices_that_are_degenerate_make_no_regret_smaller() -> None:
    model = plain(units=[1, 1], offers=[1, 1], points=[[5, 5], [5, 5]])
    regrets = Regrets(Warm(model, optimise(model)))
    assert {each.loss for need in (0, 1) for _, each in regrets.runner_ups(need)} == {(0,)}


def test_a_pair_that_may_never_be_used_has_no_regret() -> None:
    model = plain(units=[1], offers=[0], points=[[5]])
    assert int(model.profiles.most[0]) == UNLIMITED
    assert Regrets(Warm(model, optimise(model))).of(0, 0) is None


def test_losers_are_the_needs_displaced() -> None:
    for seed in range(draws(10)):
        model = drawn_model(seed, objectives=("points",), quotas=False, size=SMALL)
        outcome = optimise(model)
        warm = Warm(model, outcome)
        for need in range(model.n_needs):
            for offer, regret in Regrets(warm).runner_ups(need)[:2]:
                effect = warm.effect(Imposed(need, offer))
                assert effect is not None
                assert effect.gain == tuple(-each for each in regret.loss)
                assert sum(regret.losers.values()) == pytest.approx(sum(effect.displaced.values()))
