"""What a cut-off leaves of the record, for every query of a snapshot: who looks, up to which day, at what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from app.requests.models import Request, RequestKind
from app.visibility import Viewer, visible

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class View:
    """What a snapshot sees: the record of ``session``, by ``viewer``, up to the last day that the run sees."""

    session: Session
    viewer: Viewer
    day: date

    def rows(self, statement: Select[*tuple[Any, ...]]) -> Sequence[AnyRow]:
        """The rows of ``statement`` that the viewer may see."""
        return self.session.execute(visible(statement, self.viewer)).all()


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


def iso(day: date | None) -> str | None:
    """A day as documents write it."""
    return day.isoformat() if day else None


def unstated(basis: Mapping[str, str], **renamed: str) -> dict[str, str]:
    """The facts of a record that are not stated, some by the engine's name for them."""
    return {renamed.get(fact, fact): rests_on for fact, rests_on in sorted(basis.items()) if rests_on != "stated"}
