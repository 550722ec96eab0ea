"""Reading XLSX: values by calamine; formulas and broken cells, which calamine hides, from the sheet's own XML."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.imports.faults import FileRefused, LineFault
from app.imports.files import FORMULA_REMEDY, MIB, MOST_COLUMNS, MOST_ROWS, Content, Sheet, as_lines

#: Bytes that all parts of a workbook may have once unpacked, and the number of its parts.
MOST_UNPACKED = 400 * MIB
MOST_PARTS = 1_000
#: Empty rows that a table may have before it and in it, besides as many as are taken at once.
BLANK_ROWS = 1_000
#: A formula, or a cell whose value is an error, somewhere in a sheet's XML.
SUSPECT = re.compile(rb"<(?:\w+:)?f[\s/>]|\st=[\"']e[\"']")
COLUMN = re.compile(r"[A-Z]+")


def read_xlsx(content: Content, sheet_name: str | None) -> Sheet:
    """The table in one sheet of the workbook, the only visible one unless named; raises FileRefused."""
    parts = _unpacked(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        name = _choose(content, workbook, sheet_name)
        sheet = workbook.get_sheet_by_name(name)
        last_row, last_column = sheet.end or (0, 0)
        if last_column >= MOST_COLUMNS or last_row > MOST_ROWS + BLANK_ROWS:
            raise FileRefused(
                f"{content.name} has cells beyond line {MOST_ROWS:,} or column {MOST_COLUMNS}; delete them"
            )
        offset = sheet.start[1] if sheet.start else 0
        rows = [(number, [_text(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), 1)]
    except CalamineError as error:
        raise FileRefused(f"{content.name} is no workbook that can be read: {error}") from None
    faults: list[LineFault] = []
    header, lines = as_lines(content, iter(rows), faults)
    for number, column, formula in _suspects(content, parts, name):
        position = column - offset
        named = header[position] if 0 <= position < len(header) else f"column {column + 1}"
        reason = "holds a formula" if formula else "holds an error value"
        faults.append(LineFault(number, named, reason, FORMULA_REMEDY if formula else "Put a value in its place."))
    bad = {fault.line for fault in faults}
    return Sheet(name, header, tuple(line for line in lines if line.number not in bad), tuple(faults))


def _unpacked(content: Content) -> dict[str, bytes]:
    """Every XML part. All are unpacked within the limit first, since sizes that an archive declares may be lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise FileRefused(
                    f"{content.name} would unpack to more than {MOST_UNPACKED // MIB} MiB; it is not read"
                )
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileRefused(f"{content.name} is no workbook that can be read: {error}") from None


def _choose(content: Content, workbook: CalamineWorkbook, wanted: str | None) -> str:
    sheets = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if wanted is not None:
        if wanted not in sheets:
            raise FileRefused(f"{content.name} has no visible sheet {wanted!r}; it has {', '.join(sheets)}")
        return wanted
    filled = [name for name in sheets if workbook.get_sheet_by_name(name).end]
    if not filled:
        raise FileRefused(f"{content.name} is empty")
    if len(filled) > 1:
        raise FileRefused(f"{content.name} has the sheets {', '.join(filled)}; say which one with --sheet")
    return filled[0]


def _text(value: Any) -> str:
    """A cell's value as CSV would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


def _suspects(content: Content, parts: dict[str, bytes], sheet_name: str) -> Iterator[tuple[int, int, bool]]:
    """Line, column from 0, and whether it is a formula, of each cell that does not hold a plain value."""
    xml = parts[_path_of(content, parts, sheet_name)]
    if not SUSPECT.search(xml):
        return
    line, column, before = 0, -1, ""
    found: dict[tuple[int, int], bool] = {}

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal line, column, before
        name = tag.rpartition(" ")[2]
        # A row or a cell that does not say where it stands follows on the one before.
        if name == "row":
            line, column = int(attributes.get("r", line + 1)), -1
        elif name == "c":
            line, column = _position(attributes["r"]) if "r" in attributes else (line, column + 1)
            if attributes.get("t") == "e":
                found[line, column] = False
        # A formula is the first thing in its cell; validations and charts in cells have an element of that name too.
        elif name == "f" and before == "c":
            found[line, column] = True
        before = name

    _parse(content, xml, begin)
    for place, formula in found.items():
        yield (*place, formula)


def _path_of(content: Content, parts: dict[str, bytes], sheet_name: str) -> str:
    """Path of the part that holds the sheet."""
    relation = ""
    targets: dict[str, str] = {}

    def of_workbook(tag: str, attributes: dict[str, str]) -> None:
        nonlocal relation
        if tag.rpartition(" ")[2] == "sheet" and attributes.get("name") == sheet_name:
            relation = next(value for name, value in attributes.items() if name.rpartition(" ")[2] == "id")

    def of_relations(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    try:
        _parse(content, parts["xl/workbook.xml"], of_workbook)
        _parse(content, parts["xl/_rels/workbook.xml.rels"], of_relations)
        target = targets[relation]
        path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        parts[path]
    except (KeyError, StopIteration):
        raise FileRefused(f"{content.name} is not built as a workbook is; save it anew as XLSX") from None
    return path


def _parse(content: Content, xml: bytes, begin: Any) -> None:
    def refuse(*_declared: object) -> None:
        raise FileRefused(f"{content.name} declares a document type, which no workbook does; it is not read")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise FileRefused(f"{content.name} is no workbook that can be read: {error}") from None


def _position(reference: str) -> tuple[int, int]:
    """Line and column from 0 of a cell such as ``AB12``."""
    letters = COLUMN.match(reference.upper())
    assert letters is not None
    column = 0
    for letter in letters.group():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[letters.end() :]), column - 1
