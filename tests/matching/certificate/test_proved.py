"""The checker accepts every honest answer, proves none that is not the best, and no prices ever prove too much."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.certificate import Unreadable, check_answer, explained
from matching.certificate.bound import Prices, Worth, bound
from matching.certificate.digests import hash_of_problem
from matching.certificate.proposal import Proposal
from matching.certificate.reading import read
from matching.pairs.document import PairsProblem
from tests.matching.certificate.documents import allocations, codes, document, drawn, pretended
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json, answer_to
from tests.matching.pair_draws import OBJECTIVES, drawn_document

pytestmark = pytest.mark.once


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_answer_of_the_engine_is_sound_and_proved(objective: str) -> None:
    proved = 0
    for seed in range(draws(40)):
        problem = drawn(seed, objectives=[objective])
        if problem is not None:
            verdict = check_answer(problem, answer_to(problem))
            assert verdict.defects == [], (problem, verdict)
            assert verdict.proved in ("optimal", "infeasible")
            proved += verdict.proved == "optimal"
    assert proved > 0


@settings(max_examples=draws(60), deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([Worth(units=1), Worth(points=1), Worth(3, 1), Worth(0, 2, 5)]))
def test_no_prices_prove_less_than_some_allocation_is_worth(seed: int, worth: Worth) -> None:
    draw = random.Random(seed)
    problem = drawn_document(draw, objectives=["leximin"] if worth.steps else ["equal_treatment"])
    reading = read(problem)
    kinds = (reading.offers, reading.providers, reading.states, reading.groups)
    prices = Prices(*([draw.randint(-4, 6) for _ in kind.ids] for kind in kinds))
    proved = bound(reading, worth, prices)
    for answer in allocations(problem):
        proposal = Proposal.of(reading, answer)
        points = proposal.points + proposal.fairness
        value = worth.units * proposal.units + worth.points * points
        value += worth.steps * proposal.steps if worth.steps else 0
        assert proved is not None and proved >= value


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_an_answer_that_is_not_the_best_is_never_proved(objective: str) -> None:
    """Not even with the certificate of the best one."""
    worse = 0
    for seed in range(draws(40)):
        problem = drawn(seed, objectives=[objective])
        if problem is None:
            continue
        best = answer_to(problem)
        for pairs in random.Random(seed).sample(found := allocations(problem), min(10, len(found))):
            answer = pretended(problem, pairs, best["certificate"])
            verdict = check_answer(problem, answer)
            if answer["objective"] < best["objective"]:
                worse += 1
                assert codes(verdict) <= {"WRONG_BOUND", "NOT_PROVED"} and verdict.proved != "optimal"
            assert verdict.sound == (answer["objective"] == best["objective"])
    assert worse > 0


def test_pairs_may_be_columns() -> None:
    problem = document()
    needs, offers = [need["id"] for need in problem["needs"]], [offer["id"] for offer in problem["offers"]]
    columns = {
        **problem,
        "pairs": {
            "need": [needs.index(pair["need"]) for pair in problem["pairs"]],
            "offer": [offers.index(pair["offer"]) for pair in problem["pairs"]],
            "points": [pair["points"] for pair in problem["pairs"]],
            "units": [pair.get("units") for pair in problem["pairs"]],
        },
    }
    assert check_answer(columns, answer_to(problem)).proved == "optimal"


@settings(max_examples=draws(40), deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_a_problem_has_the_hash_that_the_engine_gives_it(seed: int, conditions: bool) -> None:
    problem = drawn(seed, conditions=conditions)
    if problem is not None:
        assert hash_of_problem(problem) == PairsProblem.from_document(problem).input_hash


@pytest.mark.parametrize("problem", [{}, {"needs": 1}, {**document(), "offers": [{}]}, {**document(), "pairs": None}])
def test_what_is_no_problem_is_refused(problem: Json) -> None:
    with pytest.raises(Unreadable, match="no problem of the pair form"):
        check_answer(problem, answer_to(document()))


def test_a_verdict_is_a_document() -> None:
    verdict = check_answer(document(), {**answer_to(document()), "total": 0})
    found = json.loads(json.dumps(verdict.document))
    assert found["sound"] is False
    assert {defect["code"]: defect["where"] for defect in found["defects"]}["WRONG_TOTAL"] == "/total"
    assert "WRONG_TOTAL at /total" in explained(verdict, {})
