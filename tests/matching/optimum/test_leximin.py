"""Of all allocations, those of the heaviest steps have the fairest vector of shares, and no others do."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from matching.arrays import Ints
from matching.certificate import check_answer
from matching.certificate.steps import Steps
from matching.model import NOBODY, UNLIMITED, Allocation, Conditions, Limits, Model
from matching.optimise import optimise
from matching.optimum import leximin, thresholds
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws
from tests.matching.pair_answers import answer_to

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
def test_the_heaviest_steps_are_the_fairest_vector_whatever_the_quotas(seed: int) -> None:
    model = drawn_model(seed, ["leximin"], size=SIZE)
    steps = Steps(model.asked.tolist())
    found = [(given(model, units), brute.value(model, units)[:-1]) for units in brute.allocations(model)]
    if found:
        sums = [sum(steps.together(t, n) for t, n in enumerate(total)) for total, _ in found]
        fairest = max(vector for _, vector in found)
        heaviest = max(sums)
        by_weight = {total for (total, _), sum_of in zip(found, sums, strict=True) if sum_of == heaviest}
        assert by_weight == {total for total, vector in found if vector == fairest}


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


def test_a_step_from_a_lower_share_weighs_more_and_of_those_the_longer_one() -> None:
    asked = np.array([2, 0, 4, 1])
    order = sorted(steps_of(asked), key=lambda step: -weight(asked, *step))
    # From 0: to 1 (fourth State), to 1/2 (first), to 1/4 (third); then from 1/4, from 1/2 (to 1, to 3/4), from 3/4.
    assert order == [(3, 1), (0, 1), (2, 1), (2, 2), (0, 2), (2, 3), (2, 4)]


@pytest.mark.parametrize("asked", [[1], [3, 6], [7, 7, 5, 12], [997, 1009, 1013]])
def test_steps_of_the_same_shares_weigh_the_same_and_no_others(asked: list[int]) -> None:
    weights: dict[tuple[Fraction, Fraction], set[int]] = {}
    for state, step in steps_of(np.array(asked)):
        key = Fraction(step - 1, asked[state]), -Fraction(step, asked[state])
        weights.setdefault(key, set()).add(weight(np.array(asked), state, step))
    assert all(len(of_key) == 1 for of_key in weights.values())
    in_order = [of_key.pop() for _, of_key in sorted(weights.items())]
    assert in_order == sorted(set(in_order), reverse=True)
    assert in_order[-1] >= 1


@pytest.mark.parametrize("asked", [[2**21, 2**21 - 1], [10**12, 10**12 - 1, 10**12 + 1]])
def test_shares_that_hardly_differ_are_told_apart(asked: list[int]) -> None:
    probes = [(t, n) for t, units in enumerate(asked) for n in (1, 2, units // 2, units - 1, units)]
    order = sorted(probes, key=lambda step: -weight(np.array(asked), *step))
    keys = [(Fraction(n - 1, asked[t]), -Fraction(n, asked[t])) for t, n in order]
    assert keys == sorted(keys)


def test_the_certificate_counts_the_same_weights() -> None:
    asked = [5, 0, 12, 7, 10**9]
    steps = Steps(asked)
    for state, step in [*steps_of(np.array(asked[:4])), (4, 1), (4, 10**9)]:
        assert steps.weight(state, step) == weight(np.array(asked), state, step)
        if step < 20:
            assert steps.together(state, step) == sum(steps.weight(state, n + 1) for n in range(step))


@pytest.mark.parametrize("scale", [1, 10**3, 10**8 - 1])
def test_so_many_units_are_shared_out_exactly_and_provably(scale: int) -> None:
    asked = {"FJI": 7 * scale, "TON": 5 * scale + 1, "WSM": 9 * scale - 1, "VUT": 2 * scale}
    problem = {
        "objective": "leximin",
        "needs": [{"id": f"{state}-1", "state": state, "units": units} for state, units in asked.items()],
        "offers": [{"id": "X", "units": 10 * scale}, {"id": "Y", "units": scale // 2}],
        "pairs": [{"need": f"{state}-1", "offer": "X", "points": 3 + len(state)} for state in asked if state != "VUT"]
        + [{"need": "VUT-1", "offer": "Y", "points": 1}, {"need": "TON-1", "offer": "Y", "points": 9}],
    }
    answer = answer_to(problem)
    verdict = check_answer(problem, answer)
    assert (verdict.proved, verdict.defects) == ("optimal", [])
    given = {pair["need"][:3]: 0 for pair in answer["pairs"]}
    for pair in answer["pairs"]:
        given[pair["need"][:3]] += pair["units"]
    assert given.pop("VUT", 0) == scale // 2
    # The others share what X has: no two differ by more than the step from one of their shares to the next.
    shares = [Fraction(units, asked[state]) for state, units in given.items()]
    assert sum(given.values()) == 10 * scale
    assert max(shares) - min(shares) <= Fraction(1, 5 * scale)


def test_shares_are_those_of_single_steps_however_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    size = Size(needs=14, offers=8, units=25, states=5, groups=3, providers=3)
    for seed in range(draws(60)):
        model = drawn_model(seed, ["leximin"], quotas=seed % 3 > 0, size=size)
        monkeypatch.setattr(thresholds, "FEW_STEPS", 1000)
        whole = optimise(model)
        monkeypatch.setattr(thresholds, "FEW_STEPS", seed % 2 * 10)
        monkeypatch.setattr(thresholds, "AT_ONCE", 1 + seed % 4)
        small = optimise(model)
        assert (small.status, small.objective) == (whole.status, whole.objective)
        for part in ("need", "offer", "units"):
            assert getattr(small.allocation, part).tolist() == getattr(whole.allocation, part).tolist()


def steps_of(asked: Ints) -> list[tuple[int, int]]:
    return [(state, step) for state, units in enumerate(asked.tolist()) for step in range(1, units + 1)]


def weight(asked: Ints, state: int, step: int) -> int:
    return int(leximin.Weights(asked).of(np.array([state]), np.array([step]))[0])
