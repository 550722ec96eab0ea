"""Sensitivity: the ends that halving finds are those of a search through every step."""

import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Problem, Strategy, solve
from matching.studies.changes import Change, changed, proposed
from matching.studies.sensitivity import Leeway, leeway
from matching.studies.weights import Number, moved, numbers
from tests.matching.builders import Json, need, number, offer, problem, strategy
from tests.matching.draws import problems

pytestmark = pytest.mark.once

DRAWS = int(os.environ.get("MATCHING_DRAWS", "12"))


def pairings(document: Mapping[str, Any]) -> dict[tuple[str, str, str], int]:
    return proposed(solve(Problem.from_document(document)).document)


def number_of(document: Json, name: str) -> Number:
    strategy = Strategy.from_document(document["strategy"])
    return next(one for one in numbers(strategy) if one.name == name)


def found(document: Json, name: str) -> Leeway:
    return leeway(document, number_of(document, name), pairings(document), pairings)


@pytest.fixture
def rivals() -> Json:
    """Two needs want one unit: one of priority 2 (40 points), one of priority 3 (30 points)."""
    by_priority = strategy(affinity__domain__fit=60, urgency__priority__2=40, urgency__priority__3=30)
    needs = [need("R-PHL-1/1", priority=2), need("R-LAO-1/1", priority=3)]
    return problem(needs, [offer()], by_priority)


def test_the_unit_changes_hands_where_the_other_priority_overtakes(rivals: Json) -> None:
    side = found(rivals, "urgency.priority.3.value").up
    assert side.stays_until in (39, 40), "at 40 both are worth the same, and the lots decide"
    assert side.changes_at == side.stays_until + 1
    assert side.changes == (
        Change(("R-LAO-1/1", "", "O-AUS-1"), 0, 1),
        Change(("R-PHL-1/1", "", "O-AUS-1"), 1, 0),
    )


def test_a_number_that_decides_nothing_can_go_as_far_as_it_is_moved(rivals: Json) -> None:
    side = found(rivals, "affinity.record.value").up
    assert side.stays_until == 100
    assert side.changes_at is None and side.changes == ()


def test_a_number_that_needs_a_decision_is_not_moved(rivals: Json) -> None:
    side = found(rivals, "urgency.ldc.value").up
    assert side.stays_until == 0
    assert side.changes_at is None


def test_a_step_is_a_hundredth_of_a_share(rivals: Json) -> None:
    rivals["needs"] = rivals["needs"][:1]
    rivals["offers"] = [offer(domains=["OP3C"])]
    side = found(rivals, "relatedness.parent_child.value").down
    assert (side.stays_until, side.changes_at) == (Decimal("0.6"), Decimal("0.59")), "the least relatedness is 0.6"


def test_the_last_step_ends_at_the_furthest_value(rivals: Json) -> None:
    rivals["strategy"]["urgency"]["priority"]["3"] = number("0.5")
    whole = found(rivals, "urgency.priority.3.value").down
    assert whole.stays_until == 0
    assert whole.changes_at is None


@settings(max_examples=DRAWS, deadline=None)
@given(problems(most_needs=3, pins=False, least_points=0), st.data())
def test_halving_finds_what_a_search_through_every_step_finds(document: Json, data: st.DataObject) -> None:
    names = ("affinity.modality.value", "urgency.priority.3.value", "fairness.state.value.0")
    strategy = Strategy.from_document(document["strategy"])
    one = data.draw(st.sampled_from([one for one in numbers(strategy) if one.name in names]))
    kept = pairings(document)
    side = leeway(document, one, kept, pairings).up
    steps = int(one.most - one.value)
    differs = [
        bool(changed(kept, pairings({**document, "strategy": moved(document["strategy"], one, one.value + step)})))
        for step in range(min(steps, 24) + 1)
    ]
    first = differs.index(True) if True in differs else None
    if first is not None:
        assert side.changes_at == one.value + first
    else:
        assert side.stays_until >= one.value + min(steps, 24)
