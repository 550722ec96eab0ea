"""What a cut-off leaves of the record: conditions on legal dates, for every query of a snapshot."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from app.requests.models import Request, RequestKind


def by(column: Any, day: date) -> ColumnElement[bool]:
    """That a legal date is ``day`` or earlier; one that nobody knows counts as early as can be."""
    return or_(column.is_(None), column <= day)


def not_by(column: Any, day: date) -> ColumnElement[bool]:
    """That something with a legal date had not happened by ``day``."""
    return or_(column.is_(None), column > day)


def live(record: Any, day: date) -> ColumnElement[bool]:
    """That the document of a record had been made by ``day``, and the record not been withdrawn."""
    return and_(by(record.dated_on, day), not_by(record.withdrawn_on, day))


def open_request(kind: RequestKind, day: date) -> ColumnElement[bool]:
    """That a request is of ``kind``, live, and not superseded by one that had been made by ``day``."""
    newer = aliased(Request)
    superseded = select(newer.id).where(newer.id == Request.superseded_by_id, by(newer.dated_on, day)).exists()
    return and_(Request.kind == kind, live(Request, day), ~superseded)
