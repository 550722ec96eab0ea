"""Quarters of the calendar in New York."""

from datetime import UTC, date, datetime

import pytest

from app.quarters import InvalidQuarter, Quarter, day_of, last_instant


def test_a_quarter_reads_as_it_is_written() -> None:
    assert str(Quarter.parse("2015-Q1")) == "2015-Q1"
    assert Quarter.parse("2015-Q4") == Quarter(2015, 4)


@pytest.mark.parametrize(
    "text", ["2015-Q5", "2015-Q0", "2015-q1", "2015Q1", "15-Q1", " 2015-Q1", "2015-Q1\n", "9999-Q1"]
)
def test_anything_else_is_refused_with_the_valid_form(text: str) -> None:
    with pytest.raises(InvalidQuarter, match=r"a year from 1945 to 9998 and .* 2015-Q1 for January to March 2015"):
        Quarter.parse(text)


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [
        ("2015-Q1", date(2015, 1, 1), date(2015, 3, 31)),
        ("2016-Q2", date(2016, 4, 1), date(2016, 6, 30)),
        ("2015-Q3", date(2015, 7, 1), date(2015, 9, 30)),
        ("2015-Q4", date(2015, 10, 1), date(2015, 12, 31)),
    ],
)
def test_a_quarter_is_three_months(quarter: str, first: date, last: date) -> None:
    parsed = Quarter.parse(quarter)
    assert (parsed.first_day, parsed.last_day) == (first, last)
    assert Quarter.of(first) == Quarter.of(last) == parsed


def test_its_last_instant_is_new_yorks_in_summer_and_in_winter() -> None:
    assert Quarter(2015, 1).last_instant == datetime(2015, 4, 1, 3, 59, 59, 999999, UTC)
    assert Quarter(2015, 4).last_instant == datetime(2016, 1, 1, 4, 59, 59, 999999, UTC)


def test_quarters_follow_each_other_across_years() -> None:
    assert Quarter(2015, 4).next == Quarter(2016, 1)
    assert Quarter(2015, 1).previous == Quarter(2014, 4)
    assert Quarter(2015, 1).shifted(-5) == Quarter(2013, 4)


def test_the_day_of_an_instant_is_new_yorks() -> None:
    assert day_of(datetime(2015, 4, 1, 3, 59, 59, 999999, UTC)) == date(2015, 3, 31)
    assert day_of(last_instant(date(2016, 2, 29))) == date(2016, 2, 29)
