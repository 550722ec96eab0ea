"""Documents as lines in the columns of the import file."""

import json
from collections.abc import Iterator
from typing import Any

from app.exports.documents import Document, requester_cells
from app.imports.cells import guarded
from app.imports.columns import COLUMNS, Column
from app.reference.vocabulary import UNSPECIFIED

#: Fact of a need -> the field that states it and its column.
NEED_FACTS = {
    "domain": ("domain", "domains"),
    "modalities": ("modalities", "modalities"),
    "scopes": ("scopes", "weapons_scope"),
    "languages": ("languages", "languages"),
    "units": ("units", "units"),
    "priority": ("priority", "priority"),
    "delivery": ("delivery", "delivery"),
}
#: Fact of an offer -> the fields that state it and the beginning of its basis column.
OFFER_FACTS = {
    "domains": (("domains",), "domains"),
    "modalities": (("modalities",), "modalities"),
    "scopes": (("scopes",), "weapons_scope"),
    "languages": (("languages",), "languages"),
    "coverage": (("worldwide", "coverage_states", "coverage_groups", "coverage_regions"), "coverage"),
    "capacity": (("capacity_per_quarter", "capacity_total"), "capacity"),
    "validity": (("valid_from", "valid_until"), "validity"),
}
#: On what a fact rests that is not given: nothing, but for those that are then assumed.
ABSENT = {"units": "assumed", "priority": "assumed", "capacity": "assumed"}
#: Characters of a date of this precision.
DATE_LENGTH = {"day": 10, "month": 7, "year": 4}

Cells = dict[str, str]


def header(kind: str) -> list[str]:
    """Names of all columns of files of this kind."""
    return [*COLUMNS[kind]]


def request_rows(document: Document) -> Iterator[list[str]]:
    """A line for each run of needs that differ in nothing but their domain; the first carries the request."""
    runs = [*_runs(document["needs"])]
    first = _record_cells(document, COLUMNS["requests"], "date_of_request")
    first["requester_kind"], first["requester"] = requester_cells(document)
    beneficiaries = document.get("beneficiaries", [])
    first["beneficiaries"] = ";".join(_beneficiary(each) for each in beneficiaries)
    documents = {each["state"]: each["consent_document"] for each in beneficiaries if "consent_document" in each}
    first["consent_documents"] = json.dumps(documents, ensure_ascii=False) if documents else ""
    number = 1
    for run in runs:
        cells = first if number == 1 else {"id": document["reference"]}
        cells |= _need_cells(run)
        if len(runs) > 1:
            cells["need_number"] = str(number)
        yield _line("requests", cells)
        number += len(run)


def offer_row(document: Document) -> list[str]:
    """The line of an offer."""
    cells = _record_cells(document, COLUMNS["offers"], "date")
    kind, _, cells["provider"] = document["provider"].partition(":")
    cells["provider_kind"] = kind
    cells["partner_codes"] = ";".join(document.get("partners", []))
    cells["regions_or_states"] = ";".join(
        [
            *(["all"] if document.get("worldwide") else []),
            *(f"region:{code}" for code in document.get("coverage_regions", [])),
            *(f"group:{code}" for code in document.get("coverage_groups", [])),
            *(f"state:{code}" for code in document.get("coverage_states", [])),
        ]
    )
    for fact, (fields, column) in OFFER_FACTS.items():
        given = any(document.get(name) not in (None, False, [UNSPECIFIED]) for name in fields)
        cells[f"{column}_basis"] = document["basis"].get(fact, "stated") if given else ABSENT.get(fact, "not_stated")
    return _line("offers", cells)


def _record_cells(document: Document, columns: dict[str, Column], date_column: str) -> Cells:
    cells = {name: _text(document.get(column.field)) for name, column in columns.items() if column.field}
    sources = document.get("source_urls", [])
    cells["source_url"], cells["source_url_2"] = (*sources[:2], "", "")[:2]
    cells["further_source_urls"] = " ".join(sources[2:])
    precision = document.get("date_precision", "unknown")
    cells[date_column] = document["dated_on"][: DATE_LENGTH[precision]] if "dated_on" in document else ""
    if "date_precision" in columns:
        cells["date_precision"] = precision
    return {name: cell for name, cell in cells.items() if not columns[name].of_need}


def _runs(needs: list[Document]) -> Iterator[list[Document]]:
    """Needs that follow on each other and can share a line."""
    run: list[Document] = []
    for need in needs:
        together = run and _but_domain(need) == _but_domain(run[0]) and need["domain"] not in _domains(run)
        if together and UNSPECIFIED not in (need["domain"], run[0]["domain"]):
            run.append(need)
        else:
            if run:
                yield run
            run = [need]
    yield run


def _but_domain(need: Document) -> Document:
    return {name: value for name, value in need.items() if name != "domain"}


def _domains(run: list[Document]) -> list[str]:
    return [need["domain"] for need in run]


def _need_cells(run: list[Document]) -> Cells:
    need = run[0]
    columns = COLUMNS["requests"]
    cells = {name: _text(need.get(column.field)) for name, column in columns.items() if column.of_need and column.field}
    cells["domains"] = ";".join(_domains(run))
    for fact, (field, column) in NEED_FACTS.items():
        given = need.get(field) not in (None, UNSPECIFIED)
        cells[f"{column}_basis"] = need["basis"].get(fact, "stated") if given else ABSENT.get(fact, "not_stated")
    return cells


def _beneficiary(beneficiary: Document) -> str:
    """``PHL=confirmed/assumed@2015-02-12``, as far as it is said."""
    basis = f"/{beneficiary['consent_basis']}" if "consent_basis" in beneficiary else ""
    day = f"@{beneficiary['consent_on']}" if "consent_on" in beneficiary else ""
    consent = f"{beneficiary.get('consent', '')}{basis}{day}"
    return f"{beneficiary['state']}={consent}" if consent else beneficiary["state"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value)


def _line(kind: str, cells: Cells) -> list[str]:
    return [guarded(cells.get(name, "")) for name in COLUMNS[kind]]
