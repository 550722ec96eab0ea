"""What the n-th unit earns, joined into runs: the same as counting unit by unit."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from matching import Problem
from matching.fairness import Fairness
from tests.matching.builders import need, offer, problem, strategy

slopes = st.lists(st.integers(0, 6), min_size=1, max_size=5).map(lambda values: sorted(values, reverse=True))


def fairness(state: list[int], group: list[int], received: int = 0) -> Fairness:
    """Gains of two States of Asia-Pacific, one of which has received units."""
    fair = strategy(objective="equal_treatment", fairness__state=state, fairness__group=group)
    document = problem([need("R-LAO-1/1"), need("R-PHL-1/1")], [offer()], fair, received={"PHL": received})
    return Fairness(Problem.from_document(document))


@given(slopes, st.integers(0, 6), st.integers(0, 12))
def test_a_state_earns_the_slopes_after_those_of_its_receipts(state: list[int], received: int, units: int) -> None:
    earned = [state[min(received + n, len(state) - 1)] for n in range(units)]
    gains = fairness(state, [0], received)
    runs = gains.state_runs("PHL", units)
    assert [run.slope for run in runs for _ in range(run.units)] == earned
    assert gains.gain({"PHL": units}) == sum(earned)
    assert all(later.slope < earlier.slope for earlier, later in pairwise(runs))


@given(slopes, st.integers(0, 12))
def test_a_regional_group_earns_each_slope_once_for_each_asking_state(group: list[int], units: int) -> None:
    earned = [group[min(n // 2, len(group) - 1)] for n in range(units)]
    gains = fairness([0], group)
    assert [run.slope for run in gains.group_runs("ASIA_PACIFIC", units) for _ in range(run.units)] == earned
    assert gains.gain({"LAO": units // 2, "PHL": units - units // 2}) == sum(earned)


def test_a_billion_units_are_a_few_runs() -> None:
    gains = fairness([9, 4, 1], [5, 0])
    assert [(run.units, run.slope) for run in gains.state_runs("PHL", 10**9)] == [(1, 9), (1, 4), (10**9 - 2, 1)]
    assert gains.gain({"PHL": 10**9}) == 9 + 4 + (10**9 - 2) + 2 * 5


def test_the_objective_points_has_no_such_gains() -> None:
    document = problem([need()], [offer()], strategy(fairness__state=[9]))
    gains = Fairness(Problem.from_document(document))
    assert not gains.matters
    assert gains.gain({"PHL": 1}) == 0
