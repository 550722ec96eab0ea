"""Answers under conditions, cut short, and of what cannot be: what is proved, and what is a claim."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.certificate import check_answer, explained
from matching.certificate.reading import read
from tests.matching.certificate.documents import allocations, codes, conditioned, document, drawn, pretended
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json, answer_to, rehashed
from tests.matching.pair_draws import OBJECTIVES, drawn_document

pytestmark = pytest.mark.once


def within(status: str = "optimal", solver_bound: list[int] | None = None, bound: int = 8) -> Json:
    """A and B with X, worth 6, and prices that prove the 8 of A and C, which the problem rules out."""
    pairs = [{"need": "A", "offer": "X", "units": 1}, {"need": "B", "offer": "X", "units": 1}]
    level = {"weights": [0, 1], "offers": {"X": 1}, "providers": {}, "states": {}, "groups": {}}
    answer = pretended(conditioned(), pairs, {"format": "matching-certificate/1", "levels": [level]})
    return rehashed({**answer, "status": status, "bound": [bound], "solver_bound": solver_bound})


def test_under_conditions_the_prices_prove_the_answer_within_a_gap_and_the_rest_is_a_claim() -> None:
    verdict = check_answer(conditioned(), within(solver_bound=[6]))
    assert (verdict.sound, verdict.proved, verdict.gap, verdict.claimed) == (True, "within", 2, True)
    assert list(verdict.bound) == [8]
    assert "by more than 2. The solver claims more" in explained(verdict, within())


@pytest.mark.parametrize("claim", [None, [5], [7], [9]])
def test_what_is_optimal_is_proved_so_or_claimed_so(claim: list[int] | None) -> None:
    assert codes(check_answer(conditioned(), within(solver_bound=claim))) == {"WRONG_BOUND"}


def test_a_bound_is_one_that_prices_prove() -> None:
    assert codes(check_answer(conditioned(), within(bound=7, solver_bound=[6]))) == {"WRONG_BOUND"}


def test_an_unfinished_answer_states_the_proved_bound() -> None:
    verdict = check_answer(conditioned(), within("time_limit"))
    assert (verdict.sound, verdict.proved, verdict.gap, verdict.claimed) == (True, "within", 2, False)
    assert check_answer(conditioned(), within("time_limit", solver_bound=[7])).claimed
    assert codes(check_answer(conditioned(), within("time_limit", bound=7))) == {"WRONG_BOUND"}


def test_without_conditions_no_solver_has_a_say() -> None:
    answer = answer_to(document())
    lower = [answer["bound"][0] + 9]
    assert "WRONG_BOUND" in codes(check_answer(document(), {**answer, "bound": lower, "solver_bound": answer["bound"]}))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_the_engine_answers_under_conditions_is_sound_and_proved_or_claimed(objective: str) -> None:
    found = set()
    for seed in range(draws(40)):
        problem = drawn(seed, objectives=[objective], conditions=True)
        answer = answer_to(problem) if problem is not None else {"status": "infeasible"}
        if answer["status"] != "infeasible":
            verdict = check_answer(problem or {}, answer)
            assert verdict.defects == [], (problem, verdict)
            assert verdict.claimed == (verdict.proved != "optimal")
            found.add(verdict.proved)
    assert found > {"optimal"}


@pytest.mark.parametrize(
    ("needs", "code"),
    [("A", "GROUP_BELOW_LEAST"), ("C", None), ("AC", "BOTH_SUBSTITUTES"), ("AB", None)],
)
def test_groups_are_whole_and_one_of_two_substitutes_is_served(needs: str, code: str | None) -> None:
    pairs = [{"need": need, "offer": "X", "units": 1} for need in needs]
    found = codes(check_answer(conditioned(), pretended(conditioned(), pairs, None)))
    assert (code in found) if code else not found & {"GROUP_BELOW_LEAST", "BOTH_SUBSTITUTES", "SPLIT_NEED"}


def test_a_need_of_a_group_is_served_in_full_or_not_at_all() -> None:
    problem = conditioned()
    problem["needs"][0]["units"] = 2
    pairs = [{"need": need, "offer": "X", "units": 1} for need in "AB"]
    assert "SPLIT_NEED" in codes(check_answer(problem, pretended(problem, pairs, None)))


def infeasible(reason: Json, problem: Json) -> Json:
    answer = pretended(problem, [], None)
    return rehashed({**answer, "status": "infeasible", "objective": [], "bound": [], "reason": reason})


def scarce() -> tuple[Json, Json]:
    """Two needs that must be served and share an offer of one unit, and why that cannot be."""
    problem = {
        "needs": [{"id": name, "state": "S", "units": 1, "least": 1} for name in ("A", "B")],
        "offers": [{"id": "X", "units": 1}, {"id": "Y", "units": 3}],
        "pairs": [{"need": name, "offer": "X", "points": 1} for name in ("A", "B")],
    }
    params = {"required": 2, "possible": 1, "short": 1, "needs": ["A", "B"], "offers": ["X"]}
    return problem, {"code": "NEEDS_OVER_SUPPLY", "params": params}


def test_a_witness_of_infeasibility_is_recomputed() -> None:
    problem, reason = scarce()
    verdict = check_answer(problem, infeasible(reason, problem))
    assert (verdict.sound, verdict.feasible, verdict.proved, verdict.claimed) == (True, False, "infeasible", False)
    assert "NEEDS_OVER_SUPPLY" in explained(verdict, infeasible(reason, problem))


@pytest.mark.parametrize(
    "change",
    [
        {"needs": ["A"]},
        {"offers": []},
        {"offers": ["X", "Y"]},
        {"needs": ["A", "B", "C"]},
        {"required": 3, "short": 2},
        {"possible": 0, "short": 2},
        {"short": 2},
        {"short": None},
        {"needs": None},
    ],
)
def test_a_witness_that_proves_nothing_is_refused(change: Json) -> None:
    problem, reason = scarce()
    forged = {**reason, "params": {**reason["params"], **change}}
    verdict = check_answer(problem, infeasible(forged, problem))
    assert codes(verdict) == {"WRONG_WITNESS"} and verdict.proved == "nothing"


@settings(max_examples=draws(60), deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_refutes_a_problem_that_has_a_solution(seed: int) -> None:
    draw = random.Random(seed)
    problem = drawn_document(draw)
    if not allocations(problem):
        return
    reading = read(problem)
    names = ("needs", "offers", "states", "groups", "providers")
    kinds = (reading.needs, reading.offers, reading.states, reading.groups, reading.providers)
    params: Json = {
        name: [item for item in kind.ids if draw.random() < 0.5] for name, kind in zip(names, kinds, strict=True)
    }
    required = draw.randint(1, 4)
    params |= {"required": required, "possible": required - 1, "short": 1}
    code = draw.choice(["NEEDS_OVER_SUPPLY", "OFFERS_OVER_DEMAND", "SUBSTITUTES_BOTH_HELD", "CONDITIONS_CONFLICT"])
    verdict = check_answer(problem, infeasible({"code": code, "params": params}, problem))
    assert verdict.proved != "infeasible" and not verdict.sound


def test_substitutes_that_both_must_be_served_cannot_be() -> None:
    problem = conditioned()
    problem["needs"][0]["least"] = problem["needs"][2]["least"] = 1
    reason = {"code": "SUBSTITUTES_BOTH_HELD", "params": {"needs": ["A", "C"]}}
    assert check_answer(problem, infeasible(reason, problem)).proved == "infeasible"
    for needs in (["A", "B"], ["A", "Z"], None):
        forged = {**reason, "params": {"needs": needs}}
        assert codes(check_answer(problem, infeasible(forged, problem))) == {"WRONG_WITNESS"}
    assert codes(check_answer(conditioned(), infeasible(reason, conditioned()))) == {"WRONG_WITNESS"}


def test_that_conditions_conflict_is_the_solvers_claim() -> None:
    reason = {"code": "CONDITIONS_CONFLICT", "params": {"bundles": ["both"], "substitutes": []}}
    verdict = check_answer(conditioned(), infeasible(reason, conditioned()))
    assert (verdict.sound, verdict.proved, verdict.claimed) == (True, "nothing", True)
