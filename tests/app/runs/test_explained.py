"""The explanation beside a result, in sentences: whole ones, with names in the place of codes."""

from typing import Any

import pytest

from app.runs import explained
from app.runs.sentences import Names
from matching import Problem
from matching.attributes.profiles import judge, model_of
from matching.insight.explanation import explanation
from matching.insight.remedies import Remedy
from matching.optimise import optimise
from tests.matching.builders import need, number, offer, problem, strategy

NAMES = Names(
    {"state:PHL": "Philippines", "state:LAO": "Lao PDR", "group:ASEAN": "ASEAN"},
    {"OP3C.BOR": "Border controls"},
    {"R-PHL-1/1": "state:PHL", "R-LAO-1/1": "state:LAO"},
)


def change(code: str, value: str | None = None, reference: str = "O-1") -> dict[str, Any]:
    return {"code": code, "record": "offer", "id": reference, "value": value}


def test_the_smallest_change_follows_if() -> None:
    one = {"code": "ONE_CHANGE", "changes": [change("NAME_DOMAIN", "OP3C.BOR")]}
    assert explained.of_change(one, NAMES) == (
        "It would be served if the request named “Border controls” as what it is for."
    )
    two = {"code": "TWO_CHANGES", "changes": [change("CONFIRM_MEMBER", "PHL"), change("ONE_MORE_UNIT")]}
    assert explained.of_change(two, NAMES) == (
        "It would be served if Philippines confirmed that it takes part and O-1 had one unit more; "
        "neither alone is enough."
    )
    assert explained.of_change({"code": "NO_CHANGE", "changes": []}, NAMES).startswith(
        "No change of the published list"
    )


@pytest.mark.parametrize("remedy", Remedy)
def test_every_remedy_has_its_words(remedy: Remedy) -> None:
    said = explained.of_change({"code": "ONE_CHANGE", "changes": [change(str(remedy), "X")]}, NAMES)
    assert said.startswith("It would be served if ")
    assert "{" not in said


@pytest.mark.parametrize(
    ("levels", "objective", "words"),
    [
        ([1], "points", "1 point"),
        ([12], "equal_treatment", "12 points"),
        ([0, 12], "most_needs_served", "12 points"),
        ([1, -3], "most_needs_served", "1 unit (and -3 points)"),
        ([5, 2], "leximin", "evenness between States (and 2 points)"),
    ],
)
def test_a_loss_is_told_in_what_the_objective_counts_first(levels: list[int], objective: str, words: str) -> None:
    assert explained.loss(levels, objective) == words


def test_a_whole_explanation_can_be_read_out() -> None:
    asked = [need("R-PHL-1/1", priority=5), need("R-LAO-1/1")]
    worth = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))
    offered = [offer("O-1-1", provider="organization:IAEA"), offer("O-1-2", units=0, provider="organization:IAEA")]
    compiled = model_of(judge(Problem.from_document(problem(asked, offered, worth))))
    data = explanation(compiled, optimise(compiled.model))
    (pairing,) = data["pairings"]
    assert [explained.of_rival(each, pairing["offer"], "points", NAMES) for each in pairing["rivals"]] == [
        "R-LAO-1/1 (Lao PDR) could have had a unit of O-1-1, at a loss of 40 points in all."
    ]
    assert [explained.of_change(each, NAMES) for each in data["unmatched"]] == [
        "It would be served if O-1-1 had one unit more."
    ]
    assert [explained.of_offer(each) for each in data["offers"]] == [
        ["All its units are proposed.", "It could serve 2 needs; 0 of them could be served by another offer too."],
        ["The offer has no units left for the quarter of delivery."],
    ]
    assert [explained.of_shadow(each, "points", NAMES) for each in data["shadows"]] == [
        "One more unit for “Border controls” in the subregion 035 would add 60 points."
    ]
    assert [explained.of_pool(each, NAMES) for each in data["pools"]] == [
        "One joint activity of O-1-1 for “Border controls”, submitted by ASEAN, could stand for R-LAO-1/1 and "
        "R-PHL-1/1: 2 needs would be met instead of 1, and the total would change by -40 points."
    ]


def test_a_fragile_pairing_is_called_so() -> None:
    told = {"stays": 60, "settings": 64, "spread": "1/5", "fragile_below": "3/4", "fragile": False}
    assert explained.of_firmness(told) == (
        "It stays under 60 of 64 settings in which every weight is varied by up to 1/5."
    )
    assert explained.of_firmness(told | {"stays": 40, "fragile": True}).startswith(
        "Fragile: it stays under only 40 of "
    )


def test_alternates_say_who_would_lose() -> None:
    told = {"offer": "O-2", "loss": [3]}
    loser = {"need": "R-LAO-1/1", "member": None, "units": 1}
    free, other, disturbing = (
        explained.of_alternate({**told, "free": free, "losers": losers}, "points", NAMES)
        for free, losers in ((True, []), (False, []), (False, [loser]))
    )
    assert free.endswith("O-2 has a unit left over: that loses 3 points, and no other pairing changes.")
    assert other.endswith("no need would lose by it.")
    assert disturbing.endswith("in all; R-LAO-1/1 (Lao PDR) would lose by it.")
    runner_up = explained.of_runner_up({**told, "losers": []}, "points")
    assert runner_up == "O-2 could serve the need too, at a loss of 3 points in all."
