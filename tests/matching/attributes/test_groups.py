"""Group needs: members in full or not at all, the least number or none, and the best of all such choices."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Problem, check, reference, solve
from matching.optimum.flow import by_highs, by_lemon, by_networkx
from tests.matching.builders import STATES, Json, group_need, need, offer, problem, strategy


def solved(document: Json, **options: Any) -> Json:
    """The result document, checked."""
    read = Problem.from_document(document)
    result = dict(solve(read, **options).document)
    assert check(read, result) == []
    return result


def members(result: Json) -> list[str]:
    """Members served, in order."""
    return [pairing["member"] for pairing in result["pairings"] if pairing["member"]]


@st.composite
def contested(draw: st.DrawFn) -> Json:
    """Per-member needs and national ones that compete for few units."""
    codes = sorted(STATES)
    needs = [
        group_need(
            f"R-G{number}-1/1",
            draw(st.lists(st.sampled_from(codes), min_size=1, max_size=4, unique=True)),
            "per_member",
            units=draw(st.integers(1, 3)),
            least=draw(st.sampled_from([None, 1, 2, 3])),
            priority=draw(st.integers(1, 5)),
        )
        for number in range(draw(st.integers(1, 2)))
    ]
    needs += [
        need(f"R-{draw(st.sampled_from(codes))}-{n}/1", units=draw(st.integers(1, 2)), priority=draw(st.integers(1, 5)))
        for n in range(draw(st.integers(0, 2)))
    ]
    offers = [
        offer(
            f"O-AUS-{n}",
            units=draw(st.integers(1, 4)),
            states=draw(st.lists(st.sampled_from(codes), max_size=2, unique=True)),
            worldwide=draw(st.booleans()),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    slopes = st.lists(st.integers(0, 8), min_size=1, max_size=3).map(lambda values: sorted(values, reverse=True))
    weights = strategy(
        objective=draw(st.sampled_from(["points", "equal_treatment"])),
        affinity__domain__fit=5,
        affinity__coverage__named_state=draw(st.sampled_from([0, 4])),
        fairness__state=draw(slopes),
        **{f"urgency__priority__{level}": draw(st.integers(-3, 5)) for level in range(1, 6)},
    )
    document = problem(needs, offers, weights)
    if draw(st.sampled_from([False, False, True])):
        chosen = draw(st.sampled_from(needs))
        member = draw(st.sampled_from(chosen["states"])) if chosen.get("delivery") else None
        document["pinned"] = [{"need": chosen["id"], "offer": "O-AUS-0", "units": 1, "member": member}]
    return document


@settings(max_examples=60, deadline=None)
@given(contested())
def test_agrees_with_exhaustive_search(document: Json) -> None:
    best = reference.best(Problem.from_document(document))
    result = solved(document)
    assert result["objective"] == ([] if best is None else [best.objective])
    assert result["status"] == ("infeasible" if best is None else "optimal")


@settings(max_examples=30, deadline=None)
@given(contested())
def test_every_solver_chooses_the_same_members(document: Json) -> None:
    read = Problem.from_document(document)
    assert len({solve(read, solver=solver).result_hash for solver in (by_lemon, by_highs, by_networkx)}) == 1


ASEAN = ["LAO", "PHL"]
FOUR = ["ALB", "ARM", "FJI", "JAM"]


def test_a_group_gets_its_least_number_or_nothing() -> None:
    for capacity, expected in ((1, 0), (2, 2), (3, 3), (4, 4), (9, 4)):
        group = group_need("R-G-1/1", FOUR, "per_member", least=2)
        assert len(members(solved(problem([group], [offer(units=capacity)])))) == expected


def test_without_a_least_number_all_members_are_served_or_none() -> None:
    group = group_need("R-G-1/1", FOUR, "per_member")
    assert members(solved(problem([group], [offer(units=3)]))) == []
    assert members(solved(problem([group], [offer(units=4)]))) == FOUR


def test_a_member_is_served_in_full_or_not_at_all() -> None:
    group = group_need("R-G-1/1", FOUR, "per_member", least=1, units=2)
    result = solved(problem([group], [offer(units=3), offer("O-AUS-2", units=2)]))
    assert result["units"] == 4
    assert len(set(members(result))) == 2
    assert {entry["code"] for entry in result["unmatched"]} == {"NOT_WHOLE"}


def test_a_member_may_be_served_by_several_offers() -> None:
    group = group_need("R-G-1/1", ["LAO"], "per_member", units=2)
    result = solved(problem([group], [offer("O-AUS-1"), offer("O-AUS-2")]))
    assert [(pairing["member"], pairing["offer"]) for pairing in result["pairings"]] == [
        ("LAO", "O-AUS-1"),
        ("LAO", "O-AUS-2"),
    ]


def test_a_group_is_served_at_the_cost_of_others_only_if_that_is_worth_more_in_all() -> None:
    group = group_need("R-G-1/1", ASEAN, "per_member", priority=3)
    rivals = [need("R-ALB-1/1", priority=1), need("R-ARM-1/1", priority=5)]
    document = problem([group, *rivals], [offer(units=2)])
    for second, served in ((15, []), (5, ASEAN)):
        document["strategy"] = strategy(urgency__priority__1=20, urgency__priority__3=15, urgency__priority__5=second)
        assert members(solved(document)) == served


def test_a_pinned_member_brings_its_group_to_the_least_number() -> None:
    group = group_need("R-G-1/1", ASEAN, "per_member", priority=5)
    rival = need("R-ALB-1/1", units=2, priority=1)
    pin = {"need": "R-G-1/1", "offer": "O-AUS-1", "units": 1, "member": "LAO"}
    urgent = strategy(urgency__priority__1=50, urgency__priority__5=1)
    document = problem([group, rival], [offer(units=2)], urgent)
    assert members(solved(document)) == []
    assert members(solved(document | {"pinned": [pin]})) == ASEAN


def test_a_pinned_member_whose_group_cannot_reach_its_number_is_infeasible() -> None:
    group = group_need("R-G-1/1", ASEAN, "per_member")
    pin = {"need": "R-G-1/1", "offer": "O-AUS-1", "units": 1, "member": "LAO"}
    result = solved(problem([group], [offer(units=1)], pinned=[pin]))
    assert (result["status"], result["reason"]) == ("infeasible", {"code": "PIN_SPLITS_GROUP", "params": {}})


def test_two_pinned_groups_that_cannot_both_be_kept_are_infeasible() -> None:
    groups = [group_need(f"R-G{n}-1/1", ASEAN, "per_member") for n in (1, 2)]
    pins = [{"need": g["id"], "offer": "O-AUS-1", "units": 1, "member": "LAO"} for g in groups]
    assert solved(problem(groups, [offer(units=3)], pinned=pins))["reason"]["code"] == "PIN_SPLITS_GROUP"
    assert solved(problem(groups, [offer(units=4)], pinned=pins))["status"] == "optimal"


def test_two_pinned_members_that_cannot_both_be_served_in_full_are_infeasible() -> None:
    groups = [group_need(f"R-G{n}-1/1", ["LAO"], "per_member", units=2) for n in (1, 2)]
    pins = [{"need": g["id"], "offer": "O-AUS-1", "units": 1, "member": "LAO"} for g in groups]
    assert solved(problem(groups, [offer(units=3)], pinned=pins))["status"] == "infeasible"


def test_a_joint_activity_is_outside_the_equal_treatment_of_states() -> None:
    joint = group_need("R-G-1/1", ASEAN, "joint", units=2)
    fair = strategy(objective="equal_treatment", affinity__domain__fit=10, fairness__state=[5, 0])
    result = solved(problem([joint, need("R-PHL-1/1")], [offer(units=3)], fair))
    assert result["objective"] == [3 * 10 + 5]
    assert result["served"] == {"PHL": [1, 1]}


def test_a_group_none_of_whose_members_has_confirmed_is_reported() -> None:
    groups = [group_need(f"R-G-{n}/1", [], delivery) for n, delivery in enumerate(("joint", "per_member"))]
    result = solved(problem(groups, [offer()]))
    assert [entry["code"] for entry in result["unmatched"]] == ["NO_CONFIRMED_BENEFICIARY"] * 2


def crowded() -> Json:
    """Groups that the flow leaves in breach, so that members have to be chosen."""
    codes = sorted(STATES)
    groups = [
        group_need(f"R-G{n}-1/1", codes[n:] + codes[:n], "per_member", units=2, least=3, priority=1 + n)
        for n in range(4)
    ]
    weights = strategy(affinity__domain__fit=10, **{f"urgency__priority__{level}": 6 - level for level in range(1, 6)})
    return problem(groups, [offer(f"O-AUS-{n}", units=5, states=codes[n : n + 2]) for n in range(3)], weights)


def test_out_of_time_the_best_pairings_known_come_with_a_bound() -> None:
    best = solved(crowded())
    cut_short = solved(crowded(), time_limit_s=0)
    assert (best["status"], cut_short["status"]) == ("optimal", "time_limit")
    assert cut_short["objective"] <= best["objective"] <= cut_short["bound"]


def test_a_time_limit_that_is_not_reached_changes_nothing() -> None:
    assert solved(crowded(), time_limit_s=600) == solved(crowded())


def test_out_of_time_with_pins_there_may_be_nothing_to_propose() -> None:
    groups = [group_need(f"R-G{n}-1/1", ASEAN, "per_member", least=2, priority=n) for n in (1, 2)]
    pins = [{"need": "R-G2-1/1", "offer": "O-AUS-1", "units": 1, "member": "LAO"}]
    document = problem(groups, [offer(units=3)], strategy(urgency__priority__1=9, urgency__priority__2=1), pinned=pins)
    assert members(solved(document)) == ASEAN
    cut_short = solved(document, time_limit_s=0)
    assert (cut_short["status"], cut_short["objective"], cut_short["pairings"]) == ("time_limit", [], [])
    assert cut_short["reason"] == {"code": "NOTHING_FOUND", "params": {}}
    assert cut_short["bound"] >= solved(document)["objective"]


def test_lots_that_tie_are_drawn_again_until_one_choice_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two groups of equal members that want the same five units: many choices are worth the same.
    groups = [group_need(f"R-G{n}-1/1", sorted(STATES), "per_member", units=2, least=2) for n in (1, 2)]
    document = problem(groups, [offer(units=5)])
    monkeypatch.setattr("matching.conditions.choosing.LOT_BITS", 1)
    results = [solved(document, solver=solver) for solver in (by_lemon, by_highs, by_networkx)]
    assert results[0]["objective"] == [4 * 60]
    assert results[0] == results[1] == results[2]
    document["needs"].reverse()
    assert solved(document) == results[0]


def test_members_are_chosen_exactly_where_numbers_are_too_large_for_floats() -> None:
    members = sorted(STATES)[:3]
    groups = [group_need(f"R-G{n}-1/1", members, "per_member", units=2, least=2) for n in range(2)]
    offers = [offer(f"O-AUS-{n}", units=3, states=members[n : n + 2]) for n in range(2)]
    document = problem(groups, offers, strategy(affinity__domain__fit=2**45))
    results = [solved(document, solver=solver) for solver in (by_lemon, by_networkx)]
    assert results[0]["status"] == "optimal"
    assert results[0]["objective"][0] > 2**46
    assert results[0]["pairings"] == results[1]["pairings"]
