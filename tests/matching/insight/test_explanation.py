"""The explanation that is stored beside a result: complete, plain data, and the same every time."""

import json

import pytest

from matching import Problem
from matching.attributes.profiles import judge, model_of
from matching.insight.explanation import PARTS, Missing, explanation, unexplained
from matching.optimise import optimise
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))


def explained(document: Json) -> Json:
    compiled = model_of(judge(Problem.from_document(document)))
    return explanation(compiled, optimise(compiled.model))


def test_a_pairing_names_who_was_next_in_line_and_what_each_would_lose() -> None:
    asked = [need("R-PHL-1/1", priority=5), need("R-LAO-1/1")]
    found = explained(problem(asked, [offer("O-AUS-1"), offer("O-FRA-1", worldwide=False, states=["FJI"])], WORTH))
    assert found["pairings"] == [
        {
            "need": "R-PHL-1/1",
            "member": None,
            "offer": "O-AUS-1",
            "runner_ups": [],
            "rivals": [
                {
                    "need": "R-LAO-1/1",
                    "member": None,
                    "loss": [40],
                    "losers": [{"need": "R-PHL-1/1", "member": None, "units": 1}],
                }
            ],
            "alternates": [],
        }
    ]


def test_an_alternate_with_a_unit_left_over_disturbs_nobody() -> None:
    found = explained(problem([need()], [offer("O-AUS-1"), offer("O-FRA-1")], WORTH))
    (pairing,) = found["pairings"]
    other = "O-FRA-1" if pairing["offer"] == "O-AUS-1" else "O-AUS-1"
    assert pairing["alternates"] == [{"offer": other, "free": True, "loss": [0], "losers": []}]
    assert pairing["runner_ups"] == [{"offer": other, "loss": [0], "losers": []}]


def test_everything_is_there_for_a_record_of_all_kinds() -> None:
    asked = [
        need("R-PHL-1/1"),
        need("R-LAO-1/1", domain="UNSPEC"),
        need("R-ALB-1/1", domain="OP3D.LEG"),
        group_need("R-CARICOM-1/1", ["JAM"], "per_member"),
        need("R-FJI-1/1", named=False),
    ]
    document = problem(asked, [offer("O-AUS-1"), offer("O-AUS-2", units=0)], WORTH)
    found = explained(document)
    assert {entry["need"]: entry["code"] for entry in found["unmatched"]} == {
        "R-ALB-1/1": "TWO_CHANGES",
        "R-PHL-1/1": "ONE_CHANGE",
        "R-FJI-1/1": "NO_CHANGE",
        "R-LAO-1/1": "TWO_CHANGES",
    }
    assert [entry["use"] for entry in found["offers"]] == ["USED", "NO_UNITS"]
    assert {(each["domain"], each["subregion"]) for each in found["shadows"]} >= {("OP3C.BOR", "035")}
    assert json.loads(json.dumps(found)) == found == explained(document)


def test_parts_that_there_is_no_time_for_are_named_and_the_rest_is_there() -> None:
    compiled = model_of(judge(Problem.from_document(problem([need()], [offer("O-AUS-1"), offer("O-FRA-1")], WORTH))))
    looks = iter([5.0, 0.0])
    found = explanation(compiled, optimise(compiled.model), lambda: next(looks, -1.0))
    assert found["missing"] == dict.fromkeys(PARTS, "TIME")
    assert len(found["pairings"]) == 1 and found["shadows"] == []


def test_what_was_not_solved_to_the_optimum_has_no_explanation() -> None:
    found = unexplained(Missing.NOT_OPTIMAL)
    assert found["missing"] == dict.fromkeys(PARTS, "NOT_OPTIMAL")
    assert all(found[part] == [] for part in PARTS)
