"""Files of the importer's tests, and the world that lines are held to where no database is needed."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from app.imports.files import Content
from app.imports.reading import Reading, read_drafts
from app.imports.requests import World

WORLD = World(
    frozenset({"ALB", "ARM", "CAN", "PHL", "THA", "USA", "VNM"}),
    frozenset({"ASEAN", "CAN", "CARICOM", "EU"}),
    lambda group, day: frozenset({"PHL", "THA"} if group == "ASEAN" else ()),
)

#: The columns that a file of requests cannot do without, filled well.
REQUEST = {
    "id": "R-ALB-2015",
    "requester_kind": "state",
    "requester": "ALB",
    "channel": "template",
    "date_of_request": "2015-02-10",
    "domains": "OP3C.BOR",
    "modalities": "TRN",
    "weapons_scope": "nuclear",
}
OFFER = {
    "id": "O-CAN-9",
    "provider_kind": "state",
    "provider": "CAN",
    "date": "2015",
    "domains": "OP3C.BOR",
    "modalities": "TRN",
    "weapons_scope": "nuclear",
    "regions_or_states": "all",
}


def csv_of(*rows: Mapping[str, str]) -> bytes:
    """A file with a column for each key of any row."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*dict.fromkeys(name for row in rows for name in row)], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def requests_csv(*changes: dict[str, str]) -> bytes:
    """A file of one request for each of ``changes``, numbered unless they change the id."""
    return csv_of(*(REQUEST | {"id": f"R-{number}"} | change for number, change in enumerate(changes, 1)))


def offers_csv(*changes: dict[str, str]) -> bytes:
    """A file of one offer for each of ``changes``, numbered unless they change the id."""
    return csv_of(*(OFFER | {"id": f"O-{number}"} | change for number, change in enumerate(changes, 1)))


def read(data: bytes, sheet: str | None = None) -> Reading:
    """What the importer makes of the bytes."""
    return read_drafts(Content("given.csv", data), WORLD, sheet=sheet)


def written(path: Path, data: bytes) -> Path:
    """``path``, holding ``data``."""
    path.write_bytes(data)
    return path


def workbook(
    *rows: Sequence[object], sheet: str = "requests", others: dict[str, Sequence[Sequence[object]]] | None = None
) -> bytes:
    """An XLSX file; a cell ("=1+1",) is a formula."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, lines in {sheet: rows, **(others or {})}.items():
            page = book.add_worksheet(name)
            for number, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if isinstance(cell, tuple):
                        page.write_formula(number, column, *cell)
                    else:
                        page.write(number, column, cell)
    return made.getvalue()
