"""Reading CSV: UTF-8, with commas, semicolons or tabs between the cells."""

import csv
import io
from collections.abc import Iterator

from app.imports.faults import FileRefused, LineFault
from app.imports.files import Content, Sheet, as_lines, decoded

SEPARATORS = (",", ";", "\t")
#: Longest text in one cell; the record takes 20 000 characters.
LONGEST_CELL = 1_000_000


def read_csv(content: Content) -> Sheet:
    """The table in the file; raises FileRefused."""
    text = decoded(content)
    faults: list[LineFault] = []
    header, lines = as_lines(content, _rows(content, text), faults)
    return Sheet("", header, lines, tuple(faults))


def _rows(content: Content, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it begins."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(f"{content.name} cannot be read from line {begins} on: {error}") from None


def _separator(text: str) -> str:
    """What stands between the names of the header most often."""
    header = text.partition("\n")[0]
    return max(SEPARATORS, key=header.count)
