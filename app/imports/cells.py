"""What stands in one cell: dates, numbers, lists of codes, and text that a spreadsheet must not take for a formula."""

import re
from datetime import date

#: A spreadsheet takes a cell that begins so for a formula.
FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
#: Written before such a text, so that it stays one; also before a text that begins with it itself.
GUARD = "'"

DATED = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
WHOLE = re.compile(r"-?\d+", re.ASCII)
#: More digits than any number of the record has.
MOST_DIGITS = 15
ANSWERS = {"yes": True, "true": True, "no": False, "false": False}


class UnreadableCell(ValueError):
    """A cell does not hold what its column holds; the message says what is wrong with it."""


def guarded(value: str) -> str:
    """``value`` as it is written to a file that a spreadsheet may open."""
    return GUARD + value if value.startswith((*FORMULA_START, GUARD)) else value


def unguarded(cell: str) -> str:
    """The text that ``guarded`` was given."""
    return cell[1:] if cell.startswith(GUARD) and cell[1:].startswith((*FORMULA_START, GUARD)) else cell


def text(cell: str) -> str:
    """The cell as it stands."""
    return cell


def codes(cell: str) -> list[str]:
    """The entries between semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def urls(cell: str) -> list[str]:
    """The entries between spaces."""
    return cell.split()


def day(cell: str) -> str:
    """A date to the day, as it is written; raises UnreadableCell."""
    found, precision = dated(cell)
    if precision != "day":
        raise UnreadableCell(f"{cell!r} is not a date to the day")
    return found


def dated(cell: str) -> tuple[str, str]:
    """The first day that a date to the day, month or year can mean, and which of them it is known to."""
    found = DATED.fullmatch(cell)
    if found is None:
        raise UnreadableCell(f"{cell!r} is not a date")
    year, month, number = found.groups()
    try:
        first = date(int(year), int(month or 1), int(number or 1))
    except ValueError:
        raise UnreadableCell(f"{cell!r} is no day of the calendar") from None
    return first.isoformat(), "day" if number else "month" if month else "year"


def whole(cell: str) -> int:
    """A whole number; raises UnreadableCell."""
    if not WHOLE.fullmatch(cell):
        raise UnreadableCell(f"{cell!r} is not a whole number")
    digits = cell.lstrip("-")
    if len(digits) > MOST_DIGITS:
        raise UnreadableCell(f"is a number of {len(digits)} digits, more than any here can have")
    return int(cell)


def yes_no(cell: str) -> bool:
    """yes or no; raises UnreadableCell."""
    answer = ANSWERS.get(cell.lower())
    if answer is None:
        raise UnreadableCell(f"{cell!r} is neither yes nor no")
    return answer
