"""The numbers of a plan: what is refused, and what they span."""

from datetime import date
from typing import Any

import pytest

from app.generator.plan import ImpossiblePlan, Plan


def plan(**other: Any) -> Plan:
    """A plan that can be, but for what is given."""
    numbers: dict[str, Any] = {"needs": 150, "offers": 100, "groups": 8, "quarters": 4, "seed": 7}
    return Plan(**numbers | {"from_quarter": "2015-Q1"} | other)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"needs": 0}, "--needs must be between 1 and 1000000, not 0"),
        ({"needs": -5}, "--needs must be between 1 and 1000000, not -5"),
        ({"needs": 1_000_001}, "--needs must be between 1 and 1000000, not 1000001"),
        ({"offers": 0}, "--offers must be between 1 and 200000, not 0"),
        ({"offers": 200_001}, "--offers must be between 1 and 200000, not 200001"),
        ({"groups": -1}, "--groups must be between 0 and 10000, not -1"),
        ({"groups": 151}, "--groups 151 must not be more than --needs 150"),
        ({"quarters": 0}, "--quarters must be between 1 and 40, not 0"),
        ({"quarters": 41}, "--quarters must be between 1 and 40, not 41"),
        ({"seed": -1}, "--seed must be between 0 and"),
        ({"from_quarter": "2015-Q5"}, "'2015-Q5' is no quarter"),
        ({"from_quarter": "2004-Q2"}, "between 2004-Q3 and 2049-Q4, not from 2004-Q2 to 2005-Q1"),
        ({"from_quarter": "2049-Q2"}, "between 2004-Q3 and 2049-Q4, not from 2049-Q2 to 2050-Q1"),
    ],
)
def test_numbers_beyond_the_limits_are_refused_with_the_limits(other: dict[str, Any], said: str) -> None:
    with pytest.raises(ImpossiblePlan) as refusal:
        plan(**other)
    assert said in str(refusal.value)


def test_a_plan_spans_its_quarters() -> None:
    of = plan(from_quarter="2015-Q3", quarters=4)
    assert (of.starts_on, of.ends_on, str(of.last_quarter)) == (date(2015, 7, 1), date(2016, 6, 30), "2016-Q2")


def test_a_plan_can_be_written_as_the_options_that_make_it() -> None:
    assert str(plan()) == "--needs 150 --offers 100 --groups 8 --quarters 4 --seed 7 --from-quarter 2015-Q1"
