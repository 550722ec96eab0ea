"""Writing the record to a file, page by page."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from enum import StrEnum

from sqlalchemy.orm import Session

from app.exports.csv_rows import header, offer_row, request_rows
from app.exports.documents import Document, offer_document, request_document
from app.offers import service as offers
from app.offers.filters import OffersQuery
from app.paging import MAXIMUM
from app.requests import service as requests
from app.requests.filters import GroupSubmissionsQuery, RequestsQuery
from app.visibility import Viewer

#: Everything, in the order of the references, as much at a time as a page holds.
WHOLE_PAGES = {"limit": MAXIMUM}


class Exported(StrEnum):
    """What can be exported; group submissions are among the requests."""

    REQUESTS = "requests"
    GROUP_SUBMISSIONS = "group-submissions"
    OFFERS = "offers"


class Format(StrEnum):
    """CSV in the columns of the import file, or one JSON document a line in the form of the API."""

    CSV = "csv"
    NDJSON = "ndjson"


def export(session: Session, viewer: Viewer, what: Exported, form: Format, write: Callable[[str], object]) -> int:
    """Hand the file to ``write`` piece by piece and return the number of records in it.

    The session's transaction should be REPEATABLE READ, for the whole file to be of one instant.
    """
    documents = _offers(session, viewer) if what is Exported.OFFERS else _requests(session, viewer, what)
    n_records = 0
    if form is Format.CSV:
        write(_csv([header("offers" if what is Exported.OFFERS else "requests")]))
    for document in documents:
        n_records += 1
        if form is Format.NDJSON:
            write(json.dumps(document, ensure_ascii=False) + "\n")
        else:
            write(_csv([offer_row(document)] if what is Exported.OFFERS else request_rows(document)))
    return n_records


def _requests(session: Session, viewer: Viewer, what: Exported) -> Iterator[Document]:
    query: GroupSubmissionsQuery = RequestsQuery.model_validate(WHOLE_PAGES)
    if what is Exported.GROUP_SUBMISSIONS:
        query = GroupSubmissionsQuery.model_validate(WHOLE_PAGES)
    while True:
        records, found = requests.requests(session, viewer, query)
        yield from map(request_document, records)
        if found.cursor is None:
            return
        query = query.model_copy(update={"cursor": found.cursor})


def _offers(session: Session, viewer: Viewer) -> Iterator[Document]:
    query = OffersQuery.model_validate(WHOLE_PAGES)
    while True:
        records, found = offers.offers(session, viewer, query)
        yield from map(offer_document, records)
        if found.cursor is None:
            return
        query = query.model_copy(update={"cursor": found.cursor})


def _csv(rows: Iterator[list[str]] | list[list[str]]) -> str:
    """Rows as RFC 4180 has them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
