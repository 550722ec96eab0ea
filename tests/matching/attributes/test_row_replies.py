"""The bound that prices give a run, found row by row from rules and points, is the one that its pairs give."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Problem, check, solve
from matching.attributes import row_replies
from matching.attributes.facts import Facts
from matching.attributes.row_replies import RowReplies
from matching.attributes.run_pairs import EligiblePairs, eligible_pairs, pairs_of
from matching.attributes.scoring import Scoring
from matching.certificate.bound import Prices, Worth, bound
from matching.certificate.reading import Reading, read
from tests.matching.attributes import test_check
from tests.matching.draws import problems
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json

WORTHS = [Worth(units=1), Worth(points=1), Worth(units=7, points=1), Worth(units=2**70, points=1)]


def drawn_prices(reading: Reading, seed: int, largest: int) -> Prices:
    draw = random.Random(seed)
    kinds = (reading.offers, reading.providers, reading.states, reading.groups)
    return Prices(*([draw.randint(-largest, largest) for _ in kind.ids] for kind in kinds))


@settings(max_examples=draws(25), deadline=None)
@given(problems(), st.sampled_from(WORTHS), st.integers(0, 2**32), st.sampled_from([0, 3, 30, 2**80]))
def test_row_by_row_and_pair_by_pair_give_the_same_bound(document: Json, worth: Worth, seed: int, largest: int) -> None:
    problem = Problem.from_document(document)
    facts = Facts(problem)
    with_pairs, without = (read(pairs_of(problem, pairs)) for pairs in (eligible_pairs(problem), EligiblePairs.none()))
    prices = drawn_prices(without, seed, largest)
    whole = bound(with_pairs, worth, prices)
    assert whole is None or whole == bound(without, worth, prices, RowReplies(facts, Scoring(facts), without))


@settings(max_examples=draws(25), deadline=None)
@given(problems(), st.integers(-9, 9))
def test_prices_prove_a_run_and_wrong_ones_do_not(document: Json, change: int) -> None:
    problem = Problem.from_document(document)
    result = dict(solve(problem).document)
    assert check(problem, result) == []
    if result.get("certificate") is None or not problem.offers:
        return
    first, *others = result["certificate"]["levels"]
    offer = problem.offers[0].id
    prices = {**first["offers"], offer: first["offers"].get(offer, 0) + change}
    level = {**first, "offers": {name: price for name, price in prices.items() if price}}
    changed = {**result, "certificate": {**result["certificate"], "levels": [level, *others]}}
    assert {defect.code for defect in check(problem, changed)} <= ({"WRONG_BOUND", "NOT_PROVED"} if change else set())


def test_rows_may_be_judged_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem.from_document(test_check.document())
    facts = Facts(problem)
    reading = read(pairs_of(problem, EligiblePairs.none()))
    prices = drawn_prices(reading, 1, 9)
    together = bound(reading, Worth(points=1), prices, RowReplies(facts, Scoring(facts), reading))
    monkeypatch.setattr(row_replies, "PAIRS_AT_ONCE", 1)
    assert bound(reading, Worth(points=1), prices, RowReplies(facts, Scoring(facts), reading)) == together
