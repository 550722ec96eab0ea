"""Joint activities are proposed where one would meet several States' needs, to the smallest group they share."""

import pytest

from matching import Problem, solve
from matching.attributes.profiles import judge, model_of
from matching.insight.pooling import Pool, candidates, joint_need, pools, with_joint
from matching.optimise import optimise
from tests.matching.builders import Json, need, number, offer, problem, strategy

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60)


def found(document: Json) -> list[Pool]:
    compiled = model_of(judge(Problem.from_document(document)))
    return pools(compiled, optimise(compiled.model))


def summary(document: Json) -> list[tuple[str, tuple[str, ...], str, tuple[int, ...], int, int]]:
    return [
        (each.candidate.group, each.candidate.states, each.offer, each.gain, each.met_before, each.met_after)
        for each in found(document)
    ]


ASEAN = [need("R-PHL-1/1"), need("R-LAO-1/1")]


def test_one_activity_meets_what_one_unit_could_not() -> None:
    assert summary(problem(ASEAN, [offer()], WORTH)) == [("ASEAN", ("LAO", "PHL"), "O-AUS-1", (0,), 1, 2)]


def test_a_unit_that_is_freed_meets_another_need() -> None:
    asked = [*ASEAN, need("R-FJI-1/1")]
    assert summary(problem(asked, [offer(units=2)], WORTH)) == [("ASEAN", ("LAO", "PHL"), "O-AUS-1", (0,), 2, 3)]


def test_nothing_is_proposed_where_every_need_is_met_apart() -> None:
    assert summary(problem(ASEAN, [offer(units=2)], WORTH)) == []


def test_nothing_is_proposed_that_no_offer_could_serve() -> None:
    apart = [offer("O-AUS-1", worldwide=False, states=["PHL"]), offer("O-AUS-2", worldwide=False, states=["FJI"])]
    assert summary(problem(ASEAN, apart, WORTH)) == []


def test_a_need_that_the_group_has_decided_about_is_left_alone() -> None:
    pinned = [{"need": "R-PHL-1/1", "offer": "O-AUS-1", "units": 1, "member": None}]
    assert summary(problem(ASEAN, [offer()], WORTH, pinned=pinned)) == []


def test_the_gain_is_that_of_a_solve_with_the_joint_need_in_their_place() -> None:
    preferring = strategy(affinity__domain__fit=60, affinity__preferred_state=number(7))
    asked = [*ASEAN, need("R-FJI-1/1")]
    document = problem(asked, [offer(units=2, preferred_states=["PHL"])], preferring)
    read = Problem.from_document(document)
    (pool,) = found(document)
    anew = solve(Problem.from_document(with_joint(document, joint_need(read, pool.candidate), pool.candidate)))
    before = solve(read).document["objective"]
    assert pool.gain == tuple(now - was for now, was in zip(anew.document["objective"], before, strict=True))
    assert pool.gain == (-3,)


def test_the_smallest_group_that_the_states_share_is_named() -> None:
    both = [need("R-ALB-1/1"), need("R-ARM-1/1")]
    listed = list(candidates(Problem.from_document(problem(both, [offer()], WORTH))))
    assert [(each.group, each.states) for each in listed] == [("BSEC", ("ALB", "ARM"))]
    lone = [need("R-ALB-1/1"), need("R-FJI-1/1")]
    assert list(candidates(Problem.from_document(problem(lone, [offer()], WORTH)))) == []


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ({}, {}, True),
        ({"modalities": ["TRN"]}, {}, True),
        ({"modalities": ["TRN"]}, {"modalities": ["TRN", "LEG"]}, True),
        ({"modalities": ["TRN"]}, {"modalities": ["LEG"]}, False),
        ({"domain": "OP3D.LEG"}, {}, False),
        ({"domain": "UNSPEC"}, {"domain": "UNSPEC"}, False),
        ({"named": False}, {}, False),
    ],
)
def test_needs_are_alike_in_domain_and_accept_one_form_of_assistance(first: Json, second: Json, alike: bool) -> None:
    asked = [need("R-PHL-1/1", **first), need("R-LAO-1/1", **second)]
    assert bool(list(candidates(Problem.from_document(problem(asked, [offer()], WORTH))))) == alike


def test_a_joint_need_is_as_urgent_as_the_least_urgent_of_the_needs() -> None:
    worth = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))
    asked = [need("R-PHL-1/1", priority=5, waiting_since="2010-01-01"), need("R-LAO-1/1", priority=1)]
    read = Problem.from_document(problem(asked, [offer()], worth))
    joint = joint_need(read, next(candidates(read)))
    assert (joint["priority"], joint["waiting_since"], joint["delivery"]) == (1, None, "joint")
