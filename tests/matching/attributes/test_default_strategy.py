"""The shipped strategy is valid, favours nobody, and its numbers stand to one another as their reasons say."""

from decimal import Decimal
from itertools import pairwise

import pytest

from matching import Problem, Strategy, solve
from tests.matching.builders import Json, default_strategy, need, offer, problem


@pytest.fixture(scope="module")
def default() -> Strategy:
    return Strategy.from_document(default_strategy())


def test_it_is_what_the_working_group_would_start_from(default: Strategy) -> None:
    assert (default.name, default.objective) == ("default", "equal_treatment")
    assert default.rules.switched_off == ()
    assert default.affinity.coverage.region_weights == {}
    urgency = default.urgency
    assert [urgency.ldc.value, urgency.lldc.value, urgency.sids.value, urgency.action_plan.value] == [0] * 4
    assert set(default.fairness.group.value) == {0}


def test_a_priority_level_is_five_quarters_of_waiting(default: Strategy) -> None:
    levels = default.urgency.priority.levels
    steps = {earlier - later for earlier, later in pairwise(levels)}
    assert steps == {5 * default.urgency.waiting.per_quarter.value}
    assert default.urgency.never_served.value in steps


def test_a_preference_counts_less_than_the_least_urgency(default: Strategy) -> None:
    least = min(default.urgency.priority.levels)
    assert default.affinity.preferred_domain.value < least
    assert default.affinity.preferred_state.value < least


def test_equal_treatment_weighs_half_of_what_separates_best_fit_from_poorest(default: Strategy) -> None:
    affinity, rules = default.affinity, default.rules
    fit = affinity.domain.fit.value * (1 - rules.least_relatedness.value)
    reach = affinity.coverage.named_state.value - affinity.coverage.worldwide.value
    spread = fit + reach + affinity.modality.value + affinity.scope.value + affinity.language.value
    slopes = default.fairness.state.value
    assert Decimal("0.4") <= (slopes[0] - slopes[-1]) / spread <= Decimal("0.6")
    urgent, slack = default.urgency.priority.levels[0], default.urgency.priority.levels[-1]
    assert slopes[0] - slopes[-1] == urgent - slack


def answered(needs: list[Json], **facts: object) -> list[str]:
    """Needs that a single unit goes to under the default strategy."""
    document = problem(needs, [offer(units=1, **facts)], default_strategy(), received={"PHL": 6})
    return [pairing["need"] for pairing in solve(Problem.from_document(document)).document["pairings"]]


def test_a_state_without_help_comes_before_one_that_had_six_units() -> None:
    assert answered([need("R-PHL-1/1"), need("R-LAO-1/1")]) == ["R-LAO-1/1"]


def test_a_much_better_fit_outweighs_help_received() -> None:
    fit = {"modalities": ["LEG"], "scopes": ["nuclear"], "languages": ["en"]}
    named = {**fit, "domains": ["OP3C.BOR"], "states": ["PHL"], "worldwide": True}
    poor = need("R-LAO-1/1", domain="OP3C", modalities=["LEG", "TRN", "EQP"], priority=3)
    assert answered([need("R-PHL-1/1", **fit), poor], **named) == ["R-PHL-1/1"]
