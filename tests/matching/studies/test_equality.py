"""Figures of equal treatment: exact shares, the Gini coefficient by its definition, the States that are worst off."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.studies.equality import equality, gini

pytestmark = pytest.mark.once

shares = st.lists(st.fractions(0, 1, max_denominator=9), min_size=1, max_size=6)


@given(shares)
def test_gini_is_half_the_mean_difference_over_the_mean(drawn: list[Fraction]) -> None:
    n, total = len(drawn), sum(drawn)
    found = gini(drawn)
    if total == 0:
        assert found is None
    else:
        mean_difference = Fraction(sum(abs(a - b) for a in drawn for b in drawn), n * n)
        assert found == mean_difference / (2 * total / n)


def test_shares_alike_have_a_gini_of_zero_and_one_that_has_all_comes_near_one() -> None:
    assert gini([Fraction(1, 3)] * 4) == 0
    assert gini([Fraction(0)] * 9 + [Fraction(1)]) == Fraction(9, 10)


def test_groups_add_up_their_states_and_the_worst_off_are_all_named() -> None:
    served = {"PHL": [1, 2], "LAO": [0, 1], "JAM": [0, 3], "XKX": [2, 2], "FJI": [0, 0]}
    groups = {"PHL": "ASIA_PACIFIC", "LAO": "ASIA_PACIFIC", "JAM": "GRULAC", "XKX": None, "FJI": "ASIA_PACIFIC"}
    found = equality(served, groups)
    assert found.groups == {"ASIA_PACIFIC": (1, 3), "GRULAC": (0, 3)}
    assert found.worst_off == ["JAM", "LAO"]
    assert found.least_share == 0
    assert "FJI" not in found.states, "who asks for nothing has no share"


def test_where_nobody_asks_there_is_neither_gini_nor_a_worst_share() -> None:
    found = equality({}, {})
    assert (found.gini, found.least_share, found.worst_off) == (None, None, [])
