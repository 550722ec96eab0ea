"""Files that cannot be read, or not whole: what is said of them, and where it points."""

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from app.imports import files, xlsx_file
from app.imports.faults import FileRefused
from app.imports.files import FORMULA_REMEDY, Content, read_file
from tests.app.imports.builders import OFFER, REQUEST, csv_of, read, requests_csv, workbook


def repacked(data: bytes, name: str, change: bytes | None) -> bytes:
    """The workbook with one part replaced or, for None, left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        if change is not None:
            new.writestr(name, change)
    return made.getvalue()


def test_a_file_that_is_not_utf_8_is_refused_with_the_byte() -> None:
    data = requests_csv({"summary": "Formação"}).decode().encode("latin-1")
    place = data.index("ç".encode("latin-1")) + 1
    with pytest.raises(
        FileRefused, match=rf"given.csv is not UTF-8: byte {place}, in line 2, is 0xE7; save it as CSV UTF-8"
    ):
        read(data)


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert read(b"\xef\xbb\xbf" + requests_csv({})).drafts[0].reference == "R-1"


def test_missing_unknown_and_repeated_columns_are_named_together() -> None:
    with pytest.raises(FileRefused) as refused:
        read(b"id,requester,domains,domain_basis,id,,channel,requester_kind,modalities\n")
    assert str(refused.value) == (
        "the header of given.csv cannot be used: column date_of_request is missing; column weapons_scope is missing; "
        "there is no column 'domain_basis', did you mean domains_basis or domains or modalities_basis?; "
        "column id is there twice; column 6 has no name"
    )


def test_a_file_of_neither_kind_is_refused() -> None:
    with pytest.raises(FileRefused, match=r"its header needs requester \(requests\) or provider \(offers\)"):
        read(b"name,town\nA,B\n")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_told_from_the_header(separator: str) -> None:
    rows = [separator.join(REQUEST), separator.join(f'"{cell}"' for cell in REQUEST.values())]
    assert read("\n".join(rows).encode()).drafts[0].document["requester"] == "state:ALB"


def test_a_line_of_another_length_is_reported_and_the_others_are_read() -> None:
    data = requests_csv({}, {}, {}).splitlines(keepends=True)
    data[2] = data[2].replace(b"ALB", b"ALB,ALB", 1)
    reading = read(b"".join(data))
    assert [draft.line for draft in reading.drafts] == [2, 4]
    assert [(fault.line, fault.reason) for fault in reading.faults] == [(3, "has 9 cells, the header has 8")]


def test_lines_are_counted_as_an_editor_shows_them() -> None:
    reading = read(requests_csv({"summary": "one\ntwo"}, {"summary": "x"}))
    assert [draft.line for draft in reading.drafts] == [2, 4]


def test_an_unfinished_quotation_is_refused_with_its_line() -> None:
    with pytest.raises(FileRefused, match="cannot be read from line 3 on"):
        read(requests_csv({}) + b'R-2,"state\n')


def test_a_formula_is_reported_with_its_column() -> None:
    reading = read(requests_csv({"summary": "=HYPERLINK(1)"}, {}))
    assert [(fault.line, fault.column, fault.remedy) for fault in reading.faults] == [(2, "summary", FORMULA_REMEDY)]
    assert [draft.line for draft in reading.drafts] == [3]


def test_a_text_that_begins_like_a_formula_can_be_written_with_an_apostrophe() -> None:
    texts = ["=1+1", "+41", "-", "@home", "'=quoted", "'quoted"]
    reading = read(requests_csv(*({"summary": text if text == "'quoted" else f"'{text}"} for text in texts)))
    assert [draft.document["summary"] for draft in reading.drafts] == texts
    assert reading.faults == []


def test_more_lines_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 3)
    assert len(read(requests_csv({}, {}, {})).drafts) == 3
    with pytest.raises(FileRefused, match="has more than 3 lines; split it"):
        read(requests_csv({}, {}, {}, {}))


def test_the_limit_of_lines_is_a_hundred_thousand() -> None:
    header, row = csv_of(OFFER).splitlines(keepends=True)
    with pytest.raises(FileRefused, match=r"has more than 100,000 lines"):
        read(header + row * 100_001)


def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", files.MIB)
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * (files.MIB + 1))
    with pytest.raises(FileRefused, match=r"large.csv is larger than 1 MiB; split it"):
        read_file(path)


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match="is empty"):
        read(read_file(path).data)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="is a folder"):
        read_file(tmp_path)


def test_a_workbook_reads_as_the_same_table_in_csv_does() -> None:
    reading = read(workbook([*REQUEST], [*REQUEST.values()]))
    expected = read(csv_of(REQUEST))
    assert reading.sheet == "requests"
    assert [draft.document for draft in reading.drafts] == [draft.document for draft in expected.drafts]


def test_dates_and_numbers_of_a_workbook_read_as_they_are_meant() -> None:
    columns = [*REQUEST, "units", "date_precision"]
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, columns)
        page.write_row(1, 0, [*(REQUEST | {"date_of_request": ""}).values(), 3, "month"])
        # A spreadsheet turns 2013-12 into the first of the month by itself.
        page.write_datetime(1, 4, datetime(2013, 12, 1), made.add_format({"num_format": "yyyy-mm"}))  # noqa: DTZ001
    reading = read(book.getvalue())
    assert reading.faults == []
    document = reading.drafts[0].document
    assert (document["dated_on"], document["date_precision"]) == ("2013-12-01", "month")
    assert document["needs"][0]["units"] == 3


def test_formulas_and_errors_of_a_workbook_are_found_behind_their_values() -> None:
    columns = [*REQUEST, "summary"]
    good = [*REQUEST.values(), "text"]
    reading = read(
        workbook(
            columns,
            good,
            [("=UPPER(A2)", None, "R-2"), *good[1:]],
            ["R-3", *good[1:-1], ("=NA()", None, "#N/A")],
            ["R-4", *good[1:-1], "=a text that looks like one"],
        )
    )
    assert [(fault.line, fault.column, fault.reason) for fault in sorted(reading.faults)] == [
        (3, "id", "holds a formula"),
        (4, "summary", "holds a formula"),
        (5, "summary", "holds a formula"),
    ]
    assert [draft.line for draft in reading.drafts] == [2]


def test_a_formula_is_found_in_a_workbook_whose_cells_do_not_say_where_they_stand() -> None:
    good = [*REQUEST.values()]
    data = workbook([*REQUEST], good, ["R-2", ("=UPPER(A2)", None, "state"), *good[2:]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    bare, n_bare = re.subn(rb'<(c|row) r="\w+"', rb"<\1", xml)
    assert n_bare == 3 * (1 + len(REQUEST))
    reading = read(repacked(data, "xl/worksheets/sheet1.xml", bare))
    assert [(fault.line, fault.column, fault.reason) for fault in reading.faults] == [
        (3, [*REQUEST][1], "holds a formula")
    ]
    assert [draft.line for draft in reading.drafts] == [2]


def test_what_a_chart_in_a_cell_refers_to_is_no_formula_of_the_table() -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        page = made.add_worksheet("requests")
        page.write_row(0, 0, [*REQUEST])
        page.write_row(1, 0, [*REQUEST.values()])
        page.add_sparkline(5, 0, {"range": "requests!A2:C2"})
    reading = read(book.getvalue())
    assert reading.faults == []
    assert len(reading.drafts) == 1


def test_a_table_that_does_not_begin_in_the_corner_keeps_its_line_numbers() -> None:
    blank: list[object] = ["", "", *[""] * len(REQUEST)]
    formula = ["", "", ("=A1", None, "R-9"), *[*REQUEST.values()][1:]]
    reading = read(workbook(blank, blank, ["", "", *REQUEST], ["", "", *REQUEST.values()], formula))
    assert [draft.line for draft in reading.drafts] == [4]
    assert [(fault.line, fault.column) for fault in reading.faults] == [(5, "id")]


def test_of_several_sheets_one_must_be_named() -> None:
    data = workbook([*REQUEST], [*REQUEST.values()], others={"notes": [["remember"]], "empty": []})
    with pytest.raises(FileRefused, match="has the sheets requests, notes; say which one with --sheet"):
        read(data)
    assert len(read(data, sheet="requests").drafts) == 1
    with pytest.raises(FileRefused, match="no visible sheet 'request'"):
        read(data, sheet="request")


def test_an_archive_that_unpacks_beyond_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_UNPACKED", files.MIB)
    bomb = repacked(workbook([*REQUEST]), "xl/worksheets/sheet9.xml", b"0" * 2 * files.MIB)
    assert len(bomb) < 20_000
    with pytest.raises(FileRefused, match="would unpack to more than 1 MiB"):
        read(bomb)


def test_an_archive_that_lies_about_its_sizes_is_not_read() -> None:
    data = workbook([*REQUEST], [*REQUEST.values()])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    size = entry.file_size.to_bytes(4, "little")
    with pytest.raises(FileRefused, match="no workbook that can be read"):
        read(data.replace(size, (10).to_bytes(4, "little")))


def test_a_document_type_in_a_workbook_is_refused() -> None:
    data = workbook([*REQUEST], [("=A1", None, "R-1"), *[*REQUEST.values()][1:]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    entity = b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet'
    with pytest.raises(FileRefused, match="declares a document type"):
        read(repacked(data, "xl/worksheets/sheet1.xml", xml.replace(b"<worksheet", entity, 1)))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
def test_a_workbook_without_one_of_its_parts_is_refused(part: str) -> None:
    with pytest.raises(FileRefused):
        read(repacked(workbook([*REQUEST], [*REQUEST.values()]), part, None))


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(FileRefused, match="no workbook that can be read"):
        read(made.getvalue())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is no JSON object"),
        (b'{"record": "offer", "record": "offer"}', "record is given twice"),
        (b'{"record": NaN}', "NaN is no number"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is no JSON object"),
    ],
)
def test_a_line_that_is_no_json_object_is_reported(line: bytes, reason: str) -> None:
    reading = read(b'{"record": "offer", "reference": "O-1"}\n\n' + line + b"\n")
    assert [(fault.line, reason in fault.reason) for fault in reading.faults] == [(3, True)]
    assert [draft.reference for draft in reading.drafts] == ["O-1"]


def test_bytes_are_known_for_what_they_are_whatever_the_name_says() -> None:
    assert Content("a.csv", workbook([*REQUEST])).is_workbook
    assert Content("a.xlsx", b' {"record": 1}').is_ndjson
