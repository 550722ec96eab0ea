"""A preview says what a solve with the record in the problem says, and changes nothing."""

import random
from typing import Any

import pytest
from hypothesis import given, settings

from matching import InvalidProblem, Problem, solve
from matching.attributes.profiles import judge, model_of
from matching.insight.edits import NotWarm
from matching.insight.preview import Preview, Previews
from matching.insight.warm import Warm
from matching.optimise import optimise
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.model_draws import draws

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))


def previews(document: Json) -> Previews:
    compiled = model_of(judge(Problem.from_document(document)))
    return Previews(compiled, Warm(compiled.model, optimise(compiled.model)))


def objective(document: Json) -> Any:
    return solve(Problem.from_document(document)).document["objective"]


@settings(max_examples=draws(10), deadline=None)
@given(problems(pins=False, least_points=1))
def test_the_gain_is_that_of_a_solve(document: Json) -> None:
    national = [each for each in document["needs"] if each["delivery"] is None and each["named"]]
    document = {**document, "needs": national, "declined": [], "earlier": [], "forbidden": []}
    if not national or not document["offers"]:
        return
    warm, draw = previews(document), random.Random(len(national))
    changed = {**draw.choice(national), "priority": draw.randint(1, 5), "units": draw.randint(1, 3)}
    others = [each for each in national if each["id"] != changed["id"]]
    assert warm.need(changed).gain[0] == (
        objective({**document, "needs": [*others, changed]})[0] - objective(document)[0]
    )
    given_more = {**draw.choice(document["offers"]), "units": draw.randint(0, 4)}
    rest = [each for each in document["offers"] if each["id"] != given_more["id"]]
    assert warm.offer(given_more).gain[0] == (
        objective({**document, "offers": [*rest, given_more]})[0] - objective(document)[0]
    )
    added = {**given_more, "id": "O-NEW"}
    assert warm.offer(added).gain[0] == (
        objective({**document, "offers": [*document["offers"], added]})[0] - objective(document)[0]
    )


def test_a_new_need_is_told_its_offer_and_whom_it_would_displace() -> None:
    warm = previews(problem([need()], [offer()], WORTH))
    assert warm.need(need("R-FJI-9/1", priority=5)) == Preview(
        (40,), ((None, None, "O-AUS-1", 1),), {("R-PHL-1/1", None): 1}
    )


def test_of_needs_worth_the_same_the_previewed_one_waits() -> None:
    warm = previews(problem([need()], [offer()], WORTH))
    assert warm.need(need("R-FJI-9/1")) == Preview((0,), (), {})


def test_a_changed_need_does_not_displace_itself() -> None:
    warm = previews(problem([need()], [offer(units=2)], WORTH))
    assert warm.need(need(units=2)) == Preview((60,), ((None, None, "O-AUS-1", 2),), {})


def test_a_new_offer_is_told_whom_it_would_serve() -> None:
    warm = previews(problem([need("R-PHL-1/1"), need("R-LAO-1/1", priority=5)], [offer()], WORTH))
    assert warm.offer(offer("O-FRA-1")) == Preview((60,), (("R-PHL-1/1", None, None, 1),), {})


def test_members_are_previewed_by_a_solve() -> None:
    warm = previews(problem([need()], [offer()], WORTH))
    with pytest.raises(NotWarm):
        warm.need(group_need("R-CARICOM-1/1", ["JAM"], "per_member"))


def test_a_record_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidProblem):
        previews(problem([need()], [offer()], WORTH)).need({**need("R-FJI-9/1"), "priority": 9})
    with pytest.raises(InvalidProblem):
        previews(problem([need()], [offer()], WORTH)).offer({**offer("O-FRA-1"), "units": -1})
