"""Why a pair is not proposed, from a stored result: its rule, or its exact loss and who would bear it."""

import pytest

from matching import Problem, solve
from matching.insight.recall import recalled
from matching.insight.warm import Warm
from matching.insight.whether import Pairs
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))


def pairs_of(document: Json) -> Pairs:
    read = Problem.from_document(document)
    solved = recalled(read, dict(solve(read).document))
    return Pairs(solved.compiled, Warm(solved.compiled.model, solved.outcome))


def test_a_pair_that_would_displace_a_need_says_what_it_loses_and_who_bears_it() -> None:
    asked = [need("R-PHL-1/1", priority=5), need("R-LAO-1/1")]
    pairs = pairs_of(problem(asked, [offer("O-AUS-1"), offer("O-AUS-2", worldwide=False, states=["FJI"])], WORTH))
    assert pairs.why("R-PHL-1/1", None, "O-AUS-1")["code"] == "PROPOSED"
    instead = pairs.why("R-LAO-1/1", None, "O-AUS-1")
    assert (instead["code"], instead["loss"]) == ("LOSS", [40])
    assert instead["losers"] == [{"need": "R-PHL-1/1", "member": None, "units": 1}]
    failing = pairs.why("R-LAO-1/1", None, "O-AUS-2")
    assert (failing["code"], failing["rule"], failing["loss"]) == ("RULE", "COVERAGE", None)


def test_a_pair_that_lots_decided_against_loses_nothing() -> None:
    pairs = pairs_of(problem([need("R-PHL-1/1")], [offer("O-AUS-1"), offer("O-FRA-1")], WORTH))
    said = {pairs.why("R-PHL-1/1", None, name)["code"] for name in ("O-AUS-1", "O-FRA-1")}
    assert said == {"PROPOSED", "NO_LOSS"}


def test_of_a_member_that_is_served_with_others_only_a_new_solve_can_tell() -> None:
    asked = [group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member")]
    pairs = pairs_of(problem(asked, [offer("O-AUS-1")], WORTH))
    assert pairs.why("R-ASEAN-1/1", "LAO", "O-AUS-1")["code"] == "NEW_SOLVE"


def test_a_pair_that_a_pin_leaves_no_room_for_is_ruled_out() -> None:
    asked, pin = [need("R-PHL-1/1"), need("R-LAO-1/1")], {"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1}
    pairs = pairs_of({**problem(asked, [offer("O-AUS-1")], WORTH), "pinned": [pin]})
    assert pairs.why("R-LAO-1/1", None, "O-AUS-1")["code"] == "RULED_OUT"


def test_who_is_unknown_is_an_error_not_an_answer() -> None:
    with pytest.raises(KeyError):
        pairs_of(problem([need()], [offer("O-AUS-1")], WORTH)).why("R-NONE/1", None, "O-AUS-1")
