"""The optimum: equal to exhaustive search, the same from every solver, and behaving as an optimum does."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import Problem, Result, check, reference, solve
from matching.optimum.flow import by_highs, by_lemon, by_networkx
from tests.matching.builders import Json, need, number, offer, problem, strategy
from tests.matching.draws import problems


def solved(document: Json, **options: Any) -> Json:
    """The result document of a problem document."""
    result: Result = solve(Problem.from_document(document), **options)
    return dict(result.document)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_agrees_with_exhaustive_search(document: Json) -> None:
    read = Problem.from_document(document)
    result = solve(read).document
    best = reference.best(read)
    assert check(read, result) == []
    if best is None:
        assert result["status"] == "infeasible"
    else:
        assert (result["status"], result["objective"]) == ("optimal", [best.objective])
        # Where needs have conditions the prices prove the bound without them, and HiGHS claims the rest.
        assert best.objective in (result["bound"][0], (result["solver_bound"] or [None])[0])
        assert result["bound"] >= [best.objective]


@settings(max_examples=60, deadline=None)
@given(problems(most_needs=5, most_offers=4))
def test_every_solver_gives_the_same_result_to_the_byte(document: Json) -> None:
    read = Problem.from_document(document)
    results = [solve(read, solver=solver) for solver in (by_lemon, by_highs, by_networkx)]
    assert len({result.result_hash for result in results}) == 1


@settings(max_examples=50, deadline=None)
@given(problems(pins=False), st.integers(0, 2))
def test_more_capacity_never_lowers_the_optimum(document: Json, which: int) -> None:
    assume(document["offers"])
    more = copy.deepcopy(document)
    more["offers"][which % len(more["offers"])]["units"] += 1
    assert solved(more)["objective"] >= solved(document)["objective"]


@settings(max_examples=50, deadline=None)
@given(problems(pins=False))
def test_dropping_a_need_that_was_not_served_changes_no_total(document: Json) -> None:
    # A group slope counts the States that ask, so there a State that leaves does change the total.
    document["strategy"]["fairness"]["group"] = number([0])
    result = solved(document)
    paired = {pairing["need"] for pairing in result["pairings"]}
    unserved = [entry["id"] for entry in document["needs"] if entry["id"] not in paired]
    assume(unserved)
    fewer = copy.deepcopy(document)
    fewer["needs"] = [entry for entry in fewer["needs"] if entry["id"] != unserved[0]]
    for name in ("declined", "earlier", "forbidden"):
        fewer[name] = [pair for pair in fewer[name] if pair["need"] != unserved[0]]
    again = solved(fewer)
    assert (again["objective"], again["total"], again["units"]) == (
        result["objective"],
        result["total"],
        result["units"],
    )


def scaled(value: Any, factor: int) -> Any:
    """A strategy's points and slopes multiplied; its weights, shares and quarters left as they are."""
    if isinstance(value, dict) and "value" in value and "reason" in value:
        numbers = value["value"]
        return {**value, "value": [n * factor for n in numbers] if isinstance(numbers, list) else numbers * factor}
    if isinstance(value, dict):
        kept = ("weights", "region_weights", "cap", "waiting")
        return {key: part if key in kept else scaled(part, factor) for key, part in value.items()}
    return value


@settings(max_examples=40, deadline=None)
@given(problems(pins=False), st.integers(2, 5))
def test_multiplying_all_points_and_slopes_changes_no_pairing(document: Json, factor: int) -> None:
    # Terms are rounded each, so only whole terms can be multiplied exactly.
    document["strategy"]["urgency"]["waiting"]["per_quarter"] = number(0)
    document["strategy"]["affinity"]["modality"] = document["strategy"]["affinity"]["record"] = number(0)
    document["strategy"]["affinity"]["coverage"]["region_weights"] = {}
    for entry in document["needs"]:
        assume(entry["delivery"] != "joint")
        entry["domain"] = "OP3C.BOR"
    for entry in document["offers"]:
        entry["domains"] = ["OP3C.BOR"] if entry["domains"] else []
    larger = copy.deepcopy(document)
    for part in ("urgency", "affinity", "fairness"):
        larger["strategy"][part] = scaled(larger["strategy"][part], factor)
    before, after = solved(document), solved(larger)
    keys = ("need", "member", "offer", "units")
    assert [[p[k] for k in keys] for p in after["pairings"]] == [[p[k] for k in keys] for p in before["pairings"]]
    assert after["objective"] == [value * factor for value in before["objective"]]


@settings(max_examples=30, deadline=None)
@given(problems(pins=False))
def test_an_offer_eligible_for_nothing_changes_no_pairing(document: Json) -> None:
    more = copy.deepcopy(document)
    more["offers"].append(offer("O-XXX-9", domains=["UNSPEC"]))
    before, after = solved(document), solved(more)
    assert after["pairings"] == before["pairings"]
    assert after["objective"] == before["objective"]


def exchanged(value: Any) -> Any:
    """A document in which two States have exchanged their names."""
    names = {"PHL": "FJI", "FJI": "PHL", "state:PHL": "state:FJI", "state:FJI": "state:PHL"}
    if isinstance(value, dict):
        return {key: exchanged(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exchanged(part) for part in value]
    return names.get(value, value) if isinstance(value, str) else value


@settings(max_examples=50, deadline=None)
@given(problems())
def test_exchanging_the_names_of_two_states_exchanges_what_they_get(document: Json) -> None:
    before, after = solved(document), solved(exchanged(document))
    assert (after["status"], after["objective"]) == (before["status"], before["objective"])
    if not any(entry["delivery"] == "per_member" for entry in document["needs"]):
        # Members are drawn by their names; national needs by the request's reference, which stays.
        assert after["served"] == dict(sorted((exchanged(k), v) for k, v in before["served"].items()))
        assert [p["need"] for p in after["pairings"]] == [p["need"] for p in before["pairings"]]


@settings(max_examples=40, deadline=None)
@given(problems(pins=False))
def test_keeping_a_proposed_pairing_by_pin_costs_nothing(document: Json) -> None:
    result = solved(document)
    assume(result["pairings"])
    keys = ("need", "member", "offer", "units")
    pinned = copy.deepcopy(document) | {"pinned": [{key: result["pairings"][0][key] for key in keys}]}
    again = solved(pinned)
    assert (again["status"], again["objective"]) == ("optimal", result["objective"])
    assert result["pairings"][0]["offer"] in {pairing["offer"] for pairing in again["pairings"]}


def test_a_pinned_pairing_is_kept_though_it_costs_points() -> None:
    needs = [need("R-PHL-1/1", priority=5), need("R-ALB-1/1", priority=1)]
    urgent = strategy(urgency__priority__1=50, urgency__priority__5=10)
    free = solved(problem(needs, [offer()], urgent))
    assert [pairing["need"] for pairing in free["pairings"]] == ["R-ALB-1/1"]
    pin = {"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1}
    held = solved(problem(needs, [offer()], urgent, pinned=[pin]))
    assert [pairing["need"] for pairing in held["pairings"]] == ["R-PHL-1/1"]
    assert (free["objective"], held["objective"]) == ([50], [10])


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (
            problem([need()], [offer(units=0)], pinned=[{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]),
            {
                "code": "PIN_NOT_ELIGIBLE",
                "params": {"need": "R-PHL-1/1", "member": None, "offer": "O-AUS-1", "rule": "CAPACITY"},
            },
        ),
        (
            problem([need()], [offer(units=5)], pinned=[{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 2}]),
            {"code": "PIN_OVER_NEED", "params": {"need": "R-PHL-1/1", "member": None, "pinned": 2, "units": 1}},
        ),
        (
            problem([need(units=5)], [offer()], pinned=[{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 2}]),
            {"code": "PIN_OVER_CAPACITY", "params": {"offer": "O-AUS-1", "pinned": 2, "units": 1}},
        ),
    ],
)
def test_a_pin_that_cannot_be_kept_makes_the_run_infeasible_and_says_why(document: Json, reason: Json) -> None:
    result = solved(document)
    assert (result["status"], result["reason"], result["pairings"]) == ("infeasible", reason, [])
    assert check(Problem.from_document(document), result) == []


def test_units_are_not_used_without_gain() -> None:
    worthless = solved(problem([need()], [offer()], strategy()))
    harmful = solved(problem([need()], [offer()], strategy(urgency__never_served=-1)))
    assert worthless["pairings"] == harmful["pairings"] == []
    assert [entry["code"] for entry in worthless["unmatched"]] == ["NO_GAIN"]


FAIR = {"objective": "equal_treatment", "affinity__domain__fit": 10}


def units_by_state(strategy_document: Json, **parts: Any) -> dict[str, list[int]]:
    """How four units are shared between one State that asks for four and two that ask for two."""
    needs = [need("R-PHL-1/1", units=4, priority=1), need("R-ALB-1/1", units=2), need("R-LAO-1/1", units=2)]
    served: dict[str, list[int]] = solved(problem(needs, [offer(units=4)], strategy_document, **parts))["served"]
    return served


def test_points_alone_give_all_units_to_the_most_urgent() -> None:
    assert units_by_state(strategy(affinity__domain__fit=10, urgency__priority__1=5))["PHL"] == [4, 4]


def test_equal_treatment_spreads_units_over_states() -> None:
    fair = strategy(**FAIR, urgency__priority__1=5, fairness__state=[20, 8, 0])
    assert units_by_state(fair) == {"ALB": [1, 2], "LAO": [1, 2], "PHL": [2, 4]}


def test_receipts_of_earlier_quarters_count_as_units_had() -> None:
    fair = strategy(**FAIR, urgency__priority__1=5, fairness__state=[20, 8, 0])
    assert units_by_state(fair, received={"PHL": 2}) == {"ALB": [2, 2], "LAO": [2, 2], "PHL": [0, 4]}


def test_regional_groups_are_treated_alike_per_asking_state() -> None:
    # Two States of Asia-Pacific ask, one of Eastern Europe: its second unit counts as their third and fourth.
    fair = strategy(**FAIR, fairness__group=[9, 0])
    served = units_by_state(fair)
    assert served["ALB"][0] == 1 or served["PHL"][0] + served["LAO"][0] == 2
    assert solved(
        problem(
            [need("R-PHL-1/1", units=4), need("R-ALB-1/1", units=2), need("R-LAO-1/1", units=2)],
            [offer(units=4)],
            fair,
        )
    )["objective"] == [4 * 10 + 3 * 9]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(1, 4))
def test_asking_for_more_units_never_wins_a_state_more_than_it_can_use(
    asked: int, slopes: list[int], capacity: int
) -> None:
    fair = strategy(**FAIR, fairness__state=sorted(slopes, reverse=True))
    rival = need("R-ALB-1/1", units=2)

    def served(units: int) -> int:
        result = solved(problem([need("R-PHL-1/1", units=units), rival], [offer(units=capacity)], fair))
        return int(result["served"]["PHL"][0])

    useful = 2
    assert min(served(useful + asked), useful) >= served(useful) - 1
    assert served(useful + asked) <= capacity


def test_points_too_large_for_compiled_solvers_are_still_exact() -> None:
    large = 2**51 + 1
    needs = [need(f"R-{state}-1/1", units=3, priority=p) for state, p in (("ALB", 1), ("ARM", 2), ("PHL", 3))]
    offers = [offer(f"O-AUS-{n}", units=2, states=["PHL"] if n else []) for n in range(3)]
    weights = strategy(urgency__priority__1=large, urgency__priority__2=large - 1, affinity__coverage__named_state=1)
    read = Problem.from_document(problem(needs, offers, weights))
    result, best = solve(read).document, reference.best(read)
    assert best is not None
    assert result["objective"] == [best.objective]
    assert best.objective > 2**53
    assert check(read, result) == []


def test_progress_is_told_in_order_and_ends_at_the_whole() -> None:
    told: list[tuple[str, float]] = []
    solve(
        Problem.from_document(problem([need()], [offer()])), progress=lambda stage, share: told.append((stage, share))
    )
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert (told[0][1], told[-1]) == (0.0, ("done", 1.0))


EMPTY: list[Callable[[], Json]] = [
    lambda: problem([], []),
    lambda: problem([need()], []),
    lambda: problem([], [offer()]),
]


@pytest.mark.parametrize("document", EMPTY)
def test_a_problem_without_needs_or_offers_has_an_empty_optimum(document: Callable[[], Json]) -> None:
    read = Problem.from_document(document())
    result = solve(read).document
    assert (result["status"], result["objective"], result["pairings"]) == ("optimal", [0], [])
    assert len(result["unmatched"]) == len(read.needs)
    assert check(read, result) == []
