"""The checker accepts every honest answer, finds every planted defect, and no prices ever prove too much."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.certificate import Unreadable, Verdict, check_answer, explained
from matching.certificate.bound import Prices, Worth, bound
from matching.certificate.digests import hash_of_problem
from matching.certificate.figures import objective, served
from matching.certificate.proposal import Proposal
from matching.certificate.reading import read
from matching.errors import InvalidProblem
from matching.pairs.document import PairsProblem
from tests.matching import brute
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json, answer_to, model_of, rehashed
from tests.matching.pair_draws import OBJECTIVES, drawn_document

pytestmark = pytest.mark.once


def document(objective: str = "equal_treatment") -> Json:
    """Quotas of every kind, a pin, a forbidden pair, a cap, a joint need; more is asked than there is."""
    return {
        "format": "matching/1",
        "objective": objective,
        "quarter": "2015-Q2",
        "needs": [
            {"id": "ALB-1", "state": "ALB", "units": 3},
            {"id": "ARM-1", "state": "ARM", "units": 2, "least": 1},
            {"id": "FJI-1", "state": "FJI", "units": 2},
            {"id": "FJI-2", "state": "FJI", "units": 1},
            {"id": "PIF-1", "state": None, "units": 1},
        ],
        "offers": [
            {"id": "AUS-1", "units": 2, "provider": "AUS"},
            {"id": "AUS-2", "units": 3, "provider": "AUS"},
            {"id": "CHE-1", "units": 2, "least": 1},
        ],
        "pairs": [
            {"need": "ALB-1", "offer": "AUS-1", "points": 9},
            {"need": "ALB-1", "offer": "AUS-2", "points": 8, "units": 1},
            {"need": "ALB-1", "offer": "CHE-1", "points": 1},
            {"need": "ARM-1", "offer": "AUS-1", "points": 3},
            {"need": "ARM-1", "offer": "CHE-1", "points": 3},
            {"need": "FJI-1", "offer": "AUS-2", "points": 6},
            {"need": "FJI-1", "offer": "CHE-1", "points": 7},
            {"need": "FJI-2", "offer": "AUS-2", "points": 6},
            {"need": "PIF-1", "offer": "AUS-1", "points": 2},
            {"need": "PIF-1", "offer": "AUS-2", "points": 4},
        ],
        "states": [
            {"id": "ALB", "group": "EEG", "received": 1, "most": 2},
            {"id": "ARM", "group": "EEG"},
            {"id": "FJI", "group": "APG", "least": 1},
        ],
        "regional_groups": [{"id": "EEG", "most": 3}],
        "providers": [{"id": "AUS", "most": 4}],
        "fairness": {"state": [6, 3, 1], "group": [2, 1, 0]},
        "pinned": [{"need": "FJI-2", "offer": "AUS-2", "units": 1}],
        "forbidden": [{"need": "FJI-1", "offer": "CHE-1"}],
    }


def conditioned() -> Json:
    """Two needs served together or not at all, of which the flow without that condition would serve one."""
    return {
        "objective": "points",
        "needs": [{"id": name, "state": name, "units": 1} for name in ("A", "B", "C")],
        "offers": [{"id": "X", "units": 2}],
        "pairs": [{"need": name, "offer": "X", "points": points} for name, points in (("A", 5), ("B", 1), ("C", 3))],
        "groups": [{"id": "both", "needs": ["A", "B"]}],
        "substitutes": [["A", "C"]],
    }


def codes(verdict: Verdict) -> set[str]:
    return {defect.code for defect in verdict.defects}


def drawn(seed: int, **limits: Any) -> Json | None:
    """The document of a seed, None where it contradicts itself."""
    drawn = drawn_document(random.Random(seed), **limits)
    try:
        PairsProblem.from_document(drawn)
    except InvalidProblem:
        return None
    return drawn


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


def allocations(problem: Json, fewest: int = 0) -> list[list[Json]]:
    """Feasible allocations of a problem, as answers list pairs; none where it contradicts itself."""
    try:
        checked = PairsProblem.from_document(problem)
    except InvalidProblem:
        return []
    needs, offers = [need.id for need in checked.needs], [offer.id for offer in checked.offers]
    return [
        [{"need": needs[i], "offer": offers[j], "units": x} for (i, j), x in sorted(units.items())]
        for units in brute.allocations(model_of(problem))
        if len(units) >= fewest
    ]


def pretended(problem: Json, pairs: list[Json], certificate: Any) -> Json:
    """An answer that is consistent in itself and says that these pairs are the best."""
    proposal = Proposal.of(read(problem), pairs)
    worth = objective(proposal)
    return rehashed(
        {
            "status": "optimal",
            "total": proposal.points,
            "objective": worth,
            "bound": worth,
            "units": proposal.units,
            "pairs": pairs,
            "served": served(proposal),
            "certificate": certificate,
            "input_hash": hash_of_problem(problem),
        }
    )


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


# Planted defects: each a change of a sound answer, and the code of the defect that must be found


def pair(answer: Json, need: str) -> Json:
    return next(pair for pair in answer["pairs"] if pair["need"] == need)


def set_units(need: str, units: int) -> Callable[[Json], None]:
    return lambda answer: pair(answer, need).update(units=units)


def without(need: str) -> Callable[[Json], None]:
    return lambda answer: answer.update(pairs=[pair for pair in answer["pairs"] if pair["need"] != need])


def replaced(pairs: list[tuple[str, str, int]]) -> Callable[[Json], None]:
    listed = [{"need": need, "offer": offer, "units": units} for need, offer, units in sorted(pairs)]
    return lambda answer: answer.update(pairs=listed)


def also(need: str, offer: str, units: int = 1) -> Callable[[Json], None]:
    def add(answer: Json) -> None:
        answer["pairs"].append({"need": need, "offer": offer, "units": units})
        answer["pairs"].sort(key=lambda pair: (pair["need"], pair["offer"]))

    return add


def raised(key: str, by: int = 1) -> Callable[[Json], None]:
    def raise_(answer: Json) -> None:
        value = answer[key]
        answer[key] = [*value[:-1], value[-1] + by] if isinstance(value, list) else value + by

    return raise_


def price(kind: str, name: str, value: Any) -> Callable[[Json], None]:
    return lambda answer: answer["certificate"]["levels"][0][kind].update({name: value})


def on_certificate(**values: Any) -> Callable[[Json], None]:
    return lambda answer: answer["certificate"].update(values)


DEFECTS: dict[str, tuple[Callable[[Json], None], str]] = {
    "a need that does not exist": (lambda a: a["pairs"][0].update(need="ZZZ"), "UNKNOWN_NEED"),
    "an offer that does not exist": (lambda a: a["pairs"][0].update(offer="ZZZ"), "UNKNOWN_OFFER"),
    "a pair twice": (lambda a: a["pairs"].insert(0, a["pairs"][0]), "DUPLICATE"),
    "pairs out of order": (lambda a: a["pairs"].reverse(), "ORDER"),
    "a pair that is none": (also("ARM-1", "AUS-2"), "NO_SUCH_PAIR"),
    "a forbidden pair": (also("FJI-1", "CHE-1"), "NO_SUCH_PAIR"),
    "more than a pair may have": (replaced([("ALB-1", "AUS-2", 2)]), "OVER_CAP"),
    "a pin not kept": (without("FJI-2"), "PIN_NOT_KEPT"),
    "more than a need asks": (replaced([("ARM-1", "CHE-1", 2), ("ARM-1", "AUS-1", 1)]), "NEED_OVER_MOST"),
    "less than a need's least": (without("ARM-1"), "NEED_BELOW_LEAST"),
    "more than an offer has": (replaced([("ALB-1", "AUS-1", 2), ("PIF-1", "AUS-1", 1)]), "OFFER_OVER_MOST"),
    "less than an offer's least": (replaced([("ARM-1", "AUS-1", 1)]), "OFFER_BELOW_LEAST"),
    "more than a provider has": (
        replaced([("ALB-1", "AUS-1", 2), ("FJI-1", "AUS-2", 2), ("FJI-2", "AUS-2", 1)]),
        "PROVIDER_OVER_MOST",
    ),
    "more than a State may have": (replaced([("ALB-1", "AUS-1", 2), ("ALB-1", "AUS-2", 1)]), "STATE_OVER_MOST"),
    "less than a State's least": (replaced([("ALB-1", "AUS-1", 1)]), "STATE_BELOW_LEAST"),
    "more than a regional group may have": (
        replaced([("ALB-1", "AUS-1", 2), ("ARM-1", "CHE-1", 2)]),
        "REGIONAL_GROUP_OVER_MOST",
    ),
    "a wrong total": (raised("total"), "WRONG_TOTAL"),
    "wrong units": (raised("units"), "WRONG_UNITS"),
    "a wrong objective": (raised("objective", -1), "WRONG_OBJECTIVE"),
    "units served that are others": (lambda a: a["served"].update(FJI=[2, 3]), "WRONG_SERVED"),
    "a State left out": (lambda a: a["served"].pop("FJI"), "WRONG_SERVED"),
    "a lowered bound": (raised("bound", -1), "WRONG_BOUND"),
    "a raised bound": (raised("bound"), "WRONG_BOUND"),
    "no bound": (lambda a: a.update(bound=[]), "WRONG_BOUND"),
    "a status that is none": (lambda a: a.update(status="perfect"), "WRONG_STATUS"),
    "infeasible all at once": (lambda a: a.update(status="infeasible"), "WRONG_STATUS"),
    "infeasible without a reason": (
        lambda a: a.update(status="infeasible", pairs=[], objective=[], bound=[]),
        "WRONG_REASON",
    ),
    "an answer that found nothing": (lambda a: a.update(objective=[]), "WRONG_STATUS"),
    "no certificate": (lambda a: a.update(certificate=None), "NO_CERTIFICATE"),
    "a certificate of another format": (on_certificate(format="proof/9"), "FORM"),
    "a certificate without levels": (on_certificate(levels=[]), "FORM"),
    "levels that are no objects": (on_certificate(levels=[1]), "FORM"),
    "a price of nothing": (price("offers", "ZZZ", 1), "UNKNOWN_PRICE"),
    "a stored zero": (price("providers", "AUS", 0), "FORM"),
    "a price in fractions": (price("offers", "CHE-1", 1.5), "FORM"),
    "a price too high": (price("offers", "CHE-1", 50), "WRONG_BOUND"),
    "a price too low": (price("offers", "CHE-1", -50), "WRONG_BOUND"),
    "a price of a State too high": (price("states", "ALB", 50), "WRONG_BOUND"),
    "a price of a group too high": (price("groups", "EEG", 50), "WRONG_BOUND"),
    "a price of a provider too high": (price("providers", "AUS", 50), "WRONG_BOUND"),
    "prices for another objective": (
        lambda a: a["certificate"]["levels"][0].update(weights=[1, 1]),
        "WRONG_WEIGHTS",
    ),
    "weights that are none": (lambda a: a["certificate"]["levels"][0].update(weights=[True, 1]), "FORM"),
    "no prices of offers": (lambda a: a["certificate"]["levels"][0].pop("offers"), "FORM"),
    "no pairs": (lambda a: a.pop("pairs"), "FORM"),
    "units of none": (lambda a: a["pairs"][0].update(units=0), "FORM"),
    "units in fractions": (lambda a: a["pairs"][0].update(units=1.0), "FORM"),
    "an objective in fractions": (lambda a: a.update(objective=[1.5]), "FORM"),
    "served that are no figures": (lambda a: a["served"].update(FJI=[1]), "FORM"),
    "a reason that is text": (lambda a: a.update(reason="none"), "FORM"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_by_its_code(name: str) -> None:
    change, code = DEFECTS[name]
    problem, answer = document(), answer_to(document())
    assert check_answer(problem, answer).proved == "optimal"
    change(answer)
    verdict = check_answer(problem, rehashed(answer))
    assert code in codes(verdict) and not verdict.sound


def test_what_is_no_object_is_no_answer() -> None:
    assert codes(check_answer(document(), [])) == {"FORM"}


def test_forged_hashes_are_found() -> None:
    answer = answer_to(document())
    assert codes(check_answer(document(), {**answer, "input_hash": "0" * 64})) == {"INPUT_HASH", "RESULT_HASH"}
    assert codes(check_answer(document(), {**answer, "result_hash": "0" * 64})) == {"RESULT_HASH"}
    other = document()
    other["pairs"][0]["points"] += 1
    assert "INPUT_HASH" in codes(check_answer(other, answer))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all texts and numbers of a document."""
    if isinstance(value, dict):
        return [leaf for key in value for leaf in leaves(value[key], (*path, key))]
    if isinstance(value, list):
        return [leaf for key, item in enumerate(value) for leaf in leaves(item, (*path, key))]
    return [path] if isinstance(value, str | int) else []


CHANGES: st.SearchStrategy[Any] = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**70), 2**70),
    st.sampled_from(["", "ALB-1", "AUS-1", "time_limit", None, True, 0.5, [], {}]),
)


@settings(max_examples=draws(100), deadline=None)
@given(st.data())
def test_whatever_is_changed_is_found_or_changes_nothing_that_is_proved(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OBJECTIVES))
    problem, sound = document(name), answer_to(document(name))
    path = data.draw(st.sampled_from([path for path in leaves(sound) if path[0] != "result_hash"]))
    answer = copy.deepcopy(sound)
    part: Any = answer
    for step in path[:-1]:
        part = part[step]
    change = data.draw(CHANGES)
    before = part[path[-1]]
    part[path[-1]] = before + change if type(before) is type(change) is int else change
    unchanged = json.dumps(part[path[-1]]) == json.dumps(before)
    verdict = check_answer(problem, rehashed(answer))
    # Other prices may prove the same; what is proved of a sound proposal is never below its worth.
    assert verdict.sound is False or unchanged or path[0] == "certificate" or part[path[-1]] == "time_limit"
    if path[0] == "certificate" and verdict.bound:
        assert list(verdict.bound) >= sound["objective"]
        assert verdict.sound == (list(verdict.bound) == sound["objective"])


# Conditions, limits of time, and what cannot be


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


# Reading


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
