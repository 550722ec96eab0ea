"""A preview says what a solve with the record in the problem says, and changes nothing."""

import random
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import InvalidProblem, Problem, solve
from matching.attributes.profiles import judge, model_of
from matching.insight.anew import compared
from matching.insight.edits import NotWarm
from matching.insight.preview import Preview, Previews
from matching.insight.warm import Warm
from matching.model import Objective
from matching.optimise import optimise
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.model_draws import draws
from tests.matching.record_draws import CHANGES, Change, with_record

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))


def previews(document: Json) -> Previews:
    compiled = model_of(judge(Problem.from_document(document)))
    return Previews(compiled, Warm(compiled.model, optimise(compiled.model)))


def result(document: Json) -> Any:
    return solve(Problem.from_document(document)).document


def assert_as_solved_anew(document: Json, change: Change, warm: Preview) -> None:
    kind, record = change
    before, after = result(document), result(with_record(document, kind, record))
    assert after["status"] == "optimal"
    anew = compared(kind, record["id"], document["strategy"]["objective"], before, after)
    assert (warm.objective, warm.gain, warm.changes) == (anew.objective, anew.gain, anew.changes)
    if kind == "need":  # of offers that tie a new solve may choose others
        assert sum(units for *_, units in warm.pairings) == sum(units for *_, units in anew.pairings)


@pytest.mark.parametrize("drawn", CHANGES)
@pytest.mark.parametrize("objective", get_args(Objective))
@settings(max_examples=draws(6), deadline=None)
@given(document=problems(), seed=st.integers(0, 2**32))
def test_what_is_said_warm_is_what_a_new_solve_says(
    objective: str, drawn: Callable[[random.Random, Json], Change], document: Json, seed: int
) -> None:
    document = {**document, "strategy": {**document["strategy"], "objective": objective}}
    assume(result(document)["status"] == "optimal")
    kind, record = drawn(random.Random(seed), document)
    try:
        warm = getattr(previews(document), kind)(record)
    except NotWarm:
        return
    assert_as_solved_anew(document, (kind, record), warm)


@settings(max_examples=draws(15), deadline=None)
@given(problems(pins=False), st.sampled_from(CHANGES), st.integers(0, 2**32))
def test_without_groups_no_preview_takes_a_new_solve(
    document: Json, drawn: Callable[[random.Random, Json], Change], seed: int
) -> None:
    national = [each for each in document["needs"] if each["delivery"] is None and each["named"]]
    kept = {each["id"] for each in national}
    lists = ("declined", "earlier", "forbidden")
    document = {**document, "needs": national} | {
        name: [pair for pair in document[name] if pair["need"] in kept] for name in lists
    }
    if national:
        change = drawn(random.Random(seed), document)
        assert_as_solved_anew(document, change, getattr(previews(document), change[0])(change[1]))


def test_needs_of_groups_are_told_of_where_their_conditions_keep_themselves() -> None:
    jam = group_need("R-CARICOM-1/1", ["JAM"], "per_member", priority=5)
    document = problem([need(), jam], [offer(units=2)], WORTH)
    change: Change = ("need", need("R-FJI-9/1", priority=5, date="2014-01-01"))
    warm = previews(document).need(change[1])
    assert warm.displaced == {("R-PHL-1/1", None): 1}
    assert_as_solved_anew(document, change, warm)


def test_needs_of_groups_that_would_have_to_make_room_take_a_new_solve() -> None:
    two = group_need("R-CARICOM-1/1", ["ALB", "JAM"], "per_member")
    warm = previews(problem([two], [offer(units=2)], WORTH))
    with pytest.raises(NotWarm):
        warm.need(need("R-FJI-9/1", priority=5))


def test_a_new_need_is_told_its_offer_and_whom_it_would_displace() -> None:
    warm = previews(problem([need()], [offer()], WORTH))
    found = warm.need(need("R-FJI-9/1", priority=5))
    assert found == Preview((100,), (40,), ((None, None, "O-AUS-1", 1),), {("R-PHL-1/1", None): (1, 0)})
    assert (found.displaced, found.helped) == ({("R-PHL-1/1", None): 1}, {})


def test_of_needs_worth_the_same_the_older_one_is_served() -> None:
    warm = previews(problem([need(date="2015-01-02")], [offer()], WORTH))
    waits = warm.need(need("R-FJI-9/1", date="2015-01-03"))
    assert waits == Preview((60,), (0,), (), {})
    comes = warm.need(need("R-FJI-9/1", date="2015-01-01"))
    assert (comes.gain, comes.displaced) == ((0,), {("R-PHL-1/1", None): 1})


def test_a_changed_need_does_not_displace_itself() -> None:
    warm = previews(problem([need()], [offer(units=2)], WORTH))
    assert warm.need(need(units=2)) == Preview((120,), (60,), ((None, None, "O-AUS-1", 2),), {})


def test_a_new_offer_is_told_whom_it_would_serve() -> None:
    warm = previews(problem([need("R-PHL-1/1"), need("R-LAO-1/1", priority=5)], [offer()], WORTH))
    found = warm.offer(offer("O-FRA-1"))
    assert (found.gain, found.helped) == ((60,), {("R-PHL-1/1", None): 1})
    assert [(served, units) for served, _, _, units in found.pairings] == [("R-PHL-1/1", 1)]


def test_an_offer_with_fewer_units_is_told_whom_it_would_fail() -> None:
    warm = previews(problem([need("R-PHL-1/1"), need("R-LAO-1/1", priority=5)], [offer(units=2)], WORTH))
    found = warm.offer(offer(units=1))
    assert (found.gain, found.displaced) == ((-60,), {("R-PHL-1/1", None): 1})


def test_members_are_previewed_by_a_solve() -> None:
    warm = previews(problem([need()], [offer()], WORTH))
    with pytest.raises(NotWarm):
        warm.need(group_need("R-CARICOM-1/1", ["JAM"], "per_member"))


@pytest.mark.parametrize(
    ("kind", "decided"),
    [
        ("need", {"pinned": [{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1}]}),
        ("offer", {"pinned": [{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1}]}),
    ],
)
def test_what_was_decided_about_a_record_is_previewed_by_a_solve(kind: str, decided: Json) -> None:
    warm = previews(problem([need()], [offer()], WORTH, **decided))
    with pytest.raises(NotWarm):
        getattr(warm, kind)({"need": need(), "offer": offer()}[kind])


@pytest.mark.parametrize(
    ("kind", "record", "pointer"),
    [
        ("need", {**need("R-FJI-9/1"), "priority": 9}, "/need/priority"),
        ("need", need("R-FJI-9/1", domain="OP9"), "/need/domain"),
        ("need", need("R-FJI-9/1", states=["FRA"]), "/need/states/0"),
        ("offer", {**offer("O-FRA-1"), "units": -1}, "/offer/units"),
        ("offer", offer("O-FRA-1", domains=["OP3C.BOR", "OP9"]), "/offer/domains/1"),
    ],
)
def test_a_record_that_is_none_is_refused_where_it_is_wrong(kind: str, record: Json, pointer: str) -> None:
    with pytest.raises(InvalidProblem) as refused:
        getattr(previews(problem([need()], [offer()], WORTH)), kind)(record)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
