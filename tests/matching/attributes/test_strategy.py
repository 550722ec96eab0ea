"""What a strategy may say, and how a wrong one is refused: with the path of the wrong value."""

from typing import Any

import pytest

from matching import InvalidStrategy, Strategy
from tests.matching.builders import DECISION, Json, default_strategy, number, strategy


def refusals(document: Json) -> list[tuple[str, str]]:
    """Pointers and codes of the faults of a strategy."""
    with pytest.raises(InvalidStrategy) as caught:
        Strategy.from_document(document)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


REFUSED: list[tuple[str, Any, str, str]] = [
    ("affinity__modalty", number(1), "/affinity/modalty", "extra_forbidden"),
    ("affinity__coverage__planet", number(1), "/affinity/coverage/planet", "extra_forbidden"),
    ("urgency__priority__6", number(1), "/urgency/priority/6", "extra_forbidden"),
    ("objective", "most_points", "/objective", "literal_error"),
    ("name", "With Spaces", "/name", "string_pattern_mismatch"),
    ("format", "matching-strategy/2", "/format", "literal_error"),
    ("urgency__ldc", number(1), "/urgency/ldc/decision", "decision_missing"),
    ("urgency__lldc", number("-0.5"), "/urgency/lldc/decision", "decision_missing"),
    ("urgency__sids", number(1), "/urgency/sids/decision", "decision_missing"),
    ("urgency__action_plan", number(1), "/urgency/action_plan/decision", "decision_missing"),
    (
        "affinity__coverage__region_weights",
        {"035": number("1.1")},
        "/affinity/coverage/region_weights/035/decision",
        "decision_missing",
    ),
    ("urgency__never_served", number(float("nan")), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number("inf"), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number("a lot"), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number(True), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number("١"), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number("1_0"), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number("0.0000001"), "/urgency/never_served/value", "value_error"),
    ("urgency__never_served", number(2**53 + 1), "/urgency/never_served/value", "less_than_equal"),
    ("urgency__never_served", {"value": 1}, "/urgency/never_served/reason", "missing"),
    ("urgency__never_served", {"value": 1, "reason": ""}, "/urgency/never_served/reason", "string_too_short"),
    (
        "urgency__never_served",
        number(1, DECISION | {"date": "05/01/2015"}),
        "/urgency/never_served/decision/date",
        "value_error",
    ),
    ("urgency__never_served", number(1, {"symbol": "S/1"}), "/urgency/never_served/decision/date", "missing"),
    (
        "affinity__domain__weights",
        {"OP6": number(1) | {"colour": "red"}},
        "/affinity/domain/weights/OP6/colour",
        "extra_forbidden",
    ),
    ("rules__switched_off", [{"rule": "SCOPE", "raison": "x"}], "/rules/switched_off/0/raison", "extra_forbidden"),
    (
        "urgency__never_served",
        number(1, DECISION | {"organ": "SC"}),
        "/urgency/never_served/decision/organ",
        "extra_forbidden",
    ),
    ("rules__least_relatedness", number("1.01"), "/rules/least_relatedness/value", "less_than_equal"),
    ("rules__declined_quarters", number("4"), "/rules/declined_quarters/value", "int_type"),
    ("rules__related_domains", number(1), "/rules/related_domains/value", "bool_type"),
    ("affinity__domain__weights", {"OP6": number(-1)}, "/affinity/domain/weights/OP6/value", "greater_than_equal"),
    ("fairness__state", number([3, 4]), "/fairness/state", "value_error"),
    ("fairness__state", number([]), "/fairness/state/value", "too_short"),
    ("fairness__state", number([1.5]), "/fairness/state/value/0", "int_type"),
    ("fairness__group", number([-1]), "/fairness/group/value/0", "greater_than_equal"),
    ("affinity__coverage__worldwide", number(1), "/affinity/coverage/region/value", "closeness_falls"),
    ("rules__switched_off", [{"rule": "COVERAGE", "reason": "x"}], "/rules/switched_off/0/rule", "not_switchable"),
    ("rules__switched_off", [{"rule": "MODALITY", "reason": "x"}] * 2, "/rules/switched_off/1/rule", "duplicate"),
    (
        "relatedness__pairs",
        [{"a": "X", "b": "X", "value": 1, "reason": "x"}],
        "/relatedness/pairs/0",
        "self_related",
    ),
    (
        "relatedness__pairs",
        [{"a": "X", "b": "Y", "value": 1, "reason": "x"}, {"a": "Y", "b": "X", "value": 1, "reason": "x"}],
        "/relatedness/pairs/1",
        "duplicate",
    ),
]


@pytest.mark.parametrize(("path", "wrong", "pointer", "code"), REFUSED)
def test_a_wrong_value_is_refused_with_its_pointer(path: str, wrong: Any, pointer: str, code: str) -> None:
    assert (pointer, code) in refusals(strategy(**{path: wrong}))


def test_an_unknown_weight_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(InvalidStrategy, match="nearest valid: modality"):
        Strategy.from_document(strategy(affinity__modalty=number(1)))
    with pytest.raises(InvalidStrategy, match="'raison' is not known here; nearest valid: reason"):
        Strategy.from_document(strategy(rules__switched_off=[{"rule": "SCOPE", "raison": "x"}]))
    with pytest.raises(InvalidStrategy, match="'organ' is not known here; valid: date, symbol"):
        Strategy.from_document(strategy(urgency__never_served=number(1, DECISION | {"organ": "SC"})))
    with pytest.raises(InvalidStrategy, match="'wieght' is not known here; valid: decision, reason, value"):
        weight = number(1) | {"wieght": 2}
        Strategy.from_document(strategy(affinity__domain__weights={"OP6": weight}))
    with pytest.raises(InvalidStrategy, match="'MODALTY' cannot be switched off; nearest valid: MODALITY"):
        Strategy.from_document(strategy(rules__switched_off=[{"rule": "MODALTY", "reason": "x"}]))


def test_a_missing_part_is_named() -> None:
    document = strategy()
    del document["urgency"]["waiting"]["cap"], document["title"]
    assert refusals(document) == [("/title", "missing"), ("/urgency/waiting/cap", "missing")]


def test_every_fault_is_reported_at_once() -> None:
    document = strategy(urgency__ldc=number(1), urgency__sids=number(1))
    assert [code for _, code in refusals(document)] == ["decision_missing", "decision_missing"]


def test_a_favour_with_its_decision_is_accepted() -> None:
    document = strategy(
        urgency__ldc=number(5, DECISION),
        affinity__coverage__region_weights={"035": number(2, DECISION), "039": number(1)},
    )
    assert Strategy.from_document(document).urgency.ldc.value == 5


def test_numbers_that_could_overflow_together_are_refused() -> None:
    half = 2**52
    assert refusals(strategy(affinity__modality=half, affinity__scope=half)) == [("", "points_overflow")]
    assert refusals(strategy(affinity__modality=half, affinity__scope=-half)) == [("", "points_overflow")]
    heavy = strategy(affinity__domain__fit=2**51, affinity__domain__weights={"OP6": number(4)})
    assert refusals(heavy) == [("", "points_overflow")]
    assert refusals(strategy(affinity__modality=half, fairness__state=[half])) == [("", "points_overflow")]


def test_the_hash_does_not_depend_on_how_numbers_are_written() -> None:
    written = [1.5, "1.5", "1.50", "15e-1"]
    hashes = {Strategy.from_document(strategy(urgency__never_served=number)).sha256 for number in written}
    assert len(hashes) == 1
    assert Strategy.from_document(strategy(urgency__never_served="1.6")).sha256 not in hashes


def test_the_canonical_document_reads_back_as_itself() -> None:
    read = Strategy.from_document(default_strategy())
    again = Strategy.from_document(read.document)
    assert again.document == read.document
    assert again.sha256 == read.sha256


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("urgency__never_served", number(None), "is not a number"),
        ("urgency__never_served", number(True), "is not a number"),
        ("urgency__never_served", number(2**53 + 1), f"is more than {2**53}"),
        ("rules__switched_off", ["SCOPE"], "is not an object"),
        ("rules__related_domains", number("yes"), "is neither true nor false"),
        ("objective", "most_points", "is not 'points', 'equal_treatment', 'most_needs_served' or 'leximin'"),
    ],
)
def test_a_fault_is_told_in_a_sentence_of_ours(place: str, value: Any, sentence: str) -> None:
    with pytest.raises(InvalidStrategy) as caught:
        Strategy.from_document(strategy(**{place: value}))
    assert [fault.detail for fault in caught.value.faults] == [sentence]
