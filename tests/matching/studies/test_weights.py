"""The numbers of a strategy: all found, moved one at a time, and never out of what the strategy itself allows."""

from decimal import Decimal

import pytest

from matching import InvalidStrategy, Strategy
from matching.studies.weights import moved, numbers, replaced
from tests.matching.builders import DECISION, default_strategy, number, strategy

pytestmark = pytest.mark.once

DEFAULT = Strategy.from_document(default_strategy())


def test_each_end_of_each_number_is_a_valid_strategy() -> None:
    for one in numbers(DEFAULT):
        for value in (one.least, one.most):
            Strategy.from_document(moved(DEFAULT.document, one, value))  # raises for one that is not


@pytest.mark.parametrize(
    "name", ["affinity.coverage.subregion.value", "fairness.state.value.2", "rules.least_relatedness.value"]
)
def test_one_step_beyond_an_end_that_the_strategy_sets_is_refused(name: str) -> None:
    one = next(each for each in numbers(DEFAULT) if each.name == name)
    for value in (one.least - one.step, one.most + one.step):
        with pytest.raises(InvalidStrategy):
            Strategy.from_document(moved(DEFAULT.document, one, value))


def test_numbers_are_called_by_their_places() -> None:
    found = {one.name: one for one in numbers(DEFAULT)}
    assert found["affinity.coverage.named_state.value"].value == 30
    assert found["urgency.priority.1.value"].value == 50
    assert found["fairness.state.value.1"].value == 24
    assert found["rules.least_relatedness.value"].step == Decimal("0.01")


def test_a_kind_of_coverage_moves_between_its_neighbours_and_a_slope_between_its_own() -> None:
    found = {one.name: [int(one.least), int(one.most)] for one in numbers(DEFAULT)}
    assert found["affinity.coverage.subregion.value"] == [12, 24]
    assert found["fairness.state.value.2"] == [8, 24]


def test_what_needs_a_decision_is_held_until_there_is_one() -> None:
    held = [one.name for one in numbers(DEFAULT) if one.held]
    assert held == ["urgency.ldc.value", "urgency.lldc.value", "urgency.sids.value", "urgency.action_plan.value"]
    decided = Strategy.from_document(strategy(urgency__ldc=number(3, DECISION)))
    assert next(one for one in numbers(decided) if one.name == "urgency.ldc.value").most == 106


def test_slopes_and_refusals_that_make_no_difference_are_left_out() -> None:
    found = [one.name for one in numbers(Strategy.from_document(strategy(objective="points")))]
    assert not [name for name in found if name.startswith(("fairness", "rules.declined_quarters"))]


def test_a_place_that_is_not_there_is_refused_and_the_document_stays_as_it_was() -> None:
    document = DEFAULT.document
    with pytest.raises(KeyError):
        replaced(document, {("urgency", "age", "value"): 1})
    changed = replaced(document, {("urgency", "never_served", "value"): Decimal("7.50")})
    assert changed["urgency"]["never_served"]["value"] == "7.5"
    assert document["urgency"]["never_served"]["value"] == "10"


def test_a_part_that_a_file_names_once_and_uses_twice_is_changed_in_one_place() -> None:
    shared = number(3)
    document = {"a": shared, "b": shared, "c": [shared]}
    assert replaced(document, {("c", 0, "value"): 4}) == {"a": number(3), "b": number(3), "c": [number(4)]}
