"""A problem of given pairs: what is accepted, what is refused and where, and what makes two documents equal."""

import json
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from matching.errors import Fault, InvalidProblem
from matching.pairs.document import PairsProblem, is_pair_form
from tests.matching.pairs.documents import Json, as_columns, need, offer, pair, problem, shuffled, small


def faults(document: Any) -> list[Fault]:
    with pytest.raises(InvalidProblem) as refused:
        PairsProblem.from_document(document)
    return refused.value.faults


def refusals(document: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults(document)]


def changed(path: str, value: Any, base: Callable[[], Json] = small) -> Json:
    """The small problem with one value changed."""
    document: Json = json.loads(json.dumps(base()))
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    here: Any = document
    for step in steps:
        here = here[step]
    here[last] = value
    return document


@pytest.mark.parametrize(
    "value", [1.5, 2.0, math.nan, math.inf, 1e300, True, "2", None, [2], 2**53 + 1, -(2**53) - 1, 10**400]
)
def test_points_that_are_no_whole_number_of_at_most_2_to_the_53_are_refused(value: Any) -> None:
    assert [at for at, _ in refusals(changed("pairs/1/points", value))] == ["/pairs/1/points"]
    columns = as_columns(small())
    columns["pairs"]["points"][1] = value
    assert [at for at, _ in refusals(columns)] == ["/pairs/points/1"]


@pytest.mark.parametrize("value", [2**53, -(2**53), 0])
def test_points_may_be_of_either_sign_and_as_large_as_2_to_the_53(value: int) -> None:
    assert PairsProblem.from_document(changed("pairs/1/points", value)).pairs.points[1] == value


@pytest.mark.parametrize("value", [1.5, math.nan, True, "2", None, -1, 10**9 + 1, 10**30])
@pytest.mark.parametrize("at", ["needs/0/units", "offers/1/units", "needs/0/least", "offers/1/least"])
def test_units_that_are_no_whole_number_up_to_10_to_the_9_are_refused(at: str, value: Any) -> None:
    assert [where for where, _ in refusals(changed(at, value))] == ["/" + at]


def test_a_need_asks_for_a_unit_at_least_while_an_offer_may_have_none_left() -> None:
    assert refusals(changed("needs/0/units", 0)) == [("/needs/0/units", "greater_than_equal")]
    assert PairsProblem.from_document(changed("offers/0/units", 0)).offers[0].units == 0


@pytest.mark.parametrize("value", [-1, 0.5, True, 10**9 + 1])
def test_a_wrong_cap_of_a_pair_is_refused_in_either_form(value: Any) -> None:
    document = changed("pairs/2/units", value)
    assert [at for at, _ in refusals(document)] == ["/pairs/2/units"]
    assert [at for at, _ in refusals(as_columns(document))] == ["/pairs/units/2"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (problem([need("n1"), need("n1")], [], []), ("/needs/1/id", "duplicate")),
        (problem([], [offer("o1"), offer("o1")], []), ("/offers/1/id", "duplicate")),
        (small(states=[{"id": "A"}, {"id": "A"}]), ("/states/1/id", "duplicate")),
        (small(providers=[{"id": "P", "most": 1}] * 2), ("/providers/1/id", "duplicate")),
        (changed("pairs/1/need", "n9"), ("/pairs/1/need", "unknown_need")),
        (changed("pairs/1/offer", "o9"), ("/pairs/1/offer", "unknown_offer")),
        (changed("pairs/1/offer", "o1"), ("/pairs/1/need", "duplicate")),
        (changed("pairs/1/offer", 1), ("/pairs/1/offer", "string_type")),
        (changed("pairs/1", 1), ("/pairs/1", "model_type")),
        (changed("pairs/1", {"need": "n1", "offer": "o2"}), ("/pairs/1/points", "missing")),
        (changed("pairs/1/point", 1), ("/pairs/1/point", "extra_forbidden")),
        (changed("pairs", 1), ("/pairs", "pairs_type")),
        (changed("objectiv", "points"), ("/objectiv", "extra_forbidden")),
        (changed("objective", "most"), ("/objective", "literal_error")),
        (changed("format", "matching/2"), ("/format", "literal_error")),
        (changed("needs/0/unit", 1), ("/needs/0/unit", "extra_forbidden")),
        (changed("needs/0/date", "2015-02-30"), ("/needs/0/date", "value_error")),
        (changed("quarter", "2015-Q5"), ("/quarter", "string_pattern_mismatch")),
        (changed("time_limit_s", 0), ("/time_limit_s", "greater_than")),
        (changed("time_limit_s", math.nan), ("/time_limit_s", "finite_number")),
        (changed("needs/0/id", "\ud800"), ("/needs/0/id", "string_unicode")),
        (changed("needs/0/least", 3), ("/needs/0/least", "least_over_units")),
        (changed("offers/0/least", 3), ("/offers/0/least", "least_over_units")),
        (small(states=[{"id": "A", "least": 3, "most": 2}]), ("/states/0/least", "least_over_most")),
        (small(providers=[{"id": "P", "least": 3, "most": 2}]), ("/providers/0/least", "least_over_most")),
        (small(regional_groups=[{"id": "G"}]), ("/regional_groups/0/id", "unknown_regional_group")),
        (small(groups=[{"id": "g", "needs": ["n1", "n9"]}]), ("/groups/0/needs/1", "unknown_need")),
        (small(groups=[{"id": "g", "needs": ["n1", "n1"]}]), ("/groups/0/needs/1", "two_groups")),
        (
            small(groups=[{"id": "g", "needs": ["n1"]}, {"id": "h", "needs": ["n1"]}]),
            ("/groups/1/needs/0", "two_groups"),
        ),
        (small(groups=[{"id": "g", "needs": ["n1"], "least": 2}]), ("/groups/0/least", "least_over_members")),
        (small(groups=[{"id": "g", "needs": ["n1"], "least": 0}]), ("/groups/0/least", "greater_than_equal")),
        (small(groups=[{"id": "g", "needs": []}]), ("/groups/0/needs", "too_short")),
        (small(substitutes=[["n1", "n9"]]), ("/substitutes/0/1", "unknown_need")),
        (small(substitutes=[["n1", "n1"]]), ("/substitutes/0", "self_substitute")),
        (small(fairness={"state": [1, 2]}), ("/fairness/state", "value_error")),
        (small(fairness={"state": [2, 1.5]}), ("/fairness/state/1", "int_type")),
        (small(pinned=[{"need": "n2", "offer": "o2", "units": 1}]), ("/pinned/0", "not_a_pair")),
        (small(pinned=[{"need": "n2", "offer": "o1", "units": 0}]), ("/pinned/0/units", "greater_than_equal")),
        (small(pinned=[{"need": "n2", "offer": "o1", "units": 2}]), ("/pinned/0/units", "pin_over_need")),
        (small(pinned=[{"need": "n1", "offer": "o2", "units": 2}]), ("/pinned/0/units", "pin_over_offer")),
        (small(pinned=[{"need": "n9", "offer": "o2", "units": 1}]), ("/pinned/0/need", "unknown_need")),
        (small(forbidden=[{"need": "n1", "offer": "o9"}]), ("/forbidden/0/offer", "unknown_offer")),
    ],
)
def test_a_fault_is_found_where_it_is(document: Json, expected: tuple[str, str]) -> None:
    assert refusals(document) == [expected]


def test_decisions_that_contradict_each_other_are_refused() -> None:
    pin = {"need": "n1", "offer": "o1", "units": 1}
    both = small(pinned=[pin], forbidden=[{"need": "n1", "offer": "o1"}])
    assert refusals(both) == [("/pinned/0", "pinned_and_forbidden")]
    assert refusals(small(pinned=[pin, pin])) == [("/pinned/1", "duplicate")]
    together = [{"need": "n1", "offer": "o1", "units": 2}, {"need": "n2", "offer": "o1", "units": 1}]
    assert refusals(small(pinned=together)) == [("/pinned/1/units", "pin_over_offer")]
    capped = changed("pairs/0/units", 1, lambda: small(pinned=[{"need": "n1", "offer": "o1", "units": 2}]))
    assert refusals(capped) == [("/pinned/0/units", "pin_over_pair")]


def test_columns_that_do_not_fit_together_are_refused() -> None:
    columns = as_columns(small())["pairs"]
    assert refusals({**small(), "pairs": {**columns, "points": [1]}}) == [("/pairs", "unequal_columns")]
    assert refusals({**small(), "pairs": {**columns, "need": [0, 2, 1]}}) == [("/pairs/need/1", "position")]
    assert refusals({**small(), "pairs": {**columns, "offer": [0, -1, 1]}}) == [("/pairs/offer/1", "position")]
    assert refusals({**small(), "pairs": {**columns, "need": ["n1", 0, 1]}}) == [("/pairs/need/0", "int_type")]
    assert refusals({**small(), "pairs": {**columns, "need": [0, 1, 1], "offer": [0, 0, 0]}}) == [
        ("/pairs/need/2", "duplicate")
    ]
    assert refusals({**small(), "pairs": {**columns, "score": []}}) == [("/pairs/score", "extra_forbidden")]
    assert refusals({**small(), "pairs": {"need": [], "offer": 0}}) == [
        ("/pairs/points", "missing"),
        ("/pairs/offer", "list_type"),
    ]


def test_all_faults_are_told_at_once_and_unknown_names_with_the_nearest() -> None:
    document = small(unknown=1)
    document["needs"][0]["units"] = 0.5
    document["offers"][0]["unit"] = 2
    found = {fault.pointer: fault.detail for fault in faults(document)}
    assert set(found) == {"/unknown", "/needs/0/units", "/offers/0/unit"}
    assert "nearest valid: units" in found["/offers/0/unit"]
    several = changed("pairs/0/offer", "o11", lambda: changed("pairs/2/need", "x", lambda: changed("needs/0/least", 9)))
    assert [fault.pointer for fault in faults(several)] == ["/needs/0/least", "/pairs/2/need", "/pairs/0/offer"]


@pytest.mark.parametrize("document", [None, [], 1, "x", True])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert refusals(document) == [("", "model_type")]


def test_what_is_missing_is_named() -> None:
    assert refusals({}) == [("/needs", "missing"), ("/offers", "missing"), ("/pairs", "missing")]
    assert refusals(problem([{"id": "n"}], [], [])) == [("/needs/0/state", "missing"), ("/needs/0/units", "missing")]


def test_nothing_asked_and_nothing_offered_is_a_problem_too() -> None:
    assert len(PairsProblem.from_document(problem([], [], [])).needs) == 0
    assert len(PairsProblem.from_document(problem([], [], {"need": [], "offer": [], "points": []})).pairs.need) == 0


def test_the_two_forms_are_told_apart() -> None:
    assert is_pair_form(small())
    assert is_pair_form({})
    assert not is_pair_form({"needs": [], "offers": [], "strategy": {}})
    assert not is_pair_form({"needs": [], "offers": [], "domains": []})


def rich() -> Json:
    """A problem with something of everything."""
    return problem(
        [need("n1", 2, "A", least=1, date="2015-01-31"), need("n2", 1, "B"), need("n3", 3, "B"), need("j", 1, None)],
        [offer("o1", 2, provider="P"), offer("o2", 1, provider="Q", least=1), offer("o3", 4, provider="P")],
        [pair("n1", "o1", 5), pair("n1", "o2", 7, units=1), pair("n2", "o1"), pair("n3", "o3"), pair("j", "o3", -2)],
        "equal_treatment",
        states=[{"id": "A", "group": "G", "received": 1}, {"id": "B", "group": "H", "most": 3}],
        regional_groups=[{"id": "G", "most": 4}, {"id": "H", "least": 0}],
        providers=[{"id": "P", "most": 5}, {"id": "Q", "most": 1}],
        groups=[{"id": "g", "needs": ["n1", "n2"]}, {"id": "h", "needs": ["n3"], "least": 1}],
        pinned=[{"need": "n1", "offer": "o1", "units": 1}],
        forbidden=[{"need": "n2", "offer": "o1"}, {"need": "n3", "offer": "o1"}],
        substitutes=[["n2", "j"], ["n3", "j"]],
        quarter="2015-Q1",
    )


def test_neither_order_nor_form_nor_what_goes_without_saying_changes_the_input_hash() -> None:
    expected = PairsProblem.from_document(rich()).input_hash
    for seed in range(20):
        dice = random.Random(seed)
        assert PairsProblem.from_document(shuffled(rich(), dice)).input_hash == expected
        assert PairsProblem.from_document(as_columns(shuffled(rich(), dice))).input_hash == expected
    said = rich()
    said.update(format="matching/1", time_limit_s=10, fairness={"state": [40, 24, 14, 8, 4, 0], "group": [0]})
    said["states"].append({"id": "C"})
    said["needs"][1].update(least=0, date=None)
    said["groups"][0]["least"] = 2
    said["pairs"][0]["units"] = None
    assert PairsProblem.from_document(said).input_hash == expected


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("needs/0/units", 3),
        ("needs/0/state", "B"),
        ("needs/0/date", "2015-01-30"),
        ("needs/1/least", 1),
        ("offers/0/units", 3),
        ("offers/0/provider", "Q"),
        ("pairs/0/points", 6),
        ("pairs/0/units", 2),
        ("objective", "points"),
        ("quarter", "2015-Q2"),
        ("states/0/received", 2),
        ("groups/0/least", 1),
        ("fairness", {"state": [3, 1]}),
        ("pinned", []),
        ("forbidden", []),
        ("substitutes", []),
        ("providers/0/most", 6),
        ("regional_groups/0/most", 5),
    ],
)
def test_whatever_could_change_the_result_changes_the_input_hash(at: str, value: Any) -> None:
    document = changed(at, value, rich)
    assert PairsProblem.from_document(document).input_hash != PairsProblem.from_document(rich()).input_hash


def test_many_wrong_names_among_many_are_all_told_without_a_search_for_the_nearest() -> None:
    needs = [{"id": f"R-{number}", "state": None, "units": 1} for number in range(3_000)]
    wrong = [{"need": f"R-{number}?", "offer": "O-1"} for number in range(800)]
    document = {"needs": needs, "offers": [{"id": "O-1", "units": 1}], "pairs": [], "forbidden": wrong}
    with pytest.raises(InvalidProblem) as refused:
        PairsProblem.from_document(document)
    assert len(refused.value.faults) == 800
    assert refused.value.faults[0].detail == "no need 'R-0?'; it is none of the 3000 names that are valid here"
