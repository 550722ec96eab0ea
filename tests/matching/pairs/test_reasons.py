"""Why a problem of given pairs is infeasible, in its own ids and in a sentence."""

from typing import Any

import pytest

from matching.pairs.document import PairsProblem
from matching.pairs.reasons import reason
from tests.matching.pair_answers import answer_to
from tests.matching.pairs.documents import Json, need, offer, pair, problem

PAIRS = [pair("n1", "o1"), pair("n2", "o1")]

BOTH_HELD = problem(
    [need("n1", 2, least=1), need("n2", 1, "B", least=1)], [offer("o1", 5)], PAIRS, substitutes=[["n1", "n2"]]
)
GROUP = problem(
    [need("n1", 2, least=1), need("n2", 1, "B")], [offer("o1", 2)], PAIRS, groups=[{"id": "g", "needs": ["n1", "n2"]}]
)
GROUP_WITH_SUBSTITUTES = problem(
    [need("n1", 1, least=1), need("n2", 1, "B"), need("n3", 1, "C", least=1)],
    [offer("o1", 5)],
    [*PAIRS, pair("n3", "o1")],
    groups=[{"id": "g", "needs": ["n1", "n2"]}],
    substitutes=[["n2", "n3"]],
)
TOO_FEW = problem([need("n1", 3, least=3)], [offer("o1", 1), offer("o2", 1)], [pair("n1", "o1"), pair("n1", "o2")])
UNCONNECTED = problem([need("n1", 3, least=2)], [offer("o1", 1)], [])
OVER_DEMAND = problem([need("n1", 1)], [offer("o1", 3, least=3)], [pair("n1", "o1")])
REGIONAL = problem(
    [need("n1", 5, "A"), need("n2", 5, "B")],
    [offer("o1", 9)],
    PAIRS,
    states=[{"id": "A", "group": "G", "least": 2}, {"id": "B", "group": "G"}],
    regional_groups=[{"id": "G", "most": 1}],
)
MANY = problem(
    [need("n1", 20, least=16)],
    [offer(f"o{n:02}", 1) for n in range(14)],
    [pair("n1", f"o{n:02}") for n in range(14)],
)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (BOTH_HELD, "Needs 'n1' and 'n2' stand in for each other, and both must be served."),
        (GROUP, "What must be served of 'n1' cannot be served together with all conditions kept: group 'g'."),
        (
            GROUP_WITH_SUBSTITUTES,
            "What must be served of 'n1' and 'n3' cannot be served together with all conditions kept: "
            "group 'g' with either 'n2' or 'n3'.",
        ),
        (
            TOO_FEW,
            "At least 3 units must reach (need 'n1' at least 3), and only 2 can come "
            "(offer 'o1' at most 1 and offer 'o2' at most 1): 1 unit is missing.",
        ),
        (
            UNCONNECTED,
            "At least 2 units must reach (need 'n1' at least 2), and only 0 can come "
            "(nothing is connected to them): 2 units are missing.",
        ),
        (
            OVER_DEMAND,
            "At least 3 units must leave (offer 'o1' at least 3), and only 1 can be taken "
            "(need 'n1' at most 1): 2 units are missing.",
        ),
        (
            REGIONAL,
            "At least 2 units must leave (State 'A' at least 2), and only 1 can be taken "
            "(regional group 'G' at most 1): 1 unit is missing.",
        ),
    ],
)
def test_a_sentence_names_what_stands_in_the_way(document: Json, sentence: str) -> None:
    assert answer_to(document)["reason"]["sentence"] == sentence


def test_a_sentence_names_a_dozen_limits_and_counts_the_others() -> None:
    sentence = answer_to(MANY)["reason"]["sentence"]
    assert "offer 'o11' at most 1 and 2 more): 2 units are missing." in sentence
    assert "o12" not in sentence


@pytest.mark.parametrize(
    ("document", "code", "params"),
    [
        (BOTH_HELD, "SUBSTITUTES_BOTH_HELD", {"needs": ["n1", "n2"]}),
        (GROUP, "CONDITIONS_CONFLICT", {"bundles": ["g"], "substitutes": [], "needs": ["n1"]}),
        (
            GROUP_WITH_SUBSTITUTES,
            "CONDITIONS_CONFLICT",
            {"bundles": ["g"], "substitutes": [["n2", "n3"]], "needs": ["n1", "n3"]},
        ),
        (TOO_FEW, "NEEDS_OVER_SUPPLY", {"required": 3, "possible": 2, "short": 1, "offers": ["o1", "o2"]}),
        (OVER_DEMAND, "OFFERS_OVER_DEMAND", {"required": 3, "possible": 1, "short": 2, "needs": ["n1"]}),
        (REGIONAL, "OFFERS_OVER_DEMAND", {"groups": ["G"], "required_by": [{"state": "A", "units": 2}]}),
    ],
)
def test_params_have_ids_in_the_place_of_positions(document: Json, code: str, params: dict[str, Any]) -> None:
    told = answer_to(document)["reason"]
    assert told["code"] == code
    assert {name: told["params"][name] for name in params} == params


def test_where_no_obstacle_was_found_all_conditions_and_all_that_is_held_are_named() -> None:
    pinned = {**GROUP_WITH_SUBSTITUTES, "pinned": [{"need": "n2", "offer": "o1", "units": 1}]}
    assert reason(PairsProblem.from_document(pinned), None) == {
        "code": "CONDITIONS_CONFLICT",
        "params": {"needs": ["n1", "n2", "n3"], "bundles": ["g"], "substitutes": [["n2", "n3"]]},
        "sentence": "What must be served of 'n1', 'n2' and 'n3' cannot be served together with all conditions kept: "
        "group 'g' with either 'n2' or 'n3'.",
    }
