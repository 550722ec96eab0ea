"""Of all allocations, those of the greatest sum of ranks have the fairest vector of shares, and no others do."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from matching import leximin
from matching.errors import TooLarge
from matching.model import NOBODY, UNLIMITED, Allocation, Conditions, Limits, Model
from matching.optimise import optimise
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws

SIZE = Size(needs=5, states=4)


def given(model: Model, units: brute.Units) -> tuple[int, ...]:
    """Units that each State receives."""
    total = [0] * model.n_states
    for (need, _), number in units.items():
        if model.needs.state[need] != NOBODY:
            total[model.needs.state[need]] += number
    return tuple(total)


def units_of(allocation: Allocation) -> brute.Units:
    pairs = zip(allocation.need.tolist(), allocation.offer.tolist(), strict=True)
    return dict(zip(pairs, allocation.units.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(draws(150)))
def test_the_greatest_sum_of_ranks_is_the_fairest_vector_whatever_the_quotas(seed: int) -> None:
    model = drawn_model(seed, ["leximin"], size=SIZE)
    start, rank = leximin.ranks(model.asked)
    found = [(given(model, units), brute.value(model, units)[:-1]) for units in brute.allocations(model)]
    if found:
        sums = [sum(int(rank[start[t] : start[t] + n].sum()) for t, n in enumerate(total)) for total, _ in found]
        fairest = max(vector for _, vector in found)
        heaviest = max(sums)
        by_rank = {total for (total, _), weight in zip(found, sums, strict=True) if weight == heaviest}
        assert by_rank == {total for total, vector in found if vector == fairest}


@pytest.mark.parametrize("seed", range(draws(150)))
def test_the_optimum_has_the_fairest_vector_and_of_those_the_most_points(seed: int) -> None:
    model = drawn_model(seed, ["leximin"], size=SIZE)
    best, outcome = brute.best(model), optimise(model)
    if best is None:
        assert outcome.status == "infeasible"
    else:
        whole = math.lcm(*(units for units in model.asked.tolist() if units))
        assert outcome.objective == (*(share * whole for share in best.objective[:-1]), best.objective[-1])
        assert brute.feasible(model, units_of(outcome.allocation))


def test_a_state_that_cannot_receive_its_least_makes_the_model_infeasible() -> None:
    model = replace(drawn_model(0, ["leximin"], quotas=False), conditions=Conditions())
    promised = Limits(model.asked + 1, np.full(model.n_states, UNLIMITED))
    assert optimise(replace(model, states=replace(model.states, limits=promised))).status == "infeasible"


def test_a_step_from_a_lower_share_comes_first_and_of_those_the_longer_one() -> None:
    start, rank = leximin.ranks(np.array([2, 0, 4, 1]))
    assert start.tolist() == [0, 2, 2, 6, 7]
    # From 0: to 1 (fourth State), to 1/2 (first), to 1/4 (third); then from 1/4, from 1/2 (to 1, to 3/4), from 3/4.
    assert rank.tolist() == [6, 3, 5, 4, 2, 1, 7]


def test_steps_of_the_same_key_have_the_same_rank_and_no_others() -> None:
    _, rank = leximin.ranks(np.array([3, 3]))
    assert rank.tolist() == [3, 2, 1, 3, 2, 1]
    _, rank = leximin.ranks(np.array([3, 6]))
    assert rank.tolist() == [9, 6, 3, 8, 7, 5, 4, 2, 1]


@pytest.mark.parametrize("asked", [[997, 1009, 1013], [2**21, 2**21 - 1]])
def test_shares_that_hardly_differ_are_told_apart_and_equal_ones_are_not(asked: list[int]) -> None:
    start, rank = leximin.ranks(np.array(asked))
    probes = [(t, n) for t, units in enumerate(asked) for n in (0, 1, units // 2, units - 2, units - 1)]
    ranked = sorted(probes, key=lambda step: -int(rank[start[step[0]] + step[1]]))
    keys = [(Fraction(n, asked[t]), -Fraction(n + 1, asked[t])) for t, n in ranked]
    assert keys == sorted(keys)
    assert len({int(rank[start[t] + n]) for t, n in probes}) == len(set(keys))


def test_nothing_asked_has_no_ranks_and_too_much_is_refused() -> None:
    assert [part.tolist() for part in leximin.ranks(np.zeros(0, dtype=np.int64))] == [[0], []]
    assert [part.tolist() for part in leximin.ranks(np.array([0, 0]))] == [[0, 0, 0], []]
    with pytest.raises(TooLarge, match=r"4194305 units; leximin takes 4194304 at most"):
        leximin.ranks(np.array([2**22, 1]))
