"""Calendar quarters in New York, such as 2015-Q1."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.records import HEADQUARTERS

FORM = re.compile(r"([0-9]{4})-Q([1-4])")
#: Years that a quarter may lie in; the resolution is of 2004, and dates end with 9999.
YEARS = range(1945, 9999)


class InvalidQuarter(ValueError):
    """Text that names no quarter; the message says which form does."""


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a calendar year: ``Quarter(2015, 1)`` is January to March 2015."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Read ``2015-Q1``; raises InvalidQuarter."""
        found = FORM.fullmatch(text)
        if found is None or int(found[1]) not in YEARS:
            raise InvalidQuarter(
                f"{text!r} is no quarter; write a year from {YEARS[0]} to {YEARS[-1]} and Q1, Q2, Q3 or Q4, for "
                "instance 2015-Q1 for January to March 2015"
            )
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that ``day`` lies in."""
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        """As it is written: ``2015-Q1``."""
        return f"{self.year:04d}-Q{self.number}"

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """The day on which it ends."""
        return self.next.first_day - timedelta(days=1)

    @property
    def last_instant(self) -> datetime:
        """Its last microsecond in New York, in UTC."""
        return last_instant(self.last_day)

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        return self.shifted(1)

    @property
    def previous(self) -> "Quarter":
        """The quarter before it."""
        return self.shifted(-1)

    def shifted(self, quarters: int) -> "Quarter":
        """The quarter that comes so many quarters later, or earlier where the number is negative."""
        year, index = divmod(self.year * 4 + self.number - 1 + quarters, 4)
        return Quarter(year, index + 1)


def last_instant(day: date) -> datetime:
    """The last microsecond of ``day`` in New York, in UTC."""
    return datetime.combine(day, time.max, HEADQUARTERS).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The day it is in New York at ``instant``."""
    return instant.astimezone(HEADQUARTERS).date()
