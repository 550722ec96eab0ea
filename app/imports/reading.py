"""From a file to drafts: which kind of file it is, whether its header is right, which lines make up a record."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from app.imports.columns import COLUMNS, TELLING, Column
from app.imports.csv_file import read_csv
from app.imports.drafts import Draft
from app.imports.faults import FileRefused, LineFault
from app.imports.files import Content, Line, Sheet
from app.imports.ndjson_file import read_ndjson
from app.imports.offers import offer_draft
from app.imports.requests import World, request_draft
from app.imports.xlsx_file import read_xlsx
from app.problems import suggest


@dataclass(frozen=True)
class Reading:
    """What a file holds. ``faults`` are of the drafts and of lines that make up none."""

    sheet: str
    drafts: list[Draft]
    faults: list[LineFault]


def read_drafts(content: Content, world: World, sheet: str | None = None) -> Reading:
    """Every record of the file; whether of requests or of offers, its header tells. Raises FileRefused."""
    if content.is_ndjson:
        drafts, faults = read_ndjson(content)
        return Reading("", drafts, [*faults, *_repeated(drafts)])
    table = read_xlsx(content, sheet) if content.is_workbook else read_csv(content)
    kind = _kind(content, table)
    columns = COLUMNS[kind]
    _check_header(content, table, columns)
    made = [*_offers(table, columns, world)] if kind == "offers" else [*_requests(table, columns, world)]
    drafts = [draft for draft, _ in made]
    faults = [*table.faults, *(fault for _, found in made for fault in found), *_repeated(drafts)]
    return Reading(table.name, drafts, faults)


def _kind(content: Content, table: Sheet) -> str:
    kinds = [kind for kind, column in TELLING.items() if column in table.header]
    if len(kinds) != 1:
        told = " or ".join(f"{column} ({kind})" for kind, column in TELLING.items())
        raise FileRefused(f"{content.name} is not known for a file of requests or of offers: its header needs {told}")
    return kinds[0]


def _check_header(content: Content, table: Sheet, columns: Mapping[str, Column]) -> None:
    """Raise FileRefused for columns that are missing, unknown, without a name or there twice."""
    complaints = [
        f"column {name} is missing" for name, column in columns.items() if column.needed and name not in table.header
    ]
    for position, name in enumerate(table.header, 1):
        if not name:
            complaints.append(f"column {position} has no name")
        elif name not in columns:
            complaints.append(f"there is no column {name!r}, {suggest(name, columns)}")
        elif table.header.index(name) < position - 1:
            complaints.append(f"column {name} is there twice")
    if complaints:
        raise FileRefused(f"the header of {content.name} cannot be used: {'; '.join(complaints)}")


def _offers(table: Sheet, columns: Mapping[str, Column], world: World) -> Iterator[tuple[Draft, Iterable[LineFault]]]:
    for line in table.lines:
        yield offer_draft(line, columns, world)


def _requests(table: Sheet, columns: Mapping[str, Column], world: World) -> Iterator[tuple[Draft, Iterable[LineFault]]]:
    """Lines with one id that follow on each other make up one request."""
    for _, group in groupby(table.lines, key=lambda line: line.cells["id"].strip() or line.number):
        lines = [*group]
        draft, faults = request_draft(lines, columns, world)
        yield draft, [*faults, *_same_again(lines)]


def _same_again(lines: list[Line]) -> Iterator[LineFault]:
    """A line that repeats the one before is a slip, unless the needs are numbered."""
    for before, line in pairwise(lines):
        if line.cells == before.cells and not line.cells.get("need_number", "").strip():
            remedy = "Take it out, or number the needs in a column need_number."
            yield LineFault(line.number, "id", f"is line {before.number} again", remedy)


def _repeated(drafts: Iterable[Draft]) -> Iterator[LineFault]:
    """A reference names one record."""
    first: dict[str, int] = {}
    for draft in drafts:
        if not draft.reference:
            continue
        if draft.reference in first:
            line, column = draft.place("/reference")
            reason = f"{draft.reference} is in line {first[draft.reference]} already"
            yield LineFault(
                line, column, reason, "Give each record an id of its own; lines of one request follow on each other."
            )
        first.setdefault(draft.reference, draft.line)
