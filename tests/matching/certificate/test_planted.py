"""Planted defects: each a change of a sound answer, and the code of the defect that must be found."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.certificate import check_answer
from tests.matching.certificate.documents import codes, document
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json, answer_to, rehashed
from tests.matching.pair_draws import OBJECTIVES
from tests.matching.pointers import leads

pytestmark = pytest.mark.once


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
    assert [defect for defect in verdict.defects if not leads(answer, defect.where)] == []


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
